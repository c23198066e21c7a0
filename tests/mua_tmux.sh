# mua_tmux.sh - sourced by the mua's tests on a terminal: one tmux with a
# session that comes and goes, and golden screens in tests/screens.
#
# Nothing here sleeps for a screen: it is waited for, for at most half a minute,
# which is for a machine that has much else to do.
#
# Who sources it may set: peer, a process to be ended; screen(), which may
# replace what differs from day to day.

# tmux_begin NAME: a folder of its own, which is then the current one, as $dir,
# and $mua.  Skips the test where there is no tmux.
tmux_begin() {
	command -v tmux >/dev/null || { echo "no tmux"; exit 77; }
	mua=$(readlink -f "${BIN:-$here/../build/bin}/mua") || exit 1
	dir=$(mktemp -d "${TMPDIR:-/tmp}/$1.XXXXXX") && cd "$dir" || exit 1
	trap 'tmux_end; rm -rf "$dir"' EXIT
	tmux_start "$dir"
}

# tmux_start FOLDER: the server, whose files are there.
tmux_start() {
	export TMUX_TMPDIR=$1
	unset VISUAL EDITOR EMAIL TMUX
	cat >"$1/tmux.conf" <<-'C'
	set -g status off
	set -g default-terminal screen-256color
	set -s escape-time 0
	set -s exit-empty off
	set -g remain-on-exit off
	C
	tmux_conf=$1/tmux.conf
	t start-server
}

tmux_end() {
	t kill-server 2>/dev/null
	[ -z "$peer" ] || kill $peer 2>/dev/null
}

peer=
t() { tmux -L mua -f "$tmux_conf" "$@"; }
keys() { t send-keys "$@"; }
screen() { t capture-pane -p; }

# soon COMMAND...: tries it until it is true; false after half a minute, or
# sooner where the test has failed already.
soon() {
	local end=$((SECONDS + (${failures:-0} > 0 ? 8 : 30)))
	until "$@" 2>/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.03
	done
}

# is_over PID: also when tmux has not noticed yet.
is_over() { ! grep -qs '^[0-9]* (.*) [^Z]' "/proc/$1/stat"; }

# terminal_end: the program in it is gone, too, before anything else begins.
terminal_end() {
	local before
	before=$(t display-message -p '#{pane_pid}' 2>/dev/null)
	t kill-session 2>/dev/null
	[ -z "$before" ] || soon is_over "$before" || fail "it does not end"
}

# terminal SIZE COMMAND: a new terminal, of 80x24 or so.
terminal() {
	terminal_end
	t new-session -d -x "${1%x*}" -y "${1#*x}" "$2"
}

has() { screen | grep -q -- "$1"; }
lacks() { ! has "$1"; }

# shows PATTERN: waits until the screen matches the pattern of grep.
shows() {
	soon has "$1" && return
	fail "the screen does not show $1:" "$(screen)"
	return 1
}

is_on_screen() { screen | cmp -s "$1" -; }

# golden NAME PATTERN KEYS...: what is on the screen after KEYS is what
# screens/NAME-$size.txt has; with UPDATE=1 it is written there.
golden() {
	local file=$here/screens/$1-$size.txt pattern=$2 last=
	shift 2
	[ $# = 0 ] || keys "$@"
	if [ -n "${UPDATE:-}" ]; then
		shows "$pattern" || return
		until sleep 0.4; [ "$last" = "$(screen)" ]; do
			last=$(screen)
		done
		screen >"$file"
	fi
	if ! grep -q -- "$pattern" "$file"; then
		fail "${file##*/} has no $pattern"
		return 1
	fi
	soon is_on_screen "$file" ||
	    fail "${file##*/} (< golden, > now)" "$(screen | diff "$file" -)"
	screens=$((screens + 1))
}
screens=0

# --- what a message makes the mua write, byte by byte -------------------------

# record COMMAND: in a terminal of 80x24, with all that it writes in raw.
record() { terminal 80x24 "timeout --foreground 120 script -qefc '$1' raw"; }

raw_size() { stat -c %s raw; }
has_grown() { [ "$(raw_size)" -gt "$1" ]; }

# tread KEYS: types them, and waits until something was drawn for them.
tread() {
	local before
	before=$(raw_size)
	keys "$@"
	soon has_grown "$before" || fail "nothing is drawn for $*"
}

is_left() { ! t has-session; }

# harmless: once the command has ended only what curses itself sends for this
# terminal is in raw, whatever the message has tried.
harmless() {
	soon is_left || fail "q does not leave"
	python3 - <<-'PY' || fail "a message has written to the terminal"
	import re, sys
	data = open('raw', 'rb').read()
	# script(1) writes a line of its own first and last.
	data = data.split(b'\n', 1)[1].rsplit(b'\nScript done', 1)[0]
	if data.count(b'31337m') < 10:
	    sys.exit('the hostile message was not shown')
	# What terminfo's screen-256color lets curses send: CSI with digits,
	# charset selection, keypad modes, reverse index.  No OSC, DCS, APC, no BEL.
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
}
