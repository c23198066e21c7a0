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
command -v tmux >/dev/null || { echo "no tmux"; exit 77; }
mua=${BIN:-$here/../build/bin}/mua
mua=$(readlink -f "$mua") || exit 1
dir=$(mktemp -d "${TMPDIR:-/tmp}/mua-screen.XXXXXX") && cd "$dir" || exit 1
export TMUX_TMPDIR=$dir
unset VISUAL EDITOR EMAIL
t() { tmux -L mua -f "$dir/tmux.conf" "$@"; }
trap 't kill-server 2>/dev/null; rm -rf "$dir"' EXIT
cat >tmux.conf <<'C'
set -g status off
set -g default-terminal screen-256color
set -s escape-time 0
set -g remain-on-exit off
C

# begin WIDTH HEIGHT [COMMAND]: a fresh mailbox on a fresh terminal.
begin() {
	t kill-server 2>/dev/null
	rm -rf Mail && ${box:-make_box} Mail
	# The old server may still be on its way out.
	for _ in $(seq 20); do
		t new-session -d -x "$1" -y "$2" "${3:-$mua -f Mail 2>err}" \
		    2>/dev/null && return
		sleep 0.2
	done
	fail "tmux does not start"
}

screen() { t capture-pane -p; }

# shows PATTERN: waits until the screen matches the pattern of grep.
shows() {
	for _ in $(seq 100); do
		screen 2>/dev/null | grep -q -- "$1" && return 0
		sleep 0.1
	done
	fail "the screen does not show $1:"
	screen
	return 1
}

# golden NAME WIDTH HEIGHT PATTERN KEYS...: what is on the screen after KEYS.
golden() {
	local file=$here/screens/$1-$2x$3.txt pattern=$4
	begin "$2" "$3"
	shows ' messages, ' || return
	shift 4
	[ $# -gt 0 ] && t send-keys "$@"
	shows "$pattern" || return
	if [ -n "${UPDATE:-}" ]; then
		sleep 0.5
		screen >"$file"
	fi
	# A busy machine may still be drawing.
	for _ in $(seq 20); do
		screen | cmp -s "$file" - && break
		sleep 0.1
	done
	screen | diff "$file" - || fail "${file##*/} (< golden, > now)"
	screens=$((screens + 1))
}

screens=0
for size in '80 24' '40 10' '200 50'; do
	golden list $size ' 2/8'
	golden help $size 'Keys of the list' '?'
	box=make_threads
	golden threads $size 'Sorted by thread' o t
	golden collapsed $size '+3' o t 4 Enter -
	golden limited $size '4 of 6' l subject:exam Enter
	golden tagged $size ' 3/6$' o t Home t t
	box=
	golden message $size '1/8: Alice' Home Enter
	golden headers $size '^From alice@campus' Home h
	golden wide $size '4/8' 4 Enter Enter
	golden report $size '6/8' 6 Enter Enter
	golden damaged $size '7/8' 7 Enter Enter
	golden hostile $size '8/8' End Enter
	golden parts $size 'Parts of' v j
done

# --- a message cannot write to the terminal ---------------------------------
# A recording of every byte the mua writes while the hostile message is read
# in every way: only what curses itself sends for this terminal may be in it.
begin 80 24 "timeout --foreground 90 script -qefc '$mua -f Mail' raw"
shows ' messages, '
for keys in 'End Enter' h PageDown PageDown h v j Enter q j Enter q End \
    Enter q s Escape q '?' q r C-x 'q n' g C-x 'q n' 'f i' C-x 'q n' 'f a' \
    C-x 'q n' A Escape; do # ends in the pager
	t send-keys $keys
	sleep 0.3
done
t send-keys q
sleep 0.3
t send-keys q
for _ in $(seq 50); do
	t has-session 2>/dev/null || break
	sleep 0.1
done
t has-session 2>/dev/null && fail "q does not leave"
python3 - <<'PY' || fail "a message has written to the terminal"
import re, sys
data = open('raw', 'rb').read()
# script(1) writes a line of its own first and last.
data = data.split(b'\n', 1)[1].rsplit(b'\nScript done', 1)[0]
if data.count(b'31337m') < 10:
    sys.exit('the hostile message was not shown')
# What terminfo's screen-256color lets curses send: CSI with digits, charset
# selection, keypad modes, reverse index.  No OSC, DCS, APC, no BEL.
known = rb'\x1b\[[?>]?[0-9;]*[A-Za-z]|\x1b[()][0AB]|\x1b[=>M78]|\x1bg'
for number in re.findall(rb'\x1b\[[?>]?([0-9;]*)', data):
    if b'31337' in number:
        sys.exit('an escape sequence of the message got through')
if b'\x1b[2J\x1b[31' in data:
    sys.exit('the message has cleared the screen')
rest = re.sub(known, b'', data)
text = rest.decode('utf-8')  # or it is no UTF-8 at all
bad = {c for c in text if ord(c) < 32 and c not in '\r\n\b\t\x0e\x0f'
       or 0x7f <= ord(c) < 0xa0 or 0x202a <= ord(c) <= 0x202e
       or 0x2066 <= ord(c) <= 0x2069}
if bad:
    sys.exit('control characters: %r' % bad)
PY

# --- a new size ---------------------------------------------------------------
begin 80 24
shows ' messages, '
t send-keys 3 Enter Enter
shows '^el cam.*larga que hay que partirla en la$'
t resize-window -x 40 -y 10
shows '^+<maria@telematica.example>$'
t send-keys Space
shows '^el camión llega mañana.  Esta línea es$'
t resize-window -x 120 -y 30
shows '^el cam.*aunque en el mensaje sea una sola,$'

# --- new mail, and reading in a Maildir that somebody else uses ------------
begin 80 24
shows ' messages, '
cp "$here/mua-mail/1-welcome.eml" Mail/new/1795400000.M9P1Q1.desk
shows '9 messages, 6 new'
shows '1 new message'

# --- without colours --------------------------------------------------------
begin 80 24 "env NO_COLOR=1 $mua -f Mail"
shows ' messages, '
t send-keys h
shows 'Content-Type'
t capture-pane -e -p | grep -q $'\e\\[[0-9;]*3[0-7]m' &&
    fail "colours in spite of NO_COLOR"
t capture-pane -e -p | grep -q $'\e\\[[0-9;]*7m' || fail "no bar without colour"
begin 80 24 "env TERM=vt100 $mua -f Mail"
shows ' messages, '
begin 80 24 "env TERM=nonsense $mua -f Mail 2>err; echo status \$?; sleep 9"
shows 'status 69'
grep -q 'TERM' err || fail "an unknown terminal: $(<err)"

# --- a locale that is none ---------------------------------------------------
begin 80 24 "env -u LANG LC_ALL=C $mua -f Mail"
shows 'María Peña'

# --- it leaves the terminal as it was ---------------------------------------
begin 80 24 "stty -a >before; $mua -f Mail; stty -a >after; echo left; sleep 9"
shows ' messages, '
t send-keys q
shows left
cmp before after || fail "the terminal's modes have changed"

[ $failures = 0 ] && echo "mua_screen: $screens screens as they should be"
exit $((failures > 0))
