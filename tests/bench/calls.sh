#!/usr/bin/env bash
# calls.sh - which system calls a message costs, process by process.
#
#   tests/bench/calls.sh [MESSAGES [SESSIONS]]
#
# Traces a running Postlab with strace while mail comes in, one message a
# session.  Counts do not depend on how busy the machine is.  Calls that are
# rarer than one in twenty messages are left out of the lists.
# shellcheck source=tests/bench/lab.sh
. "$(dirname "$0")/lab.sh"
messages=${1:-200} sessions=${2:-1}
traced=''

cleanup() {
	[ -n "$traced" ] && kill "$traced" 2>/dev/null
	postlab -d "$lab" down >/dev/null 2>&1
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

load() { # messages
	"$BENCH/smtpload" -n "$1" -s "$sessions" -d 600 -r $users 127.0.0.1 \
	    $((ports + 25)) >"$dir/load" || exit 1
}

command -v strace >/dev/null || { echo "no strace" >&2; exit 1; }
find_ports
make_lab "$lab"
postlab -d "$lab" up --detach >/dev/null || exit 1
# Until mailboxes, indexes and workers are there and known.
load 300
postlab -d "$lab" status >"$dir/status"
pids=$(awk '$1 ~ /^(smtpd|mda|postlab)$/ { printf "-p %s ", $3 }' "$dir/status")
# shellcheck disable=SC2086
strace -f -qq $pids -o "$dir/trace" 2>/dev/null &
traced=$!
sleep 2
load "$messages"
sleep 1
kill $traced
wait $traced 2>/dev/null
traced=''

awk -v n="$messages" '
NR == FNR { role[$3] = $1 " " $2; next }
match($2, /^[a-z0-9_]+\(/) {
	who = $1 in role ? role[$1] : "new workers"
	sum["all"]++
	sum[who]++
	count[who "\t" substr($2, 1, RLENGTH - 1)]++
}
END {
	for (who in sum)
		printf "%s\t%08.2f\n", who, sum[who] / n
	for (key in count)
		if (split(key, part, "\t") && count[key] / n >= 0.05)
			printf "%s\t%08.2f\t%s\n", part[1], count[key] / n, part[2]
}' "$dir/status" "$dir/trace" | sort -t "$(printf '\t')" -k 1,1 -k 2,2r |
    awk -F '\t' '
	NF == 2 { printf "%s%s: %.1f", NR == 1 ? "" : "\n", $1, $2 }
	NF == 3 { printf ", %s %.2f", $3, $2 }
	END { print "" }'
