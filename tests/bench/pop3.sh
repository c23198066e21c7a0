#!/usr/bin/env bash
# pop3.sh - measures pop3d beside Dovecot and Courier.
#
#   tests/bench/pop3.sh [SECONDS-EACH [ROUNDS]]     about two minutes
#
# With REPORT=docs/PERFORMANCE.md the result replaces the one in that file.
#
# The three have the same mailbox of 10,000 messages of 4 KB and 20 small ones,
# each its own copy.  They are measured one after another in every round; the
# table has the median.  The clients run on the same machine.  Postlab's
# passwords are kept as SCRAM keys, the others' in clear or in DES.
# shellcheck source=tests/bench/lab.sh
. "$(dirname "$0")/lab.sh"
each=${1:-2} rounds=${2:-3} count=10000 users=21
peers=$dir/peers
mkdir -p "$peers"
machine=$(describe)
declare -A pid port mail
pids=()

cleanup() {
	postlab -d "$lab" down >/dev/null 2>&1
	[ ${#pids[@]} = 0 ] || kill -9 "${pids[@]}" 2>/dev/null
	sleep 0.5
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# COUNT messages into the Maildir $1; names carry S= and W= for all who ask.
fill() { # maildir count
	mkdir -p "$1"/{tmp,new,cur}
	python3 - "$1" "$2" <<-'END'
	import sys
	folder, count = sys.argv[1], int(sys.argv[2])
	for i in range(count):
	    text = (f"Return-Path: <load@bench.example>\nFrom: Load <l{i % 97}"
	            f"@bench.example>\nTo: You <you@campus.example>\nSubject: "
	            f"Message {i}\nMessage-ID: <{i}@bench.example>\n"
	            f"Date: Thu, 19 Nov 2026 10:21:04 +0000\n\n")
	    while len(text) < 4000:
	        text += "Seventy characters of text stand in each line of what is sent here...\n"
	    wire = len(text) + text.count("\n")
	    name = f"{1700000000 + i}.M{i}P1.bench,S={len(text)},W={wire}:2,S"
	    with open(f"{folder}/cur/{name}", "w") as file:
	        file.write(text)
	END
}

lay_out() {
	local i what
	fill "$peers/big" $count
	fill "$peers/small" 20
	for what in dovecot courier; do
		mail[$what]=$peers/$what/mail
		mkdir -p "${mail[$what]}"
		cp -r "$peers/big" "${mail[$what]}/user0"
		for ((i = 1; i < users; i++)); do
			cp -r "$peers/small" "${mail[$what]}/user$i"
		done
		chown -R irc:irc "${mail[$what]}"
		chmod 755 "$peers" "$peers/$what"
	done
	mail[postlab]=$lab/mail/campus.example
	for ((i = 0; i < users; i++)); do
		mkdir -p "${mail[postlab]}/user$i"
		cp -r "$peers/$([ $i = 0 ] && echo big || echo small)/." \
		    "${mail[postlab]}/user$i/"
	done
	chown -R --reference="$lab/mail" "$lab/mail"
	find "$lab/mail" -type d -exec chmod 700 {} +
	# Who sees a folder that has just changed looks again.
	find "$peers" "$lab/mail" -type d -name cur \
	    -exec touch -d yesterday {} +
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start_peer() { # name port
	port[$1]=$2
	"$here/pop3_peers.sh" "$1" "$peers/$1" "$2" "${mail[$1]}" \
	    >"$peers/$1.log" 2>&1 &
	pid[$1]=$!
	pids+=($!)
	disown
	for _ in $(seq 300); do
		answers "$2" && return
		kill -0 "${pid[$1]}" 2>/dev/null || break
		sleep 0.1
	done
	echo "$1 does not start: $(tail -n 1 "$peers/$1.log")" >&2
	unset "port[$1]"
}

start_postlab() {
	cat >>"$lab/postlab.conf" <<-END

	[listen clear]
	protocol = pop3
	port = 111
	address = 127.0.0.1
	tls = starttls
	cleartext = yes
	END
	postlab -d "$lab" up --detach >/dev/null || exit 1
	port[postlab]=$((ports + 111))
	pid[postlab]=$(cat "$lab"/run/postlab.pid)
}

# Prints: count rate p50 p99
load() { # name mode options...
	local what=$1 mode=$2 user=user0 password=pw0-benchmark
	shift 2
	[ "$1" = -s ] && user=user%d password=pw%d-benchmark
	"$BENCH/pop3load" "$@" "$mode" 127.0.0.1 "${port[$what]}" \
	    $user $password 2>>"$dir/errors"
}

# PSS of one more session that has logged in to a small mailbox, in KB
held() { # name
	local before after client
	before=$(pss "${pid[$1]}")
	"$BENCH/pop3load" -s 20 hold 127.0.0.1 "${port[$1]}" user%d \
	    pw%d-benchmark >"$dir/held" 2>>"$dir/errors" &
	client=$!
	for _ in $(seq 100); do
		[ "$(wc -l <"$dir/held")" -ge 20 ] && break
		sleep 0.1
	done
	after=$(pss "${pid[$1]}")
	kill $client
	wait $client 2>/dev/null
	echo $(((after - before) / 20))
}

# Files of messages that pop3d opens for LIST and UIDL of the big mailbox
opened() {
	local tracer
	strace -f -qq -e trace=open,openat,openat2 -o "$dir/trace" \
	    $(tree "${pid[postlab]}" | sed 's/^/-p /') 2>/dev/null &
	tracer=$!
	sleep 1
	load postlab list -d 0.1 >/dev/null
	kill $tracer
	wait $tracer 2>/dev/null
	grep -c ',S=[0-9]*,W=' "$dir/trace"
}

# Handshakes a second of openssl s_server, with our certificate
start_openssl() {
	port[openssl]=$((ports + 114))
	openssl s_server -www -accept "127.0.0.1:${port[openssl]}" \
	    -cert "$lab/tls/server-ecdsa.pem" -key "$lab/tls/server-ecdsa.key" \
	    >/dev/null 2>&1 </dev/null &
	pids+=($!)
	disown
	sleep 0.5
}

find_ports
make_lab "$lab"
lay_out
start_postlab
start_peer dovecot $((ports + 112))
start_peer courier $((ports + 113))
start_openssl
names=()
for what in postlab dovecot courier; do
	[ -n "${port[$what]:-}" ] && names+=($what)
done

declare -A first held
for what in "${names[@]}"; do
	read -r _ _ first[$what] _ < <(load "$what" login -d 0.001)
	load "$what" session -s 20 -d 1 >/dev/null
	# Until nobody is kept for one who may come back (pop3d/main.c).
	sleep 8
	held[$what]=$(held "$what")
done
files_opened=$(opened)

for ((round = 1; round <= rounds; round++)); do
	for what in "${names[@]}"; do
		for mode in login list retr pipe; do
			load "$what" $mode -d "$each" >>"$dir/$what.$mode"
		done
		load "$what" session -s 20 -d "$each" >>"$dir/$what.session"
	done
	# In short turns: machines are faster now than then.
	for turn in 1 2 3 4; do
		load postlab session -s 20 -t -d 1 >>"$dir/postlab.stls"
		load openssl tls -s 20 -d 1 >>"$dir/openssl.tls"
	done
done

# The median rate, or the median of the times in ms
rate() { awk '{ print $2 }' "$dir/$1" 2>/dev/null | median; }
time_of() { awk '{ print $3 }' "$dir/$1" 2>/dev/null | median; }
ratio() { # a b
	[ -n "$1" ] && [ -n "$2" ] && awk "BEGIN { printf \"%.2f\", $1 / $2 }"
}
# The median of the rates' ratios, turn by turn
ratio_by_turns() { # a b
	paste -d ' ' "$dir/$1" "$dir/$2" 2>/dev/null |
	    awk 'NF == 8 { printf "%.2f\n", $2 / $6 }' | median
}
best() { printf '%s\n' "$@" | sort -n | tail -n 1; }

row() { # title function mode
	echo "| $1 | $($2 "postlab.$3") | $($2 "dovecot.$3") |" \
	    "$($2 "courier.$3") |"
}

report() {
	echo "$machine; $rounds rounds of $each s, the median."
	echo
	echo "| | Postlab | Dovecot | Courier |"
	echo "|---|--:|--:|--:|"
	echo "| login and STAT the first time, ms | ${first[postlab]:-} |" \
	    "${first[dovecot]:-} | ${first[courier]:-} |"
	row "login and STAT, ms" time_of login
	row "LIST and UIDL, ms" time_of list
	row "RETR one at a time, messages/s" rate retr
	row "RETR with 32 under way, messages/s" rate pipe
	row "sessions/s (login, STAT, QUIT), 20 clients" rate session
	echo "| PSS of a session logged in, KB | ${held[postlab]:-} |" \
	    "${held[dovecot]:-} | ${held[courier]:-} |"
	echo
	echo "| | wanted | is | met |"
	echo "|---|---|--:|---|"
	verdict "login and STAT of 10,000 messages, ms" \
	    "$(time_of postlab.login)" "<=" 10
	verdict "messages opened for LIST and UIDL" "$files_opened" "<=" 0
	verdict "RETR with 32 under way, against Dovecot" \
	    "$(ratio "$(rate postlab.pipe)" "$(rate dovecot.pipe)")" ">=" 0.9
	verdict "RETR one at a time, against Dovecot" \
	    "$(ratio "$(rate postlab.retr)" "$(rate dovecot.retr)")" ">=" 1.0
	verdict "sessions, against the better of the two" \
	    "$(ratio "$(rate postlab.session)" "$(best \
		"$(rate dovecot.session)" "$(rate courier.session)")")" ">=" 2
	verdict "PSS of a session logged in, KB" "${held[postlab]:-}" "<=" 275
	verdict "STLS, login, STAT, QUIT against handshakes of openssl s_server" \
	    "$(ratio_by_turns postlab.stls openssl.tls)" ">=" 0.8
	[ ! -s "$dir/errors" ] || sort "$dir/errors" | uniq -c | head -n 3 >&2
}

report | publish pop3
