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

now() { date +%s.%N; }
since() { awk "BEGIN { printf \"%.${2:-2}f\", $(now) - $1 }"; }

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

# measure PORT SINK RECIPIENT SESSIONS: messages a second to the sink.
measure() {
	local before start end out messages wanted errors
	before=$(taken "$2") start=$(now)
	out=$("$BENCH/smtpload" -s "$4" -d "$each" -r $users -t "$3" \
	    127.0.0.1 "$1")
	read -r messages _ _ _ _ _ _ errors <<<"$out"
	wanted=$((before + messages))
	for _ in $(seq 1200); do
		[ "$(taken "$2")" -ge "$wanted" ] && break
		sleep 0.05
	done
	end=$(now)
	[ "$(taken "$2")" = "$wanted" ] && [ "$errors" = 0 ] ||
	    echo "lost, doubled or refused mail: $out; $(taken "$2") of" \
	    "$wanted" >&2
	echo "$messages $start $end" | awk '{ printf "%.0f\n", $1 / ($3 - $2) }'
}

queue_pid() { postlab -d "$lab" status | awk '$2 == "queue" { print $3 }'; }

# A long queue: everything is put in while the sink is away.
fill() {
	"$BENCH/smtpload" -s 20 -n "$long" -r $users -t "away%d@campus.example" \
	    127.0.0.1 $((ports + 25)) >/dev/null
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
sleep 1
postfix_pid=$("$here/postfix.sh" again "$dir/postfix" $((ports + 26)))
sink $((ports + 111)) postlab.sink
sink $((ports + 112)) postfix.sink
postlab -d "$lab" up --detach >/dev/null || exit 1

for ((round = 1; round <= rounds; round++)); do
	for sessions in 1 20; do
		measure $((ports + 25)) postlab.sink "out%d@campus.example" \
		    $sessions >>"$dir/postlab.$sessions"
		measure $((ports + 26)) postfix.sink "x%d@far.example" \
		    $sessions >>"$dir/postfix.$sessions"
	done
done
tail -c 300 "$dir"/postlab.* "$dir"/postfix.*[0-9k]; cp "$lab"/log/postlab.log "$dir/postfix/postfix.log" /tmp/r1/
