#!/usr/bin/env bash
# unit.sh - the Check suites, each in a process of its own, four at a time:
# most of them wait more than they compute.
#
#   tests/unit.sh [SUITE ...]      of $BIN/check
set -u
BIN=${BIN:-$PWD/build/bin}
export BIN
logs=$(mktemp -d "${TMPDIR:-/tmp}/postlab-unit-XXXXXX")
trap 'rm -rf "$logs"' EXIT
export logs
# What a test that fails leaves behind goes with the logs; those that become
# nobody must get there.
mkdir "$logs/tmp" && chmod 711 "$logs" "$logs/tmp"
one() {
	TMPDIR=$logs/tmp "$BIN/check" "$1" >"$logs/$1" 2>&1 ||
	    touch "$logs/$1.failed"
}
export -f one
[ $# -gt 0 ] || set -- $("$BIN/check" -l)
[ $# -gt 0 ] || { echo "$BIN/check has no suites"; exit 1; }
printf '%s\n' "$@" | xargs -P 4 -I{} bash -c 'one {}'

checks=0
for suite; do
	n=$(sed -n 's/.*Checks: \([0-9]*\), Failures.*/\1/p' "$logs/$suite")
	[ "${n:-0}" -gt 0 ] || touch "$logs/$suite.failed"
	checks=$((checks + ${n:-0}))
	[ -e "$logs/$suite.failed" ] || continue
	echo "--- $suite"
	grep -a -v '^time=.* level=\(info\|warn\)' "$logs/$suite" | tail -n 30
done
failed=$(find "$logs" -maxdepth 1 -name '*.failed' | wc -l)
# Once more at the end, where run.sh looks.
for log in "$logs"/*.failed; do
	[ -e "$log" ] && grep -aE '^[^ ]+:[0-9]+:[EF]:|^SUMMARY|^panic' \
	    "${log%.failed}" | sed "s|^|$(basename "$log" .failed): |" | head -n 4
done
left=$(ls "$logs/tmp")
[ "$failed" != 0 ] || [ -z "$left" ] || {
	echo "left behind:" $left
	failed=1
}
echo "$# suites, $checks checks, $failed suites failed"
[ "$failed" = 0 ]
