#!/usr/bin/env bash
# mua_batch.sh - mua list and show, as a script uses them.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/mua_box.sh"
mua=${BIN:-$here/../build/bin}/mua
mua=$(readlink -f "$mua") || exit 1
dir=$(mktemp -d "${TMPDIR:-/tmp}/mua-batch.XXXXXX") && cd "$dir" || exit 1
trap 'rm -rf "$dir"' EXIT
make_box box
mkdir -p empty/new empty/cur empty/tmp plain
unset MAIL

# says STATUS OUT ERR ARGS...: runs mua; OUT and ERR are patterns of bash.
says() {
	local status=$1 out=$2 err=$3 got
	shift 3
	"$mua" "$@" >out 2>err </dev/null
	got=$?
	[ $got = "$status" ] || fail "mua $*: status $got, not $status"
	[[ $(<out) == $out ]] || fail "mua $*: printed $(head -c 300 out)"
	[[ $(<err) == $err ]] || fail "mua $*: complained $(head -c 300 err)"
}

# --- exit statuses, and what is said -------------------------------------
says 66 '' '*cannot open /nothing: No such file*' -f /nothing list
says 66 '' '*plain is not a Maildir: it has no folder new/*' -f plain list
says 64 '' 'mua: *usage: mua *' --nonsense
says 64 '' 'mua: *usage: mua *' -f
from='From a@b.example Sun Nov 22 04:13:17 2026'
printf '%s\nSubject: one\n\nhi\n\n%s\nSubject: two\n\n' "$from" "$from" >mbox
says 66 '' '*mbox is an mbox with several messages*' -f mbox list
printf '%s\nSubject: one\n\nhi\n\nFrom now on: 5 pm\n' "$from" >mbox
says 0 '*one' '' -f mbox list
says 64 '' '*unknown command*' -f box frobnicate
says 64 '' '*wants the number*' -f box show
says 64 '' '*wants the number*' -f box show one
says 64 '' '*wants the number*' -f box show 1x
says 64 '' '*wants the number*' -f box show 99999999999999999999999
says 64 '' '*too many*' -f box show 1 2
says 64 '' '*too many*' -f box list 1
says 64 '' '*exclude each other*' -f box show 1 --raw --full-headers
says 64 '' '*belong to show*' -f box list --raw
says 1 '' '*no message 9: box has 8 messages*' -f box show 9
says 1 '' '*no message 0: box has 8 messages*' -f box show 0
says 1 '' '*no message 1: empty is empty*' -f empty show 1
says 0 '' '' -f empty list
says 0 'usage: mua *' '' --help
says 69 '' '*no terminal here*list and show*' -f box
HOME=/nothing says 66 '' '*name one with mua -f*' list
HOME=$PWD MAIL=$PWD/empty says 0 '' '' list
mkdir home && cp -r box home/Maildir
HOME=$PWD/home says 0 '*Welcome to the course*' '' list
HOME=$PWD/home MAIL=/var/mail/nobody says 0 '*Welcome*' '' list

# --- root reads as the owner ----------------------------------------------
if [ "$(id -u)" = 0 ]; then
	chmod 755 .
	cp -r box theirs && rm -f theirs/index.sqlite* && chown -R 65534:65534 theirs
	says 0 '*Welcome*' '' -f theirs list
	[ "$(stat -c %u theirs/index.sqlite)" = 65534 ] ||
		fail "root's mua makes an index that is not the owner's"
	chmod 000 theirs/new/*
	says 1 '' '*ermission denied*' -f theirs show 2
fi

# --- list -------------------------------------------------------------------
"$mua" -f box list >list
[ "$(wc -l <list)" = 8 ] || fail "list has not one line a message"
columns='   [1-8] [ DNr][ !][ A] 2026-11-2[0-9] [0-9][0-9]:[0-9][0-9]  '
grep -vq "^$columns" list && fail "list has no fixed columns: $(<list)"
grep -q '^   2 N A .*  Carol <carol@far.example>  *A picture and some text$' \
    list || fail "list: message 2"
grep -q '^   3  !  .*  María Peña <.*>  *Camión y Hola$' list ||
    fail "list: message 3"
grep -q '^   5 r   ' list || fail "list: message 5 was replied to"
long=$(printf 'long%.0s' {1..100})
mkdir -p long/new long/cur long/tmp
printf 'From: a@b.example\nSubject: %s\n\nx\n' "$long" >long/new/100.M1P1Q1.h
"$mua" -f long list | grep -q " $long$" || fail "list cuts lines in a pipe"

# --- list of some, search, threads -------------------------------------------
says 0 '   2 N A *A picture and some text' '' -f box list --limit 'has:attachment from:carol'
says 0 '' '' -f box list --limit from:nobody
says 64 '' 'mua: *' -f box list --limit 'before:never'
says 64 '' '*belongs to list*' -f box show 1 --limit x
says 64 '' '*belongs to list and search*' -f box show 1 --threads
says 64 '' '*search wants a query*' -f box search
says 1 '' '' -f box search from:nobody
says 0 '   3  !  *Camión y Hola' '' -f box search 'subject:camion is:flagged'
says 0 '   1     *Welcome to the course' '' -f box search body:prompt
says 0 '   1     *Welcome to the course' '' -f box search 'prompt from:alice'
# Who cannot look everywhere does not say that there is nothing.
cp -r box dark && rm -f dark/index.sqlite.text*
mkdir -p dark/index.sqlite.text/x dark/index.sqlite.text.bad/x
says 74 '' '*only headers are searched*' -f dark search body:prompt
make_threads threads
"$mua" -f threads list --threads | cut -c 70- >got
cat >expected <<'M'
Lunch
└─*>Re: Lunch
Plan for the exam
├─>Re: Plan for the exam
│ └─>Re: Plan for the exam
└─>Rooms (was: Plan for the exam)
M
diff expected got || fail "list --threads"
"$mua" -f threads search from:dave --threads | cut -c 70- >got
echo 'Re: Plan for the exam' | diff - got || fail "search --threads"

# --- show ---------------------------------------------------------------------
cat >expected <<'M'
From: Alice Example <alice@campus.example>
To: bob@campus.example
Date: Sun, 22 Nov 2026 02:13:17 +0000
Subject: Welcome to the course

Dear Bob,

this is the first message of the course.  Read it with all its headers (the
key h) and compare what you see with what you typed at the prompt.

Alice
M
"$mua" -f box show 1 | diff expected - || fail "show 1"

# All headers: the From line, then what is stored, byte for byte.
{
	echo 'From alice@campus.example Sun Nov 22 03:13:17 2026'
	cat "$here/mua-mail/1-welcome.eml"
} >expected
"$mua" -f box show 1 --full-headers | diff expected - || fail "full headers"
"$mua" -f box --full-headers show 1 | diff expected - || fail "options first"

n=0
for file in "$here"/mua-mail/*.eml; do
	n=$((n + 1))
	"$mua" -f box show $n --raw | cmp - "$file" || fail "raw $n"
	"$mua" -f "$file" show 1 --raw | cmp - "$file" || fail "raw file $n"
	"$mua" -f box show $n >one
	"$mua" -f "$file" show 1 | cmp - one || fail "a file is shown unlike $n"
done
head -c 100000 /dev/urandom >noise
"$mua" -f noise show 1 --raw | cmp - noise || fail "raw noise"
"$mua" -f noise show 1 >/dev/null || fail "noise"
printf 'Subject: x\r\n\r\nA line\r\n' >crlf
[ "$("$mua" -f crlf show 1)" = $'Subject: x\n\nA line' ] || fail "crlf"

"$mua" -f box show 2 >two
grep -qx '\[-- Attachment 3: square.png, image/png, 74 bytes --\]' two ||
    fail "the picture is not named"
grep -q 'multiple parts in MIME' two && fail "the preamble is shown"
"$mua" -f box show 6 | grep -qx 'Status: 5.1.1' || fail "the report is hidden"
"$mua" -f box show 7 | grep -q 'Fault: .*closing line' || fail "no fault said"

# --- nothing of a message controls a terminal -------------------------------
for n in 1 2 3 4 5 6 7 8; do
	"$mua" -f box show $n
	"$mua" -f box show $n --full-headers
done >safe
"$mua" -f box list >>safe
LC_ALL=C grep -q '[^[:print:][:space:]'$'\x80-\xff'']' safe &&
    fail "control characters in the output"
LC_ALL=C grep -q $'\xc2[\x80-\x9f]' safe && fail "C1 characters in the output"
iconv -f UTF-8 -t UTF-8 safe >/dev/null || fail "the output is no UTF-8"
grep -q '31337m' safe || fail "the attacks were not shown at all"

# --- it changes nothing, and a broken pipe is no error ----------------------
make_box untouched
diff <(cd box && find new cur | sort) <(cd untouched && find new cur | sort) ||
    fail "batch commands have changed the mailbox"
for i in $(seq 2000); do
	printf 'Subject: %s\n\nx\n' "$i" >"long/new/$((1000 + i)).M1P1Q1.h"
done
{ "$mua" -f long list 2>err; echo $? >status; } | head -n 1 >/dev/null
[ "$(<status)" = 0 ] && [ ! -s err ] || fail "a broken pipe: $(<status) $(<err)"
if [ -w /dev/full ]; then
	says_full=$("$mua" -f long list 2>&1 >/dev/full)
	[ $? = 74 ] && [[ $says_full == *'cannot write: No space'* ]] ||
	    fail "a full disk: $says_full"
fi

[ $failures = 0 ] && echo "mua_batch: all is well"
exit $((failures > 0))
