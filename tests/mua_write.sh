#!/usr/bin/env bash
# mua_write.sh - writing on a real terminal (tmux), against golden screens: the
# editor, the letter before it is sent, the outbox; and what has left.
#
#   UPDATE=1 tests/mua_write.sh    writes the screens anew (look at the diff!)
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/mua_box.sh"
. "$here/mua_tmux.sh"
tmux_begin mua-write
export HOME=$dir
t set-environment -g HOME "$HOME"
unset XDG_CONFIG_HOME POSTLAB_DIR
mkdir peer
python3 "$here/mua_peer.py" peer 8BITMIME PIPELINING DSN &
peer=$!
has_port() { [ -s peer/port ]; }
soon has_port
mkdir -p .config/postlab
cat >.config/postlab/mua.conf <<C
[account campus]
full_name = Bob Builder
address = bob@campus.example
smtp_host = 127.0.0.1
smtp_port = $(<peer/port)
smtp_tls = off
smtp_auth = NONE
maildir = $dir/Mail
signature_file = $dir/signature
C
chmod 600 .config/postlab/mua.conf
echo 'Bob Builder, campus.example' >signature
cp "$here/mua-mail/1-welcome.eml" notes.txt

begin() { # SIZE [COMMAND]: a fresh mailbox on a fresh terminal
	terminal_end
	rm -rf Mail && make_box Mail
	terminal "$1" "${2:-exec $mua 2>err}"
	shows '/8'
	keys Home
}

newest() { ls -t peer/*.eml | head -n 1; }

for size in 80x24 40x10 200x50; do
	rm -f peer/*.eml
	begin $size
	golden write-editor 'line 1 of' r
	keys 'Grüße, 日本語' Enter
	golden write-letter 'notes.txt' C-x a 'notes.txt' Enter
	golden write-help 'Keys of a letter' '?'
	keys q y
	shows '^Sent *$'
	grep -q '^Subject: Re: Welcome to the course$' "$(newest)" ||
	    fail "$size: the reply has not left"
	grep -q '^In-Reply-To: <' "$(newest)" || fail "$size: no In-Reply-To"
	ls Mail/cur | grep -q '^1795317197.*:2,RS$' ||
	    fail "$size: not marked as replied to"
	keys m '450@x.example' Enter 'refused for now' Enter C-x y
	shows 'Not sent, kept in the outbox'
	golden write-outbox '^The outbox' Q
	keys q
done

# --- the person's own editor gets the terminal, and gives it back -------------
cat >editor <<'S'
#!/bin/sh
stty -a >modes-within
printf 'an editor is here '
read -r answer
echo "$answer" >"$1"
S
chmod +x editor
begin 80x24 "stty -a >modes; env EDITOR='$dir/editor' $mua"
keys r
shows 'an editor is here'
cmp modes modes-within || fail "the editor has not got the terminal as it was"
keys 'written with it' Enter
shows 'the text: 1 line'
keys y
shows '^Sent *$'
grep -qx 'written with it' "$(newest)" || fail "the editor's text has not left"

# --- Tab completes from the address book, A fills it ---------------------------
grep -q '^Alice Example <alice@campus.example>$' .config/postlab/contacts ||
    fail "the address book: $(<.config/postlab/contacts)"
keys A
shows 'Into the address book: '
keys C-u 'Zoe <zoe@far.example>' Enter
shows 'In the address book: Zoe'
keys m zo Tab
shows '^To: Zoe <zoe@far.example>'
keys Escape

# --- a pasted text is one line in a field, and lines in the editor ---------------
begin 80x24
keys m
shows '^To:'
t set-buffer $'evil@x.example\nBcc: v@x.example\r\ny\x03'
t paste-buffer -p
shows '^To: evil@x.example Bcc: v@x.example'
keys C-u
keys -l $'\e[200~a@x.example'  # and its end is lost
shows '^To: a@x.example'
sleep 1
keys Enter 'pasted' Enter
shows 'line 1 of 3'
t set-buffer $'one\ntwo\x18\x03three'
t paste-buffer -p
shows 'twothree'
shows 'line 2 of 4'
# Nor is a key with Ctrl text, where the terminal's description lacks it.
keys -l $'\e[1;5Hat home, '
shows '^at home, twothree'
keys C-x q n

# --- a terminal that was small for a while hides no row for ever ------------------
begin 80x24
keys m carol@x.example Enter small Enter one Enter two Enter three
shows '^three'
t resize-window -x 20 -y 5
has_no_one() { ! has '^one'; }
soon has_no_one || fail "five rows are too many for three"
t resize-window -x 60 -y 12
shows '^one'
shows '^three'
keys C-x q n

# --- what waits is sent at the next start, after a question --------------------
begin 80x24
keys m '450@x.example' Enter later Enter C-x y
shows 'kept in the outbox'
keys q
sed -i 's/450@x.example.*/open@x.example/' Mail/.Outbox/new/*
terminal 80x24 "$mua"
shows '1 letter of campus waits to be sent: now?'
keys y
shows '^Sent *$'
grep -q 'RCPT TO:<open@x.example>' "$(newest)" || fail "it was not sent"

is_draft() { grep -qs -- "$1" Mail/.Drafts/*/*; }

# --- the window is closed, or the session ends ---------------------------------
for signal in HUP TERM; do
	begin 80x24
	keys m bob@x.example Enter $signal Enter 'half a letter'
	shows '^half a letter'
	kill -$signal "$(t list-panes -F '#{pane_pid}')"
	soon is_draft "^Subject: $signal" && is_draft '^half a letter' ||
	    fail "$signal: no draft"
done
begin 80x24

# --- one answer to all that are tagged, and all of them passed on ----------------
begin 80x24
rm -f peer/*.eml
keys t t '\;'
shows 'Which key, for 2 tagged'
keys r
shows '^> this is the first message of the course'
keys C-x y
shows '^Sent *$'
for word in '^Subject: Re: Welcome to the course$' '^> this is the first' \
    '^> The picture is attached.$'; do
	grep -q -- "$word" "$(newest)" || fail "a reply to two: no $word"
done
is_marked() { [ "$(ls Mail/cur | grep -c "^$1.*:2,RS")" = 1 ]; }
soon is_marked 1795317197 && soon is_marked 1795320797 || fail "both have no mark"
keys '\;' f a C-x t carol@x.example Enter
shows 'To: carol@x.example' # "Sent" of the one before is gone
keys y
shows '^Sent *$'
[ "$(grep -c '^Content-Type: message/rfc822' "$(newest)")" = 2 ] ||
    fail "two were not forwarded"
keys '\;' b carol@x.example Enter
shows 'Send 2 messages to carol@x.example?'
keys y
shows '2 letters sent'
[ "$(grep -l '^Resent-To: carol@x.example$' peer/*.eml | wc -l)" = 2 ] ||
    fail "two were not sent on"

# --- the mua is killed while a letter is written ------------------------------------
is_kept() { grep -qs -- "$1" Mail/.Drafts/mua-unfinished-*; }
is_unkept() { [ -z "$(ls Mail/.Drafts | grep unfinished)" ]; }
for size in 80x24 40x10 200x50; do
	begin $size
	keys m carol@x.example Enter 'cut off' Enter 'the first half'
	soon is_kept '^the first half' || fail "$size: nothing is kept while one writes"
	kill -9 "$(t list-panes -F '#{pane_pid}')"
	terminal $size "exec $mua -f Mail 2>err"
	golden unfinished 'unfinished letter, go on'
	keys n
	shows 'kept as a draft'
	golden drafts '^Drafts ' R
	is_unkept || fail "$size: it will be offered again"
	keys Enter
	shows 'Subject: cut off'
	keys e
	shows '^the first half'
	keys End ', and the second' C-x y
	shows '^Sent *$'
	grep -q '^the first half, and the second$' "$(newest)" ||
	    fail "$size: what was kept has not left"
	is_unkept || fail "$size: it is kept for ever"
done

# --- an answer whose mua is killed twice: one draft, and the mark in the end --------
begin 80x24
keys r 'the first thought'
for word in first second; do
	soon is_kept "^the $word thought" || fail "$word: nothing is kept"
	kill -9 "$(t list-panes -F '#{pane_pid}')"
	terminal 80x24 "exec $mua -f Mail 2>err"
	shows 'unfinished letter, go on'
	[ "$(ls Mail/.Drafts/new Mail/.Drafts/cur | grep -c S=)" = 1 ] ||
	    fail "$word: $(ls Mail/.Drafts/*)"
	keys y
	shows 'Subject: Re: Welcome'
	[ $word = second ] || keys e Enter 'the second thought'
done
ls Mail/cur Mail/new | grep -q '^1795317197.*:2,.*R' &&
    fail "marked before it was sent"
rm -f peer/*.eml
keys y
shows '^Sent *$'
grep -q '^the second thought' "$(newest)" || fail "not the last words"
soon is_marked 1795317197 || fail "the answer from Drafts left no mark"
[ -z "$(ls Mail/.Drafts/new Mail/.Drafts/cur | grep S=)" ] ||
    fail "a draft is left: $(ls Mail/.Drafts/*)"

# --- a letter sent on, and the report that was asked for -----------------------
keys Home b
shows 'Send this message on'
keys 'carol@x.example' Enter
shows 'Send it to carol@x.example?'
keys y
shows '^Sent *$'
grep -q '^Resent-To: carol@x.example$' "$(newest)" || fail "no Resent-To"
grep -q '^From: Alice' "$(newest)" || fail "resent: From has changed"

[ $failures = 0 ] && echo "mua_write: $screens screens as they should be"
exit $((failures > 0))
