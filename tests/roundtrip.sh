#!/usr/bin/env bash
# roundtrip.sh - messages go in by SMTP and come out by POP3 the same, byte for
# byte; files of other programs come out as lines; and STAT, LIST and UIDL open
# no message.
#
#   tests/roundtrip.sh [SEED]
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh

place=$(mktemp -d "${TMPDIR:-/tmp}/roundtrip.XXXXXX")
chmod 755 "$place"
tracer=
finish() {
	[ -z "$tracer" ] || kill "$tracer" 2>/dev/null
	world_end "$place"
}
trap finish EXIT
world_make "$place" homelab
world_up

echo "--- the same, byte for byte"
PYTHONDONTWRITEBYTECODE=1 python3 tests/roundtrip.py trip "$BASE" "$DIR" \
    "${1:-1}" || fail "not the same"

# Alice's mailbox has hundreds of messages now, and an index that knows them.
echo "--- STAT, LIST and UIDL open no message"
if ! command -v strace >/dev/null; then
	echo "strace is not installed"
	exit 0
fi
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
echo "all of it"
