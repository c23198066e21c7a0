#!/usr/bin/env bash
# fuzz.sh - each fuzzer for a few seconds, from its seeds; those of foreign
# bytes that need no login nor another's parser in front for a minute.
#
#   tests/fuzz.sh [SECONDS [NAME ...]]    for each; see below
#
# The same program is given much the same inputs each time, so that who changed
# nothing breaks nothing; $SEED is another row of them, and 0 a new one.
#
# The LONG ones run beside the others and beside all other tests, in the time
# that those leave, so a unit may take long by the clock.  tests/corpus/NAME/,
# where it exists, has the seeds of fuzz_NAME.c.
set -u
LONG='pop3 lmtp index'
long=${1:-60} short=${1:-4}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/postlab-fuzz-XXXXXX")
trap 'jobs -p | xargs -r kill 2>/dev/null; wait; rm -rf "$scratch"' EXIT
# What is freed is kept for a while, but not 256 MB of it.
export ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=64

# fuzz NAME SECONDS
fuzz() {
	local name=$1 folder=$scratch/$1 seeds=() found
	mkdir -p "$folder"/{found,tmp}
	[ -d "tests/corpus/$name" ] && seeds=("tests/corpus/$name")
	[[ $name = message || $name = windows || $name = downgrade ]] &&
	    seeds+=(tests/mail tests/mua-mail)
	TMPDIR=$folder/tmp "build-fuzz/fuzz/$name" -max_total_time="$2" \
	    -timeout=60 -rss_limit_mb=1024 -artifact_prefix="$folder/" \
	    -seed="${SEED:-1}" -print_final_stats=0 "$folder/found" "${seeds[@]}" \
	    >"$folder/log" 2>&1 || {
		tail -n 40 "$folder/log"
		for found in "$folder"/{crash,leak,timeout,oom}-*; do
			[ -e "$found" ] && base64 "$found" | head -c 2000
		done
		return 1
	}
	echo "$name: $(grep -a 'DONE' "$folder/log" | tail -n 1)"
}

names=${*:2}
[ -n "$names" ] || names=$(cd tests && echo fuzz_*.c | sed 's/fuzz_//g; s/\.c//g')
renice -n 5 $BASHPID >/dev/null
declare -A pids=()
for name in $names; do
	[[ " $LONG " = *" $name "* ]] || continue
	fuzz "$name" "$long" &
	pids[$name]=$!
done
renice -n 0 $BASHPID >/dev/null 2>&1
failed='' count=${#pids[@]}
for name in $names; do
	[[ " $LONG " = *" $name "* ]] && continue
	fuzz "$name" "$short" || failed+=" $name"
	count=$((count + 1))
done
for name in "${!pids[@]}"; do
	wait "${pids[$name]}" || failed+=" $name"
done
[ -z "$failed" ] || {
	# Each by its own word, at the very end, where run.sh shows it.
	for name in $failed; do
		printf '%s: %s; ' "$name" "$(grep -aE '^(==|SUMMARY|panic)|ERROR' \
		    "$scratch/$name/log" | tail -n 1)"
	done
	echo
	exit 1
}
[ "$count" -gt 0 ]
