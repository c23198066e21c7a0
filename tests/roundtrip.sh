#!/usr/bin/env bash
# roundtrip.sh - messages go in by SMTP and come out by POP3 the same, byte for
# byte; files of other programs come out as lines; and STAT, LIST and UIDL open
# no message.
#
# Among them is the mail by which two packages of Debian are tested: Python's
# email and Go's enmime, whose is from real mailboxes and malformed in all ways.
# They are unpacked, not installed; without them the rest is tried, and the test
# counts as not made.
#
#   tests/roundtrip.sh [SEED]
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh

place=$(mktemp -d "${TMPDIR:-/tmp}/roundtrip.XXXXXX")
chmod 755 "$place"
tracer= missing=
tracer_ends() {
	[ -z "$tracer" ] || kill "$tracer" 2>/dev/null
}
trap 'world_end "$place" tracer_ends' EXIT
world_make "$place" homelab
world_up

mail=$place/packages
mkdir "$mail" && (cd "$mail" && apt-get download libpython3.11-testsuite \
    golang-github-jhillyerd-enmime-dev >out 2>&1 &&
    for deb in ./*.deb; do dpkg -x "$deb" . || exit; done) || missing=$mail/out mail=

echo "--- the same, byte for byte"
PYTHONDONTWRITEBYTECODE=1 python3 tests/roundtrip.py trip "$BASE" "$DIR" \
    "${1:-1}" "$mail" || fail "not the same"

# How it ends: without Debian's mail not all of it was tried.
all_of_it() {
	[ -z "$missing" ] || skip "all but Debian's: $(tail -n 1 "$missing")"
	echo "$*"
	exit 0
}
[ "$(id -u)" = 0 ] ||
    all_of_it "all but what is opened: only root may trace the daemons"

# Alice's mailbox has hundreds of messages now, and an index that knows them.
echo "--- STAT, LIST and UIDL open no message"
if ! command -v strace >/dev/null; then
	skip "strace is not installed"
fi
# A process that waits for her to come back was begun before it could be traced.
for _ in $(seq 600); do
	postlab status | grep -q 'alice.* has left' || break
	sleep 0.1
done
strace -f -qq -e trace=open,openat,openat2 -o "$place/calls" \
    -p "$(cat "$DIR/run/pop3d.pid")" 2>"$place/strace.err" &
tracer=$!
for _ in $(seq 600); do
	grep -q TracerPid:.*[1-9] "/proc/$(cat "$DIR/run/pop3d.pid")/status" &&
	    break
	sleep 0.05
done
PYTHONDONTWRITEBYTECODE=1 python3 tests/roundtrip.py list "$BASE" "$DIR" ||
    fail "the lists are wrong"
kill "$tracer"
wait "$tracer" 2>/dev/null
tracer=
# The session's process was followed, and read one message: the one of RETR.
grep -q 'pop3d.lock' "$place/calls" || fail "nothing was traced" \
    "$(cat "$place/strace.err")"
opened=$(grep -c ',S=[0-9]*,W=[0-9]*' "$place/calls")
[ "$opened" = 1 ] || fail "$opened messages were opened" \
    "$(grep ',S=' "$place/calls" | head)"
all_of_it "all of it"
