#!/usr/bin/env bash
# mda.sh - mda as a command: what it stores, byte for byte, and by which exit
# status of sysexits.h(3) it says why it did not.
set -u
# What stands behind a pipe can end the test.
shopt -s lastpipe
. tests/world.sh
top=$(mktemp -d "${TMPDIR:-/tmp}/postlab-mda-XXXXXX")
trap 'world_end "$top"' EXIT

world_make "$top"
world_set smtpd message_size 1000000
mail=$DIR/mail/campus.example

mda() {
	$AS "$BIN/mda" -d "$DIR" "$@"
}

# expect STATUS WORDS ARGUMENT...: the exit status of mda, and what is in its
# standard error; the message is on standard input.
expect() {
	local want=$1 words=$2 said status
	shift 2
	said=$(mda "$@" 2>&1)
	status=$?
	[ $status = "$want" ] ||
	    fail "mda $*: exit status $status, not $want" "$said"
	case $said in
	*"$words"*) ;;
	*) fail "mda $*: does not say: $words" "$said" ;;
	esac
}

# stored USER: the text of the only message, which is taken away.
stored() {
	local file
	file=$(ls -d "$mail/$1"/new/*) || fail "$1 has no message"
	cat "$file" && rm "$file"
}

# same USER WANTED: WANTED is a format of printf.
same() {
	printf "$2" >"$top/wanted"
	stored "$1" >"$top/stored"
	cmp "$top/wanted" "$top/stored" >&2 || fail "$1's message is another"
}

empty() {
	[ -z "$(ls "$mail/$1/new" 2>/dev/null)" ] || fail "$1 has a message"
}

front='Return-Path: <zoe@far.example>\nX-Original-To: bob@campus.example\n'
front+='Delivered-To: bob@campus.example\n'

# LF and CRLF, a last line without its end, an mbox's separator, dots.
printf 'From zoe Sun Nov 22 10:00:00 2026\nSubject: x\r\n\n.\n..\nend' |
    expect 0 '' -f zoe@far.example bob
same bob "$front"'Subject: x\n\n.\n..\nend\n'

# A Return-Path that is there goes; text without a header is all body.
printf 'Return-Path: <a@b>\nno header\n' |
    expect 0 '' -f zoe@far.example bob@campus.example
same bob "$front"'\nno header\n'

# The null sender, in both spellings; a detail; two at once.
printf 'Subject: y\n\n' | expect 0 '' -f '' bob+lists
same bob "Return-Path: <>\nX-Original-To: bob+lists@campus.example\n\
Delivered-To: bob@campus.example\nSubject: y\n\n"
printf 'Subject: z\n\n' | expect 0 '' -f '<>' alice bob
stored alice | grep -q '^Subject: z$' || fail "alice has another message"
stored bob >"$top/stored"

# alone STATUS WORDS ARGUMENT...: as expect, with the folder in the environment.
alone() {
	local want=$1 words=$2 said status
	shift 2
	said=$(POSTLAB_DIR=$DIR $AS "$BIN/mda" "$@" 2>&1)
	status=$?
	[ $status = "$want" ] ||
	    fail "mda $*: exit status $status, not $want" "$said"
	[[ $said = *"$words"* ]] || fail "mda $*: does not say: $words" "$said"
}

# As an MTA calls its delivery agent: -d is the user, and the folder only before
# -f where the user is named too.
printf 'Subject: d\n\n' | expect 0 '' -f zoe@far.example -d bob
same bob "$front"'Subject: d\n\n'
printf 'Subject: e\n\n' | alone 0 '' -d Bob+lists@campus.example -f zoe@far.example
stored bob | grep -q '^X-Original-To: Bob+lists@' || fail "-d USER is lost"
printf 'Subject: f\n\n' | alone 0 '' -f zoe@far.example -d bob
same bob "$front"'Subject: f\n\n'
(cd "$top" && printf 'Subject: g\n\n' |
    $AS "$BIN/mda" -d var -f zoe@far.example bob) || fail "-d var is no folder"
same bob "$front"'Subject: g\n\n'
(cd "$top" && printf 'Subject: h\n\n' | $AS "$BIN/mda" -d var \
    -f zoe@far.example -d bob) || fail "-d var is no folder before -d bob"
same bob "$front"'Subject: h\n\n'
# Postfix's pipe puts all recipients where one stands.
printf 'Subject: i\n\n' | expect 0 '' -f zoe@far.example -d bob alice
same bob "$front"'Subject: i\n\n'
stored alice | grep -q '^Subject: i$' || fail "alice has another message"

# A stranger chooses the user's name, and no folder by it, wherever it stands.
cp -a "$DIR" "$top/evil@campus.example" && cp -a "$DIR" "$top/evil"
for word in "$top/evil@campus.example" "$top/evil"; do
	alone 67 5.1.1 -f zoe@far.example -d "$word" </dev/null
	alone 67 5.1.1 -d "$word" -f zoe@far.example </dev/null
	expect 67 5.1.1 -f zoe@far.example -d "$word" </dev/null
	alone 64 'give the state folder before -f' -f zoe@far.example \
	    -d "$word" bob </dev/null
	alone 64 usage: -d "$word" bob -f zoe@far.example </dev/null
	alone 64 usage: -d "$word" "-d$word" -f zoe@far.example </dev/null
	alone 64 usage: -f zoe@far.example -d "$word" "-dbob" </dev/null
done
rm -r "$top/evil@campus.example" "$top/evil"
# Nor is a letter of it written out.
said=$(mda -f zoe@far.example -d bob $'-\e[2J' 2>&1 </dev/null)
[[ $said == usage:* ]] || fail "a stranger's option" "$said"
alone 67 'the state folder before -f' -d "$DIR" -f zoe@far.example </dev/null
alone 67 'the state folder before -f' -f zoe@far.example -d "$DIR" </dev/null
empty bob

# Without -d the mail is the caller's own.
own=$($AS id -un)
alone 67 "<$own@campus.example>" -f zoe@far.example </dev/null
echo "$PASSWORD" | postlab user add "$own@campus.example" --password-stdin \
    >"$top/out" 2>&1 || fail "user add $own" "$(cat "$top/out")"
printf 'Subject: h\n\n' | alone 0 '' -f zoe@far.example
stored "$own" | grep -q '^Subject: h$' || fail "$own has another message"

# Every refusal leaves nothing behind.
expect 64 usage: -f zoe@far.example -d bob -d alice </dev/null
expect 64 'no mail address' -f zoe@far.example -d '' </dev/null
expect 67 5.1.1 -f zoe@far.example -d nobody </dev/null
expect 64 'no mail address' -f 'zoe far' bob </dev/null
expect 64 'no mail address' -f $'zoe@far.example>\nX: <a@b' bob </dev/null
expect 64 'no mail address' -f zoe@far.example $'bob\n' </dev/null
printf 'a\0b\n' | expect 65 NUL -f zoe@far.example bob
printf 'a\rb\n' | expect 65 CR -f zoe@far.example bob
printf 'a\r' | expect 65 CR -f zoe@far.example bob
expect 67 5.1.1 -f zoe@far.example nobody </dev/null
expect 67 5.1.1 -f zoe@far.example bob nobody </dev/null
head -c 1000001 /dev/zero | tr '\0' x |
    expect 69 'too big' -f zoe@far.example bob
printf 'Delivered-To: bob@campus.example\n\n' |
    expect 69 5.4.6 -f zoe@far.example bob
expect 74 directory -f zoe@far.example bob <"$top"
postlab user quota bob@campus.example 500 >"$top/out" || fail "no quota"
head -c 450 /dev/zero | tr '\0' x |
    expect 69 5.2.2 -f zoe@far.example bob
head -c 100 /dev/zero | tr '\0' x |
    expect 0 '' -f zoe@far.example bob
stored bob >"$top/stored"
head -c 480 /dev/zero | tr '\0' x >"$mail/bob/cur/1.M1.h,S=480:2,S"
expect 75 4.2.2 -f zoe@far.example bob </dev/null
postlab user quota bob@campus.example 0 >"$top/out" || fail "no quota"
empty alice
empty bob
mv "$mail/bob" "$mail/kept" && echo x >"$mail/bob"
# Not 73: Postfix would return the mail.
expect 75 4.2.0 -f zoe@far.example bob </dev/null
rm "$mail/bob" && mv "$mail/kept" "$mail/bob"
echo x >>"$DIR/postlab.conf"
expect 78 postlab.conf -f zoe@far.example bob </dev/null
sed -i '$d' "$DIR/postlab.conf"

# A closed standard input is no empty message.
mda -f zoe@far.example bob <&- 2>"$top/said"
[ $? = 66 ] || fail "no standard input, and mda says" "$(cat "$top/said")"
empty bob

# With no standard error its number is not given to a file of the mailbox.
(printf 'Subject: q\n\n' | mda -f zoe@far.example bob 2>&- >&-) ||
    fail "mda needs standard error"
same bob "$front"'Subject: q\n\n'

echo "as a command mda stores what it is given, or says why not"
