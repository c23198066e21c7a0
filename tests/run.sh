#!/usr/bin/env bash
# run.sh - runs tests five at a time (many only wait), a line each, and counts.
#
#   tests/run.sh LOGDIR [NAME ...]
#
# The tests are the rows below, the long ones first: name, seconds after which
# it hangs (a busy machine needs thrice what a quiet one does), command.  Exit
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
	unit-san	900	BIN=$SAN_BIN ASAN_OPTIONS=detect_leaks=1 tests/unit.sh
	hostile	500	tests/hostile.sh
	hostile-san	500	BIN=$SAN_BIN ASAN_OPTIONS=detect_leaks=0 tests/hostile.sh
	durability	500	tests/durability.sh many kill_handover errors stopped index_abuse other_disk full_disk
	durability-kills	500	tests/durability.sh order kill_mda kill_mda_new_mailbox kill_smtpd
	interop-classroom	600	tests/interop.sh classroom
	interop-homelab	600	tests/interop.sh homelab
	fuzz	500	tests/fuzz.sh
	unit	600	tests/unit.sh
	dialogs	300	tests/dialogs.sh
	dialogs-san	400	BIN=$SAN_BIN ASAN_OPTIONS=detect_leaks=0 tests/dialogs.sh
	supervise	400	tests/supervise.sh
	secure	300	tests/secure.sh
	tour	120	tests/tour.sh
	roundtrip	240	tests/roundtrip.sh
	manual	120	tests/manual.sh
	words	60	tests/words.sh
	admin	240	tests/admin.sh
	trace	240	tests/trace.sh
	dns	120	tests/dns.sh
	queue	240	tests/queue.sh
	relay	400	tests/relay.sh
	hops	240	tests/hops.sh
	relay_tls	180	tests/relay_tls.sh
	authenticity	240	tests/authenticity.sh
	evidence	240	tests/evidence.sh
	evidence_pop3	180	tests/evidence_pop3.sh
	neighbours	300	tests/neighbours.sh
	lean	200	tests/lean.sh
	quit	240	tests/quit.sh
	mda	120	tests/mda.sh
	mailbox	240	tests/mailbox.sh
	backup	240	tests/backup.sh
	reports	180	tests/reports.sh
	mua_batch	120	tests/mua_batch.sh
	mua_screen	300	tests/mua_screen.sh
	mua_windows	240	tests/mua_windows.sh
	mua_rows	240	tests/mua_rows.sh
	mua_send	240	tests/mua_send.sh
	mua_write	240	tests/mua_write.sh
	mua_fetch	240	tests/mua_fetch.sh
	mua_accounts	240	tests/mua_accounts.sh
	mua_walk	240	tests/mua_walk.sh
	policy	180	tests/policy.sh
	apop	180	tests/apop.sh
	visits	180	tests/visits.sh
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
		[ $status = 124 ] &&
		    echo "over its $seconds seconds" >>"$logs/$name.log"
		tail -n 60 "$logs/$name.log" | sed 's/^/  | /'
	fi
}
export -f one
export logs

tests | while IFS=$'\t' read -r name seconds command; do
	[ -n "$name" ] || continue
	[ $# -gt 0 ] && [[ " $* " != *" $name "* ]] && continue
	printf '%s\0%s\0%s\0' "$name" "$seconds" "$command"
done | xargs --process-slot-var=SLOT -0 -r -n 3 -P 5 bash -c 'one "$@"' one

count() { grep -lx "$1" "$logs"/*.status 2>/dev/null | wc -l; }
passed=$(count passed) failed=$(count failed) skipped=$(count skipped)
# At the very end, where a log that was cut still has it: the last words of
# each that failed, all together no more than some twenty lines.
lines=$((failed > 3 ? 1 : 5))
grep -lx failed "$logs"/*.status 2>/dev/null | head -n 20 |
    while read -r status; do
	log=${status%.status}.log
	echo "failed: $(basename "$log" .log):"
	grep -avE '^(time=|[[:space:]]*$)' "$log" |
	    sed '/^the end of the log:/,/^over its/{/^over its/!d}' |
	    tail -n $lines | cut -c 1-300 | sed 's/^/  /'
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
