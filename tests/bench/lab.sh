# shellcheck shell=bash
# shellcheck disable=SC2034
# lab.sh - a Postlab of its own to be measured; sourced by the other scripts.
#
# Sets here, dir (removed at the end), lab, ports, PATH.  BIN and BENCH are the
# folders of the programs.
set -u
users=20
BIN=${BIN:-$PWD/build/bin}
BENCH=${BENCH:-$PWD/build/bench}
here=$(cd "$(dirname "$0")" && pwd)
export PATH=$BIN:$PATH

for program in "$BIN/postlab" "$BENCH/durable" "$BENCH/smtpload"; do
	[ -x "$program" ] || { echo "$program is missing: make bench" >&2; exit 1; }
done
base=${TMPDIR:-/tmp}
[ "$(stat -f -c %T "$base")" = tmpfs ] && base=/var/tmp
dir=$(mktemp -d "$base/postlab-bench.XXXXXX") || exit 1
chmod 755 "$dir"
lab=$dir/lab

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A base under which every port we need is free, and below those that clients get.
find_ports() {
	local p
	for _ in $(seq 50); do
		ports=$((20000 + RANDOM % 110 * 100))
		for p in 25 26 110 111 112 113 114 465 587 995; do
			is_free $((ports + p)) || continue 2
		done
		return
	done
	echo "no free ports" >&2
	exit 1
}

make_lab() { # folder
	postlab -d "$1" init --domain campus.example --port-base "$ports" \
	    >/dev/null || exit 1
	cat >>"$1/postlab.conf" <<-END

	[smtpd]
	workers = 300
	per_address = 300
	[pop3d]
	workers = 300
	per_address = 300
	END
	for ((i = 0; i < users; i++)); do
		echo "pw$i-benchmark" | postlab -d "$1" user add \
		    "user$i@campus.example" --password-stdin >/dev/null 2>&1 || exit 1
	done
}

# The machine, and how busy it is before we are.
describe() {
	echo "$(nproc) CPUs, Linux $(uname -r)," \
	    "$(df --output=fstype "$dir" | tail -n 1)," \
	    "load $(cut -d' ' -f1 /proc/loadavg) before the run"
}

# pid and its descendants
tree() {
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v root="$1" '
	{ pid = $1; sub(/^.*\) /, ""); parent[pid] = $2 }
	END { for (pid in parent) {
		for (p = pid; p != root && p > 1; p = parent[p]) ;
		if (p == root) print pid } }'
}

# CPU seconds of a process tree, the dead children counted.  What lives is read
# in nanoseconds: two hundred processes would lose a second to whole ticks.
cpu() {
	for p in $(tree "$1"); do
		cat "/proc/$p/schedstat" "/proc/$p/stat" 2>/dev/null
	done | awk -v hz="$(getconf CLK_TCK)" '
	    NF == 3 { t += $1 / 1e9; next }
	    { sub(/^.*\) /, ""); t += ($14 + $15) / hz }
	    END { printf "%.3f\n", t }'
}

now() { date +%s.%N; }

# PSS of a process tree in KB; nothing where we may not look
pss() {
	for p in $(tree "$1"); do
		cat "/proc/$p/smaps_rollup" 2>/dev/null
	done | awk '/^Pss:/ { t += $2; n++ } END { if (n) print t }'
}

# The line with the median first column
median() { sort -n | awk '{ a[NR] = $0 } END { print a[int((NR + 1) / 2)] }'; }

# A row: whether VALUE is OPERATOR (<= or >=) what is wanted
verdict() { # what value operator wanted
	awk -v what="$1" -v value="$2" -v want="$4" -v least="$3" 'BEGIN {
		met = least == ">=" ? value >= want : value <= want
		printf "| %s | %s %s | %s | %s |\n", what,
		    least == ">=" ? "at least" : "at most", want, value,
		    value == "" ? "not measured" : met ? "yes" : "no" }'
}

# Prints what comes in; with REPORT it also takes the place of what stands
# there between the marks <!-- NAME --> and <!-- end of NAME -->.
publish() { # name
	tee "$dir/report"
	[ -n "${REPORT:-}" ] || return 0
	awk -v new="$dir/report" -v name="$1" '
	    $0 == "<!-- end of " name " -->" { inside = 0 }
	    !inside { print }
	    $0 == "<!-- " name " -->" { inside = 1
		while ((getline line <new) > 0) print line }' "$REPORT" \
	    >"$dir/page" && cat "$dir/page" >"$REPORT"
}
