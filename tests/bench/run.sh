#!/usr/bin/env bash
# run.sh - measures Postlab beside the disk's limit and beside Postfix.
#
#   tests/bench/run.sh [SECONDS-EACH [ROUNDS]]     about five minutes
#
# With REPORT=docs/PERFORMANCE.md the result replaces the one in that file.
#
# All three are measured one after the other in every round, because a shared
# machine drifts; the table has the median round.  One message a session, 4 KB,
# 20 mailboxes; a message counts when its file is in new/.  The client runs on
# the same machine and takes its share of it.
# shellcheck source=tests/bench/lab.sh
. "$(dirname "$0")/lab.sh"
each=${1:-10} rounds=${2:-3}
mailroot=$lab/mail/campus.example
postfix_pid='' postfix_idle='' traced=''
machine=$(describe)

cleanup() {
	[ -n "$traced" ] && kill "$traced" 2>/dev/null
	postlab -d "$lab" down >/dev/null 2>&1
	[ -n "$postfix_pid" ] && "$here/postfix.sh" stop "$dir/postfix"
	sleep 0.5
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

delivered() { find "$1" -path '*/new/*' -type f | wc -l; }

# One run; prints: rate p50 p99 cpu-ms
measure() { # pid port mail-folder sessions
	local before start end cpu0 out messages wanted
	before=$(delivered "$3") cpu0=$(cpu "$1") start=$(now)
	out=$("$BENCH/smtpload" -s "$4" -d "$each" -r $users 127.0.0.1 "$2")
	read -r messages _ _ p50 _ p99 _ errors <<<"$out"
	wanted=$((before + messages))
	# Postfix delivers after its 250.
	for _ in $(seq 600); do
		[ "$(delivered "$3")" -ge "$wanted" ] && break
		sleep 0.05
	done
	end=$(now)
	[ "$(delivered "$3")" = "$wanted" ] && [ "$errors" = 0 ] ||
	    echo "lost or refused mail: $out" >&2
	echo "$messages $start $end $p50 $p99 $cpu0 $(cpu "$1")" |
	    awk '{ printf "%.0f %s %s %.2f\n", $1 / ($3 - $2), $4, $5,
		$1 ? ($7 - $6) * 1000 / $1 : 0 }'
}

flushes() { # sets flushes: per message, by strace in a lab of its own
	local small=$dir/traced before after
	command -v strace >/dev/null || return
	postlab -d "$lab" down >/dev/null 2>&1
	make_lab "$small"
	strace -f -qq -e trace=fsync,fdatasync,syncfs,sync_file_range,msync \
	    -o "$dir/trace" postlab -d "$small" up >"$dir/up" 2>&1 &
	traced=$!
	for _ in $(seq 200); do
		grep -q '^ready:' "$dir/up" && break
		sleep 0.1
	done
	# The mailboxes and their indexes are made by the first message.
	"$BENCH/smtpload" -k 20 -n 40 -r $users 127.0.0.1 $((ports + 25)) \
	    >/dev/null
	before=$(grep -c '= 0$' "$dir/trace")
	"$BENCH/smtpload" -k 20 -n 400 -r $users 127.0.0.1 $((ports + 25)) \
	    >/dev/null
	after=$(grep -c '= 0$' "$dir/trace")
	flushes=$(awk "BEGIN { printf \"%.2f\", ($after - $before) / 400 }")
	postlab -d "$small" down >/dev/null 2>&1
	wait "$traced"
	traced=''
}

# PSS of one more idle session in KB
idle() { # pid port
	local before after held=50 client
	before=$(pss "$1")
	[ -n "$before" ] || return
	"$BENCH/smtpload" -i $held 127.0.0.1 "$2" >"$dir/idle" &
	client=$!
	for _ in $(seq 100); do
		grep -q idle "$dir/idle" && break
		sleep 0.1
	done
	sleep 1
	after=$(pss "$1")
	kill $client
	wait $client 2>/dev/null
	echo $(((after - before) / held))
}

find_ports
make_lab "$lab"
postlab -d "$lab" up --detach >/dev/null || exit 1
lab_pid=$(cat "$lab"/run/postlab.pid 2>/dev/null || postlab -d "$lab" status |
    awk '$2 == "supervisor" { print $3 }')
postfix_pid=$("$here/postfix.sh" start "$dir/postfix" $((ports + 26)) \
    $users 2>"$dir/why") || postfix_pid=''

# Before the load, which leaves idle workers behind.
smtp_idle=$(idle "$lab_pid" $((ports + 25)))
pop_idle=$(idle "$lab_pid" $((ports + 110)))
[ -n "$postfix_pid" ] && postfix_idle=$(idle "$postfix_pid" $((ports + 26)))

for ((round = 1; round <= rounds; round++)); do
	for sessions in 1 20 100; do
		# Nothing is removed before the end: after many removals
		# ext4 is slow to make files for half a minute.
		mkdir "$dir/disk.$round.$sessions"
		"$BENCH/durable" "$dir/disk.$round.$sessions" $sessions 2 \
		    >>"$dir/rate.$sessions"
		measure "$lab_pid" $((ports + 25)) "$mailroot" $sessions \
		    >>"$dir/postlab.$sessions"
		[ -n "$postfix_pid" ] && measure "$postfix_pid" \
		    $((ports + 26)) "$dir/postfix/mail" $sessions \
		    >>"$dir/postfix.$sessions"
	done
done
flushes

report() {
	local worst_ratio='' worst_cpu=0 crowd_p99='' ratio
	echo "$machine; $rounds rounds of $each s, the median."
	echo
	echo "| sessions | disk: durable creates/s | Postlab: delivered/s |" \
	    "p50 ms | p99 ms | CPU ms | Postfix: delivered/s | p50 ms |" \
	    "p99 ms | CPU ms | Postlab : Postfix |"
	echo "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
	for sessions in 1 20 100; do
		read -r rate p50 p99 ms < <(median <"$dir/postlab.$sessions")
		read -r other o50 o99 oms < <(median \
		    <"$dir/postfix.$sessions" 2>/dev/null) || other=''
		ratio=$([ -n "$other" ] &&
		    awk "BEGIN { printf \"%.2f\", $rate / $other }")
		echo "| $sessions | $(median <"$dir/rate.$sessions") | $rate |" \
		    "$p50 | $p99 | $ms | ${other:--} | ${o50:--} |" \
		    "${o99:--} | ${oms:--} | ${ratio:--} |"
		worst_ratio=$(printf '%s\n' "${worst_ratio:-$ratio}" "$ratio" |
		    sort -n | head -n 1)
		worst_cpu=$(printf '%s\n' "$worst_cpu" "$ms" | sort -n | tail -n 1)
		crowd_p99=$p99
	done
	echo
	echo "| | wanted | is | met |"
	echo "|---|---|--:|---|"
	verdict "delivered, against Postfix, the least" "$worst_ratio" ">=" 1.5
	verdict "CPU ms a message, the most" "$worst_cpu" "<=" 1.2
	verdict "flushes a message" "${flushes:-}" "<=" 2
	verdict "99th percentile with 100 sessions, ms" "$crowd_p99" "<=" 150
	verdict "PSS of an idle SMTP session, KB" "${smtp_idle:-}" "<=" 120
	verdict "PSS of an idle POP3 session, KB" "${pop_idle:-}" "<=" 120
	echo
	if [ -n "$postfix_pid" ]; then
		echo "An idle SMTP session of Postfix: ${postfix_idle:-?} KB."
	else
		echo "Postfix: $(tail -n 1 "$dir/why")"
	fi
}

report | publish bench
