#!/usr/bin/env bash
# run.sh - runs tests five at a time (many only wait), a line each, and counts.
#
#   tests/run.sh LOGDIR [NAME ...]
#
# The tests are the rows below: name, seconds it may take, command.  Exit
# status 0 is passed, 77 skipped (the last line of its output says why), all
# else failed (then the end of its output is shown).  lint computes when no other
# has something to do.  $BIN and $SAN_BIN are the folders of the programs, plain
# and with the sanitizers.
set -u
logs=$1; shift
export BIN=${BIN:-$PWD/build/bin} SAN_BIN=${SAN_BIN:-$PWD/build-san/bin}
mkdir -p "$logs" && rm -f "$logs"/*

tests() {
	cat <<-'ROWS'
	lint	900	MAKEFLAGS= nice -n 19 make -j2 WERROR=1 lint
	hostile	240	tests/hostile.sh
	hostile-san	300	BIN=$SAN_BIN ASAN_OPTIONS=detect_leaks=0 tests/hostile.sh
	unit	400	tests/unit.sh
	unit-san	700	BIN=$SAN_BIN ASAN_OPTIONS=detect_leaks=1 tests/unit.sh
	dialogs	180	tests/dialogs.sh
	dialogs-san	300	BIN=$SAN_BIN ASAN_OPTIONS=detect_leaks=0 tests/dialogs.sh
	tour	90	tests/tour.sh
	fuzz	300	tests/fuzz.sh
	roundtrip	120	tests/roundtrip.sh
	manual	60	tests/manual.sh
	words	20	tests/words.sh
	admin	120	tests/admin.sh
	trace	120	tests/trace.sh
	dns	120	tests/dns.sh
	queue	120	tests/queue.sh
	relay	240	tests/relay.sh
	hops	120	tests/hops.sh
	relay_tls	90	tests/relay_tls.sh
	authenticity	120	tests/authenticity.sh
	evidence	90	tests/evidence.sh
	evidence_pop3	90	tests/evidence_pop3.sh
	neighbours	180	tests/neighbours.sh
	quit	120	tests/quit.sh
	mda	60	tests/mda.sh
	mailbox	180	tests/mailbox.sh
	backup	180	tests/backup.sh
	durability	240	tests/durability.sh
	interop-classroom	300	tests/interop.sh classroom
	interop-homelab	300	tests/interop.sh homelab
	reports	90	tests/reports.sh
	mua_batch	60	tests/mua_batch.sh
	mua_screen	180	tests/mua_screen.sh
	mua_windows	120	tests/mua_windows.sh
	mua_send	120	tests/mua_send.sh
	mua_write	120	tests/mua_write.sh
	mua_fetch	120	tests/mua_fetch.sh
	mua_accounts	120	tests/mua_accounts.sh
	mua_walk	120	tests/mua_walk.sh
	secure	180	tests/secure.sh
	policy	60	tests/policy.sh
	supervise	180	tests/supervise.sh
	ROWS
}

one() {
	local name=$1 seconds=$2 command=$3 start=$SECONDS status word
	timeout --kill-after=10 "$seconds" bash -c "$command" \
	    >"$logs/$name.log" 2>&1 </dev/null
	status=$?
	case $status in
	0) word=passed ;;
	77) word=skipped ;;
	*) word=failed ;;
	esac
	echo "$word" >"$logs/$name.status"
	printf '%-8s %-22s %4ds' "$word" "$name" $((SECONDS - start))
	[ $word = skipped ] && printf '  %s' "$(tail -n 1 "$logs/$name.log")"
	printf '\n'
	if [ $word = failed ]; then
		[ $status = 124 ] && echo "  over its $seconds seconds"
		tail -n 60 "$logs/$name.log" | sed 's/^/  | /'
	fi
}
export -f one
export logs

tests | while IFS=$'\t' read -r name seconds command; do
	[ -n "$name" ] || continue
	[ $# -gt 0 ] && [[ " $* " != *" $name "* ]] && continue
	printf '%s\0%s\0%s\0' "$name" "$seconds" "$command"
done | xargs -0 -r -n 3 -P 5 bash -c 'one "$@"' one

count() { grep -lx "$1" "$logs"/*.status 2>/dev/null | wc -l; }
# At the very end, where a log that was cut still has it.
grep -lx failed "$logs"/*.status 2>/dev/null | while read -r status; do
	log=${status%.status}.log
	printf 'failed: %s: %s\n' "$(basename "$log" .log)" \
	    "$(grep -av '^time=' "$log" | sed '/^the end of the log:/,$d' |
	    tail -n 1 | cut -c 1-400)"
done
passed=$(count passed) failed=$(count failed) skipped=$(count skipped)
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
