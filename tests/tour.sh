#!/usr/bin/env bash
# tour.sh - `make run` without a terminal, twice in the same state folder, and
# beside servers that run already; then with a terminal.
set -u
. tests/world.sh
DIR=$(mktemp -d "${TMPDIR:-/tmp}/postlab-tour-XXXXXX")/var
trap '"$BIN/postlab" -d "$DIR" down >/dev/null 2>&1; rm -rf "${DIR%/var}"' EXIT
chmod 755 "${DIR%/var}"
export POSTLAB_DIR=$DIR BIN
take_base
export PORT_BASE=$BASE

labs/run.sh </dev/null >"${DIR%/var}/out" 2>&1 || fail "$(cat "${DIR%/var}/out")"
postlab status >/dev/null && fail "the tour left its servers running"
postlab up --detach >/dev/null || fail "up after the tour"
labs/run.sh </dev/null >"${DIR%/var}/out" 2>&1 || fail "$(cat "${DIR%/var}/out")"
postlab status >/dev/null || fail "the tour stopped servers that were not its own"
count=$("$BIN/mua" -f "$DIR/mail/campus.example/bob" list | wc -l)
[ "$count" = 2 ] || fail "bob has $count messages after two tours"

# With a terminal it stays, says what to try, and shows the log.
postlab down
rm "${DIR%/var}/out"
script -qfec labs/run.sh "${DIR%/var}/out" </dev/null >/dev/null 2>&1 &
for ((i = 0; i < 300; i++)); do
	grep -qs 'prog=postlab .*event=ready' "${DIR%/var}/out" && break
	sleep 0.1
done
kill -0 $! || fail "with a terminal it does not stay" "$(cat "${DIR%/var}/out")"
for try in "telnet localhost $((BASE + 25)) " "telnet localhost $((BASE + 110)) " \
    "mua -f $DIR/mail/campus.example/bob" "-d $DIR status" 'event=ready'; do
	grep -q -e "$try" "${DIR%/var}/out" || fail "with a terminal: no '$try'" \
	    "$(cat "${DIR%/var}/out")"
done
postlab down
wait $! || fail "with a terminal: status $?"
