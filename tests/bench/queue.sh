#!/usr/bin/env bash
# queue.sh - measures the way of mail to another host: through the queue to a
# smtp-sink, beside Postfix; and what a queue of 10,000 messages costs.
#
#   tests/bench/queue.sh [SECONDS-EACH [ROUNDS [LONG]]]     about two minutes
#
# With REPORT=docs/PERFORMANCE.md the result replaces the one in that file.
#
# smtp-sink comes with Debian's Postfix.  Both have it for all hosts but their
# own: a [route], a relayhost; what is sent to an alias leads there.  A message
# counts when the sink has taken it, 4 KB each.  Both in every round, because a
# shared machine drifts; the table has the median round.
# shellcheck source=tests/bench/lab.sh
. "$(dirname "$0")/lab.sh"
each=${1:-5} rounds=${2:-3} long=${3:-10000}
postfix_pid='' sinks=()
machine=$(describe)

cleanup() {
	postlab -d "$lab" down >/dev/null 2>&1
	[ -n "$postfix_pid" ] && "$here/postfix.sh" stop "$dir/postfix"
	[ ${#sinks[@]} = 0 ] || kill "${sinks[@]}"
	sleep 0.5
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

since() { awk "BEGIN { printf \"%.2f\", $(now) - $1 }"; }

# sink PORT NAME: a server that takes all, and counts in the file NAME.
sink() {
	LD_LIBRARY_PATH=$root/usr/lib/postfix "$root/usr/sbin/smtp-sink" \
	    -c -u nobody "127.0.0.1:$1" 512 >"$dir/$2" 2>&1 &
	sinks+=($!)
	for _ in $(seq 50); do
		is_free "$1" || return 0
		sleep 0.1
	done
	echo "no smtp-sink" >&2
	exit 1
}

# How many messages the sink NAME has taken.
taken() {
	tail -c 200 "$dir/$1" | tr '\r' '\n' | sed -n 's/.* mesg=//p' |
	    awk '{ n = $1 } END { print 0 + n }'
}

# measure PID PORT SINK RECIPIENT SESSIONS; prints: rate p50 cpu-ms
measure() {
	local before start end cpu0 out messages p50 errors wanted
	before=$(taken "$3") cpu0=$(cpu "$1") start=$(now)
	out=$("$BENCH/smtpload" -s "$5" -d "$each" -r $users -t "$4" \
	    127.0.0.1 "$2")
	read -r messages _ _ p50 _ _ _ errors <<<"$out"
	wanted=$((before + messages))
	for _ in $(seq 1200); do
		[ "$(taken "$3")" -ge "$wanted" ] && break
		sleep 0.05
	done
	end=$(now)
	[ "$(taken "$3")" = "$wanted" ] && [ "$errors" = 0 ] ||
	    echo "lost, doubled or refused mail: $out; the sink has" \
	    "$(taken "$3") of $wanted" >&2
	echo "$messages $start $end $p50 $cpu0 $(cpu "$1")" |
	    awk '{ printf "%.0f %s %.2f\n", $1 / ($3 - $2), $4,
		$1 ? ($6 - $5) * 1000 / $1 : 0 }'
}

role_pid() { postlab -d "$lab" status | awk -v r="$1" '$2 == r { print $3; exit }'; }
queued() { find "$lab/queue" -maxdepth 1 -name '*.env' | wc -l; }

# A long queue: put in while the next host is away, then with a manager that
# has just begun, then handed on.
measure_long() {
	local start
	"$BENCH/smtpload" -s 20 -n "$long" -d 900 -r $users \
	    -t "away%d@campus.example" 127.0.0.1 $((ports + 25)) >"$dir/fill"
	postlab -d "$lab" down >/dev/null
	postlab -d "$lab" up --detach >/dev/null
	start=$(now)
	until postlab -d "$lab" status | grep -qE "queue +[0-9]+ +$long sched"; do
		sleep 0.05
	done
	known=$(since "$start")
	memory=$(pss "$(role_pid queue)")
	start=$(now)
	listed=$(postlab -d "$lab" queue list | wc -l)
	list=$(since "$start")
	sink $((ports + 114)) away.sink
	start=$(now)
	postlab -d "$lab" queue retry all >/dev/null
	until [ "$(taken away.sink)" -ge "$long" ]; do sleep 0.05; done
	drain=$(since "$start")
	until [ "$(queued)" = 0 ]; do sleep 0.05; done
	drained=$(taken away.sink)
}

find_ports
make_lab "$lab"
for ((i = 0; i < users; i++)); do
	postlab -d "$lab" alias add "out$i@campus.example" "x$i@far.example"
	postlab -d "$lab" alias add "away$i@campus.example" "x$i@away.example"
done >/dev/null || exit 1
cat >>"$lab/postlab.conf" <<-END
	[dns]
	resolver = none
	[route away]
	domains = away.example
	host = 127.0.0.1
	port = $((ports + 114))
	[route sink]
	domains = *
	host = 127.0.0.1
	port = $((ports + 111))
END
postfix_pid=$("$here/postfix.sh" start "$dir/postfix" $((ports + 26)) \
    $users 2>"$dir/why") || postfix_pid=''
[ -n "$postfix_pid" ] || { cat "$dir/why" >&2; exit 77; }
root=$dir/postfix/root
[ -d "$root" ] || root=
echo "relayhost = [127.0.0.1]:$((ports + 112))" >>"$dir/postfix/etc/main.cf"
"$here/postfix.sh" stop "$dir/postfix"
while kill -0 "$postfix_pid" 2>/dev/null; do sleep 0.1; done
rm -f "$dir/postfix/queue/pid/master.pid"
postfix_pid=$("$here/postfix.sh" again "$dir/postfix" $((ports + 26)))
sink $((ports + 111)) postlab.sink
sink $((ports + 112)) postfix.sink
postlab -d "$lab" up --detach >/dev/null || exit 1
lab_pid=$(role_pid supervisor)

for ((round = 1; round <= rounds; round++)); do
	for sessions in 1 20; do
		measure "$lab_pid" $((ports + 25)) postlab.sink \
		    "out%d@campus.example" $sessions >>"$dir/postlab.$sessions"
		measure "$postfix_pid" $((ports + 26)) postfix.sink \
		    "x%d@far.example" $sessions >>"$dir/postfix.$sessions"
	done
done
measure_long

report() {
	local worst='' ratio
	echo "$machine; $rounds rounds of $each s, the median."
	echo
	echo "| sessions | Postlab: relayed/s | p50 ms | CPU ms |" \
	    "Postfix: relayed/s | p50 ms | CPU ms | Postlab : Postfix |"
	echo "|--:|--:|--:|--:|--:|--:|--:|--:|"
	for sessions in 1 20; do
		read -r rate p50 ms < <(median <"$dir/postlab.$sessions")
		read -r other o50 oms < <(median <"$dir/postfix.$sessions")
		ratio=$(awk "BEGIN { printf \"%.2f\", $rate / $other }")
		echo "| $sessions | $rate | $p50 | $ms | $other | $o50 | $oms |" \
		    "$ratio |"
		worst=$(printf '%s\n' "${worst:-$ratio}" "$ratio" | sort -n |
		    head -n 1)
	done
	echo
	echo "| | wanted | is | met |"
	echo "|---|---|--:|---|"
	verdict "relayed, against Postfix, the least" "$worst" ">=" 1
	echo
	echo "| a queue of $long messages for a host that was away | |"
	echo "|---|--:|"
	echo "| all known and tried after the start, s | $known |"
	echo "| memory of the queue manager then (PSS), KB | $memory |"
	echo "| postlab queue list, $listed lines, s | $list |"
	echo "| handed on when the host is back, s | $drain |"
	echo "| messages that came ($long were sent) | $drained |"
}

report | publish queue
