#!/usr/bin/env bash
# tour.sh - `make run` without a terminal, twice in the same state folder, and
# beside servers that run already.
set -u
. tests/world.sh
DIR=$(mktemp -d "${TMPDIR:-/tmp}/postlab-tour-XXXXXX")/var
trap '"$BIN/postlab" -d "$DIR" down >/dev/null 2>&1; rm -rf "${DIR%/var}"' EXIT
chmod 755 "${DIR%/var}"
export POSTLAB_DIR=$DIR BIN
PORT_BASE=$(free_base)
export PORT_BASE

labs/run.sh </dev/null >"${DIR%/var}/out" 2>&1 || fail "$(cat "${DIR%/var}/out")"
postlab status >/dev/null && fail "the tour left its servers running"
postlab up --detach >/dev/null || fail "up after the tour"
labs/run.sh </dev/null >"${DIR%/var}/out" 2>&1 || fail "$(cat "${DIR%/var}/out")"
postlab status >/dev/null || fail "the tour stopped servers that were not its own"
count=$("$BIN/mua" -f "$DIR/mail/campus.example/bob" list | wc -l)
[ "$count" = 2 ] || fail "bob has $count messages after two tours"
