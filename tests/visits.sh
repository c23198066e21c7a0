#!/usr/bin/env bash
# visits.sh - a mailbox process that waits for its owner to come back.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
place=$(mktemp -d "${TMPDIR:-/tmp}/visits.XXXXXX")
chmod 755 "$place"
trap 'world_end "$place"' EXIT
world_make "$place" classroom
world_up
export DIR BASE PASSWORD BIN
python3 tests/visits.py || fail "see above" "$(tail -n 20 "$DIR"/log/*)"
! grep -h 'event=worker-died\|event=helper-died\|level=error' "$DIR"/log/* ||
    fail "something died"
