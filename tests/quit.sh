#!/usr/bin/env bash
# quit.sh - whatever goes wrong while QUIT removes mail, only what was asked
# for is gone, and all of it once +OK was said.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
command -v strace >/dev/null || skip "strace is not installed"

TEMP=$(mktemp -d "${TMPDIR:-/tmp}/postlab-quit-XXXXXX") || exit 1
trap 'world_end "$TEMP"' EXIT
world_make "$TEMP" classroom
world_up
python3 tests/quit.py "$BASE" "$PASSWORD" "$DIR"
case $? in
0) ;;
77) [ "$(id -u)" != 0 ] || fail "strace cannot attach, and root may"
	skip "only root may trace the daemons" ;;
*) fail "mail was lost, or kept" ;;
esac
