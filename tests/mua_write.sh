#!/usr/bin/env bash
# mua_write.sh - writing on a real terminal (tmux), against golden screens: the
# editor, the letter before it is sent, the outbox; and what has left.
#
#   UPDATE=1 tests/mua_write.sh    writes the screens anew (look at the diff!)
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/mua_box.sh"
command -v tmux >/dev/null || { echo "no tmux"; exit 77; }
mua=${BIN:-$here/../build/bin}/mua
mua=$(readlink -f "$mua") || exit 1
dir=$(mktemp -d "${TMPDIR:-/tmp}/mua-write.XXXXXX") && cd "$dir" || exit 1
export TMUX_TMPDIR=$dir HOME=$dir
unset XDG_CONFIG_HOME POSTLAB_DIR VISUAL EDITOR EMAIL
peer=
t() { tmux -L mua -f "$dir/tmux.conf" "$@"; }
trap 't kill-server 2>/dev/null; [ -n "$peer" ] && kill $peer; rm -rf "$dir"' \
    EXIT
cat >tmux.conf <<'C'
set -g status off
set -g default-terminal screen-256color
set -s escape-time 0
C
mkdir peer
python3 "$here/mua_peer.py" peer 8BITMIME PIPELINING DSN &
peer=$!
for _ in $(seq 100); do [ -e peer/port ] && break; sleep 0.1; done
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

begin() { # WIDTH HEIGHT: a fresh mailbox on a fresh terminal
	t kill-server 2>/dev/null
	rm -rf Mail && make_box Mail
	t new-session -d -x "$1" -y "$2" "${3:-$mua 2>err}"
	shows '/8'
	t send-keys Home
}

screen() { t capture-pane -p; }

shows() { # PATTERN
	for _ in $(seq 100); do
		screen 2>/dev/null | grep -q -- "$1" && return 0
		sleep 0.1
	done
	fail "the screen does not show $1:"
	screen
	return 1
}

golden() { # NAME WIDTH HEIGHT PATTERN KEYS...
	local file=$here/screens/$1-$2x$3.txt pattern=$4
	shift 4
	t send-keys "$@"
	shows "$pattern" || return
	if [ -n "${UPDATE:-}" ]; then
		sleep 0.5
		screen >"$file"
	fi
	for _ in $(seq 20); do
		screen | cmp -s "$file" - && break
		sleep 0.1
	done
	screen | diff "$file" - || fail "${file##*/} (< golden, > now)"
	screens=$((screens + 1))
}

newest() { ls -t peer/*.eml | head -n 1; }

screens=0
for size in '80 24' '40 10' '200 50'; do
	rm -f peer/*.eml
	begin $size
	golden write-editor $size 'line 1 of' r
	t send-keys 'Grüße, 日本語' Enter
	golden write-letter $size 'notes.txt' C-x a 'notes.txt' Enter
	golden write-help $size 'Keys of a letter' '?'
	t send-keys q y
	shows '^Sent *$'
	grep -q '^Subject: Re: Welcome to the course$' "$(newest)" ||
	    fail "$size: the reply has not left"
	grep -q '^In-Reply-To: <' "$(newest)" || fail "$size: no In-Reply-To"
	ls Mail/cur | grep -q '^1795317197.*:2,RS$' ||
	    fail "$size: not marked as replied to"
	t send-keys m '450@x.example' Enter 'refused for now' Enter C-x y
	shows 'Not sent, kept in the outbox'
	golden write-outbox $size '^The outbox' Q
	t send-keys q
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
begin 80 24 "stty -a >modes; env EDITOR='$dir/editor' $mua"
t send-keys r
shows 'an editor is here'
cmp modes modes-within || fail "the editor has not got the terminal as it was"
t send-keys 'written with it' Enter
shows 'the text: 1 line'
t send-keys y
shows '^Sent *$'
grep -qx 'written with it' "$(newest)" || fail "the editor's text has not left"

# --- Tab completes from the address book, A fills it ---------------------------
grep -q '^Alice Example <alice@campus.example>$' .config/postlab/contacts ||
    fail "the address book: $(<.config/postlab/contacts)"
t send-keys A
shows 'Into the address book: '
t send-keys C-u 'Zoe <zoe@far.example>' Enter
shows 'In the address book: Zoe'
t send-keys m zo Tab
shows '^To: Zoe <zoe@far.example>'
t send-keys Escape

# --- a pasted text is one line in a field, and lines in the editor ---------------
begin 80 24
t send-keys m
shows '^To:'
t set-buffer $'evil@x.example\nBcc: v@x.example\r\ny\x03'
t paste-buffer -p
shows '^To: evil@x.example Bcc: v@x.example'
t send-keys C-u
t send-keys -l $'\e[200~a@x.example'  # and its end is lost
sleep 1
t send-keys Enter 'pasted' Enter
shows 'line 1 of 3'
t set-buffer $'one\ntwo\x18\x03three'
t paste-buffer -p
shows 'twothree'
shows 'line 2 of 4'
t send-keys C-x q n

# --- what waits is sent at the next start, after a question --------------------
begin 80 24
t send-keys m '450@x.example' Enter later Enter C-x y
shows 'kept in the outbox'
t send-keys q
sed -i 's/450@x.example.*/open@x.example/' Mail/.Outbox/new/*
t kill-server 2>/dev/null
t new-session -d -x 80 -y 24 "$mua"
shows '1 letter of campus waits to be sent: now?'
t send-keys y
shows '^Sent *$'
grep -q 'RCPT TO:<open@x.example>' "$(newest)" || fail "it was not sent"

# --- the window is closed, or the session ends ---------------------------------
for signal in HUP TERM; do
	begin 80 24
	t send-keys m bob@x.example Enter $signal Enter 'half a letter'
	shows '^half a letter'
	kill -$signal "$(t list-panes -F '#{pane_pid}')"
	for _ in $(seq 50); do
		grep -qs "^Subject: $signal" Mail/.Drafts/*/* && break
		sleep 0.1
	done
	grep -q '^half a letter' Mail/.Drafts/*/* || fail "$signal: no draft"
done
begin 80 24

# --- a letter sent on, and the report that was asked for -----------------------
t send-keys Home b
shows 'Send this message on'
t send-keys 'carol@x.example' Enter
shows 'Send it to carol@x.example?'
t send-keys y
shows '^Sent *$'
grep -q '^Resent-To: carol@x.example$' "$(newest)" || fail "no Resent-To"
grep -q '^From: Alice' "$(newest)" || fail "resent: From has changed"

[ $failures = 0 ] && echo "mua_write: $screens screens as they should be"
exit $((failures > 0))
