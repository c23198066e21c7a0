#!/usr/bin/env bash
# hostile.sh - clients that mean harm, or know no better, against a real smtpd.
#
#   tests/hostile.sh [WORD ...]     only the tests with WORD in their name
#
# In a world of each profile, and in one where mda is away, so that all is
# queued.  tests/hostile/ has the clients, a file a subject; after each of them
# the server must still take a usual message, no process may have died, and
# nothing may lie about that should not be there.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
export BIN

failed=0
place=$(mktemp -d "${TMPDIR:-/tmp}/hostile.XXXXXX")
chmod 755 "$place"
trap 'world_end "$place"' EXIT
for world in classroom homelab; do
	echo "--- $world"
	mkdir "$place/$world"
	world_make "$place/$world" $world
	# Who dawdles is cut off while we wait for it.
	world_set smtpd command_timeout 8
	world_set smtpd data_timeout 20
	world_set auth failures_per_minute 20
	world_up
	PYTHONDONTWRITEBYTECODE=1 python3 tests/hostile/run.py "$BASE" "$DIR" \
	    $world "$@" || failed=$((failed + 1))
	world_down >/dev/null
done

if [ $# = 0 ]; then
	echo "--- mda is away"
	mkdir "$place/queue"
	world_make "$place/queue" homelab
	world_set smtpd lmtp "127.0.0.1:$((BASE + 26))"
	world_up
	PYTHONDONTWRITEBYTECODE=1 python3 tests/hostile/envelopes.py "$BASE" \
	    "$DIR" || failed=$((failed + 1))
fi
[ $failed = 0 ] || fail "$failed worlds failed"
