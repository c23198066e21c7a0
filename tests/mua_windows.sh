#!/usr/bin/env bash
# mua_windows.sh - the windows on a message: raw and meaning, structure, trace,
# envelope; HTML and flowed text.  Without a terminal, and on golden screens.
#
#   tests/mua_windows.sh            compares with tests/screens/win-*.txt
#   UPDATE=1 tests/mua_windows.sh   writes them anew (look at the diff!)
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/mua_box.sh"
. "$here/mua_tmux.sh"
tmux_begin mua-windows
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
for size in 80x24 40x10 200x50; do
	terminal $size "$mua -f Mail 2>err"
	shows ' 4 messages'
	golden win-flowed '1/4: Carol' 1 Enter Enter
	golden win-trace 'Trace: ' T
	golden win-trace-end '(end)\|(all)' G
	golden win-html '2/4: ' q j
	golden win-envelope 'Envelope: ' e
	keys q
	shows '2/4: '
	keys j
	shows '3/4: '
	golden win-raw 'Raw: ' R
	golden win-raw-odd '19/25' o o o o o o o o o
	golden win-raw-panes '19/25' Tab
	golden win-structure 'Structure: ' S
done

# All that is written while the hostile message is looked at.
record "$mua -f Mail"
shows ' 4 messages'
for group in 'End Enter' R Tab Tab 'o o o' S G T G e G q v j Enter q q q; do
	tread $group
done
keys q
harmless

[ $failures = 0 ] && echo "mua_windows: $screens screens as they should be"
exit $((failures > 0))
