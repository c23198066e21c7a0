#!/usr/bin/env bash
# mua_screen.sh - the mua on a real terminal (tmux), against golden screens.
#
#   tests/mua_screen.sh            compares with tests/screens/*.txt
#   UPDATE=1 tests/mua_screen.sh   writes them anew (look at the diff!)
#
# Also: what a hostile message makes the mua write, byte by byte; a resize;
# new mail; a monochrome terminal.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/mua_box.sh"
. "$here/mua_tmux.sh"
tmux_begin mua-screen

# begin SIZE [COMMAND]: a fresh mailbox on a fresh terminal.
begin() {
	terminal_end
	rm -rf Mail && ${box:-make_box} Mail
	terminal "$1" "${2:-$mua -f Mail 2>err}"
	shows ' messages, '
}

for size in 80x24 40x10 200x50; do
	begin $size
	golden list ' 2/8'
	golden help 'Keys of the list' '?'
	golden message '1/8: Alice' q Home Enter
	golden headers '^From alice@campus' q Home h
	golden wide '4/8' q 4 Enter Enter
	golden report '6/8' q 6 Enter Enter
	golden damaged '7/8' q 7 Enter Enter
	golden hostile '8/8' q End Enter
	golden parts 'Parts of' q 2 Enter v j
	golden part 'Part 2: ' Enter
	keys q q d
	golden delete 'Remove 1 message for good' q
	box=make_threads
	begin $size
	golden limited '4 of 6' l subject:exam Enter
	begin $size
	golden threads 'Sorted by thread' o t
	golden collapsed '+3' 4 Enter -
	golden tagged ' 3/6$' - Home t t
	box=
done

# --- a message cannot write to the terminal ---------------------------------
# All that the mua writes while the hostile message is read in every way.
rm -rf Mail && make_box Mail
record "$mua -f Mail"
shows ' messages, '
# step PATTERN KEYS...: one after another, or Esc would make the next key one
# with Alt.
step() {
	keys "${@:2}"
	shows "$1"
}
message='^8/8: Mallory' letter='^A letter, not sent yet'
step "$message" End Enter
for key in h PageDown PageDown h; do
	tread $key
done
step '^Parts of' v
for part in 2 3 4; do
	step "^Part $part: " j Enter
	step '^Parts of' q
done
step '^Save to file' s
step '^Not saved' Escape
step "$message" q
step '^Keys of a message' '?'
step "$message" q
for answer in r g 'f i' 'f a'; do
	step '^Writing' $answer
	step "$letter" C-x
	step '^Keep this letter' q
	step "$message" n
done
step '^Into the address book' A
keys Escape
soon lacks '^Into the address book' || fail "Esc does not leave the prompt"
step ' messages, ' q
keys q
harmless

# --- a new size ---------------------------------------------------------------
begin 80x24
keys 3 Enter Enter
shows '^el cam.*larga que hay que partirla en la$'
t resize-window -x 40 -y 10
shows '^+<maria@telematica.example>$'
keys Space
shows '^el camión llega mañana.  Esta línea es$'
t resize-window -x 120 -y 30
shows '^el cam.*aunque en el mensaje sea una sola,$'

# --- new mail, and reading in a Maildir that somebody else uses ------------
begin 80x24
cp "$here/mua-mail/1-welcome.eml" Mail/tmp/new
mv Mail/tmp/new Mail/new/1795400000.M9P1Q1.desk
shows '9 messages, 6 new'
shows '1 new message'

# --- without colours --------------------------------------------------------
begin 80x24 "env NO_COLOR=1 $mua -f Mail"
keys h
shows 'Content-Type'
t capture-pane -e -p | grep -q $'\e\\[[0-9;]*3[0-7]m' &&
    fail "colours in spite of NO_COLOR"
t capture-pane -e -p | grep -q $'\e\\[[0-9;]*7m' || fail "no bar without colour"
begin 80x24 "env TERM=vt100 $mua -f Mail"
terminal 80x24 "env TERM=nonsense $mua -f Mail 2>err; echo status \$?; cat"
shows 'status 69'
grep -q 'TERM' err || fail "an unknown terminal: $(<err)"

# --- a locale that is none ---------------------------------------------------
begin 80x24 "env -u LANG LC_ALL=C $mua -f Mail"
shows 'María Peña'

# --- it leaves the terminal as it was ---------------------------------------
begin 80x24 "stty -a >before; $mua -f Mail; stty -a >after; echo left; cat"
keys q
shows left
cmp before after || fail "the terminal's modes have changed"

[ $failures = 0 ] && echo "mua_screen: $screens screens as they should be"
exit $((failures > 0))
