#!/usr/bin/env bash
# reports.sh - delivery reports of real daemons, read by Python's email package:
# success, failure, delay and the end of patience, as worksheet 12 has them.
set -u
cd "$(dirname "$0")/.."
. tests/world.sh
place=$(mktemp -d "${TMPDIR:-/tmp}/reports.XXXXXX")
chmod 755 "$place"
trap 'world_end "$place"' EXIT

world_make "$place" classroom
# Room for one message of 3 KB, but not for two, nor for one of 5 KB.
printf 'address,password,quota\ntiny@campus.example,%s,4K\n' "$PASSWORD" \
    >"$place/users.csv"
postlab user import "$place/users.csv" >"$place/import.out" 2>&1 ||
    fail "user import failed" "$(cat "$place/import.out")"
for member in bob tiny; do
	postlab alias add staff "$member" >"$place/alias.out" 2>&1 ||
	    fail "alias add" "$(cat "$place/alias.out")"
done
world_set queue retry_min 1s
world_set queue retry_max 1s
world_set queue delay_notice 3s
world_set queue lifetime 8s
world_up
python3 tests/reports.py "$BASE" "$PASSWORD"
