#!/usr/bin/env bash
# mua_windows.sh - the windows on a message: raw and meaning, structure, trace,
# envelope; HTML and flowed text.  Without a terminal, and on golden screens.
#
#   tests/mua_windows.sh            compares with tests/screens/win-*.txt
#   UPDATE=1 tests/mua_windows.sh   writes them anew (look at the diff!)
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/mua_box.sh"
command -v tmux >/dev/null || { echo "no tmux"; exit 77; }
mua=${BIN:-$here/../build/bin}/mua
mua=$(readlink -f "$mua") || exit 1
dir=$(mktemp -d "${TMPDIR:-/tmp}/mua-windows.XXXXXX") && cd "$dir" || exit 1
export TMUX_TMPDIR=$dir
server=mua
t() { tmux -L "$server" -f "$dir/tmux.conf" "$@"; }
trap 't kill-server 2>/dev/null; rm -rf "$dir"' EXIT
printf '%s\n' 'set -g status off' 'set -g default-terminal screen-256color' \
    'set -s escape-time 0' 'set -g remain-on-exit off' >tmux.conf
mkdir -p Mail/new Mail/cur Mail/tmp
for file in "$here"/windows-mail/*.eml; do
	n=$(basename "$file")
	cp "$file" "Mail/cur/17953135${n%%-*}0.M1P1Q1.desk:2,S"
done

# prints ARGS -- PATTERN...: each pattern of grep -E is in what show prints.
prints() {
	local args=()
	while [ "$1" != -- ]; do args+=("$1") && shift; done
	shift
	"$mua" -f Mail show "${args[@]}" >out 2>err || fail "${args[*]}: $(<err)"
	for pattern; do
		grep -qE -- "$pattern" out ||
		    fail "${args[*]}: no $pattern in $(<out)"
	done
}

# --- without a terminal ------------------------------------------------------
# Every byte of the message is on a line of the raw view, at its offset.
prints 1 --view=raw -- '^ +0  Return-Path  .*Return-Path: <carol@far.example>$' \
    '= MAIL FROM of the envelope' '= the header ends here'
n=$(grep -c '' "$here/windows-mail/1-way.eml")
[ "$(grep -cE '^ *[0-9]+  ' out)" = "$n" ] || fail "raw has not $n lines"
while read -r offset; do
	# what stands there in the file is what the line shows
	want=$(tail -c +$((offset + 1)) "$here/windows-mail/1-way.eml" |
	    head -n 1 | tr '\t' ' ')
	got=$(grep -E "^ *$offset  " out | cut -c 39-)
	[ "$want" = "$got" ] || fail "raw at $offset: $got, not $want"
done < <(grep -oE '^ *[0-9]+' out | head -n 40 | tr -d ' ')
prints 3 --view=raw -- 'caf<E9>$' 'A bare\^Mreturn, and <E9>\.' \
    'A bare CR' '= .*Camión'
prints 3 --view=structure -- 'A second From' 'no ; ends' 'That day was a Sun' \
    'It should be <something@host>' 'cannot be read' \
    'boundary of 1: --frontier' 'upper and lower case' 'A blank between --' \
    'line 24: The base64 is damaged' '1000 octets; 998 are allowed' \
    'application/octet-stream, base64, "bytes.bin"'
prints 1 --view=structure -- '1 part, 0 oddities$'
# Sizes and offsets fit: the nodes follow each other up to the last byte.
for m in 1 2 3 4; do
	file=$(ls "$here"/windows-mail/$m-*.eml)
	prints $m --view=structure -- "^$(stat -c %s "$file") bytes, "
	awk -v size="$(stat -c %s "$file")" '/^ *[0-9]+ +[0-9]+  / {
		if ($1 != at) exit 1; at = $1 + $2 } END { exit at != size }' \
	    out || fail "structure $m: a gap"
done
prints 1 --view=trace -- '6 hops, 14 s in all' '^1\? +desk +203.0.113.77' \
    '^3 .*2001:db8::331 +esmtps +1\.3 +-5 s +1rsJwY' 'may be forged' \
    'came 5 s before it left' 'has no name in DNS' 'others have written' \
    'mail.campus.example \(Postlab\)' 'Delivered-To: bob@campus.example'
prints 2 --view=trace -- 'mail.campus.example, our own side:' \
    'spf fail, smtp.mailfrom=whitehouse.gov \(192.0.2.66 is not permitted\)' \
    'which anybody may have written'
prints 2 --view=envelope -- 'sender may be forged' \
    '^≠ MAIL FROM:<clinton@whitehouse.gov>.*<bill@far.example>' \
    '^≠ RCPT TO:<staff@campus.example>.*students: u1' 'index has no envelope' \
    'spf fail: the domain of MAIL FROM says' 'delivered to bob@campus.example' \
    'answer goes to money@evil.example' 'looks like an address'
prints 1 --view=envelope -- '^  MAIL FROM:<carol@far.example> +From: Carol' \
    'same sender and the same recipient' 'has not checked the sender'
prints 2 -- '^\[-- The sender may be forged' '^https|bank.example/\[1!\]' \
    '^\* your name$' '^> A word' 'evil.example/login  \(not where'
grep -qE 'color: red|hidden words|track.example' out && fail "HTML: $(<out)"
prints 2 --full-headers -- '^From clinton@whitehouse.gov '
grep -q 'may be forged' out && fail "full headers are not as stored"
prints 1 -- '^together again wherever it is read, on' '^> keeps its mark in'
"$mua" -f Mail show 1 --view=nonsense >out 2>err
[ $? = 64 ] && grep -q 'a view is raw' err || fail "nonsense: $(<err)"
"$mua" -f Mail show 1 --view=raw --raw >out 2>err
[ $? = 64 ] && grep -q 'exclude each other' err || fail "two forms: $(<err)"

# Nothing of a message controls a terminal, in any view.
for view in raw structure trace envelope; do
	"$mua" -f Mail show 4 --view=$view
done >safe
"$mua" -f Mail show 4 >>safe
LC_ALL=C grep -q '[^[:print:][:space:]'$'\x80-\xff'']' safe &&
    fail "control characters in a view"
LC_ALL=C grep -q $'\xc2[\x80-\x9f]\|\xe2\x80[\xaa-\xae]' safe &&
    fail "C1 or bidi characters in a view"
[ "$(grep -c 31337m safe)" -gt 60 ] || fail "the attacks were not shown"

# --- on the screen ------------------------------------------------------------
screen() { t capture-pane -p; }

# shows PATTERN: waits until the screen matches the pattern of grep.
shows() {
	for _ in $(seq 100); do
		screen 2>/dev/null | grep -q -- "$1" && return 0
		sleep 0.05
	done
	fail "the screen does not show $1:"
	screen
	return 1
}

# golden NAME PATTERN KEYS...: types, and compares with win-NAME-SIZE.txt.
golden() {
	local file=$here/screens/win-$1-$size.txt pattern=$2
	shift 2
	t send-keys "$@"
	shows "$pattern" || return
	if [ -n "${UPDATE:-}" ]; then
		sleep 0.4
		screen >"$file"
	fi
	for _ in $(seq 20); do
		screen | cmp -s "$file" - && break
		sleep 0.05
	done
	screen | diff "$file" - || fail "${file##*/} (< golden, > now)"
	screens=$((screens + 1))
}

screens=0
for size in 80x24 40x10 200x50; do
	t kill-server 2>/dev/null
	server=$size
	t new-session -d -x ${size%x*} -y ${size#*x} "$mua -f Mail 2>err"
	shows ' 4 messages'
	golden flowed '1/4: Carol' 1 Enter Enter
	golden trace 'Trace: ' T
	golden trace-end '(end)\|(all)' G
	golden html '2/4: ' q j
	golden envelope 'Envelope: ' e
	t send-keys q && shows '2/4: ' && t send-keys j && shows '3/4: '
	golden raw 'Raw: ' R
	golden raw-odd '19/25' o o o o o o o o o
	golden raw-panes '19/25' Tab
	golden structure 'Structure: ' S
done

# A recording of every byte written while the hostile message is looked at.
t kill-server 2>/dev/null
server=hostile
t new-session -d -x 80 -y 24 \
    "timeout --foreground 60 script -qefc '$mua -f Mail' raw"
shows ' 4 messages'
for keys in 'End Enter' R Tab Tab 'o o o' S G T G e G q v j Enter q q; do
	t send-keys $keys
	sleep 0.15
done
t send-keys q q
for _ in $(seq 50); do
	t has-session 2>/dev/null || break
	sleep 0.1
done
python3 - <<'PY' || fail "a message has written to the terminal"
import re, sys
data = open('raw', 'rb').read()
data = data.split(b'\n', 1)[1].rsplit(b'\nScript done', 1)[0]
if data.count(b'31337m') < 10:
    sys.exit('the hostile message was not shown')
for number in re.findall(rb'\x1b\[[?>]?([0-9;]*)', data):
    if b'31337' in number:
        sys.exit('an escape sequence of the message got through')
known = rb'\x1b\[[?>]?[0-9;]*[A-Za-z]|\x1b[()][0AB]|\x1b[=>M78]|\x1bg'
text = re.sub(known, b'', data).decode('utf-8')
bad = {c for c in text if ord(c) < 32 and c not in '\r\n\b\t\x0e\x0f'
       or 0x7f <= ord(c) < 0xa0 or 0x202a <= ord(c) <= 0x202e}
if bad:
    sys.exit('control characters: %r' % bad)
PY

[ $failures = 0 ] && echo "mua_windows: $screens screens as they should be"
exit $((failures > 0))
