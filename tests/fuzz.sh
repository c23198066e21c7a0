#!/usr/bin/env bash
# fuzz.sh - each fuzzer for a few seconds, from its seeds.
#
#   tests/fuzz.sh [SECONDS]      for each; 8 unless given
#
# tests/corpus/NAME/, where it exists, has the seeds of fuzz_NAME.c.
set -u
seconds=${1:-8}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/postlab-fuzz-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export ASAN_OPTIONS=detect_leaks=1 TMPDIR=$scratch
count=0
for source in tests/fuzz_*.c; do
	name=${source#tests/fuzz_}
	name=${name%.c}
	mkdir "$scratch/$name"
	seeds=()
	[ -d "tests/corpus/$name" ] && seeds=("tests/corpus/$name")
	[[ $name = message || $name = windows || $name = downgrade ]] &&
	    seeds=(tests/mail tests/mua-mail)
	"build-fuzz/fuzz/$name" -max_total_time="$seconds" -timeout=10 \
	    -rss_limit_mb=1024 -artifact_prefix="$scratch/" -print_final_stats=0 \
	    "$scratch/$name" "${seeds[@]}" >"$scratch/log" 2>&1 || {
		tail -n 40 "$scratch/log"
		for found in "$scratch"/{crash,leak,timeout,oom}-*; do
			[ -e "$found" ] && base64 "$found" | head -c 2000
		done
		exit 1
	}
	count=$((count + 1))
	echo "$name: $(grep -a 'DONE' "$scratch/log" | tail -n 1)"
done
[ $count -gt 0 ]
