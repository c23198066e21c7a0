#!/usr/bin/env bash
# supervise.sh - postlab up, down and status: every kind of process is killed
# and must come back; nothing may stay behind.
#
# By root all of it is done twice: as root, and as an ordinary user.
set -u
. tests/world.sh
top=$(mktemp -d "${TMPDIR:-/tmp}/postlab-supervise-XXXXXX")
trap 'world_end "$top"' EXIT
# The tree may lie where an ordinary user cannot look.
mkdir "$top/bin" && cp "$BIN"/{smtpd,mda,pop3d,postlab} "$top/bin/" &&
    chmod -R a+rX "$top" || fail "no programs in $BIN"
BIN=$top/bin

# running PROGRAM ROLE: the process ids of such processes, from status --json.
running() {
	postlab status --json | python3 -c '
import json, sys
for p in json.load(sys.stdin)["processes"]:
    if sys.argv[1] in ("any", p["program"]) and sys.argv[2] in ("any", p["role"]):
        assert isinstance(p["ppid"], int) and isinstance(p["doing"], str)
        print(p["pid"])' "$1" "$2"
}

# eventually SECONDS WHAT COMMAND...: it succeeds within so many seconds; a
# machine that has much else to do gets four times as many.
eventually() {
	local end=$((SECONDS + 4 * $1)) what=$2
	shift 2
	until "$@"; do
		[ $SECONDS -lt $end ] || fail "$who: $what"
		sleep 0.1
	done
}

# banner PORT PATTERN: what comes first from there.
banner() {
	local line
	{ read -r -t 30 line <&3; } 2>/dev/null \
	    3<>"/dev/tcp/127.0.0.1/$((BASE + $1))" && [[ $line == $2 ]]
}

ports_answer() {
	banner 25 '220 *' && banner 587 '220 *' && banner 110 '+OK *'
}

all_runs() {
	postlab status >/dev/null
}

are_gone() {
	local pid
	for pid; do
		# A zombie is only waiting for its parent.
		case $(cut -d ' ' -f 3 "/proc/$pid/stat" 2>/dev/null) in
		'' | Z) ;;
		*) return 1 ;;
		esac
	done
}

has_one() {
	[ -n "$(running "$1" "$2")" ]
}

nothing_runs() {
	[ "$(running any any)" = '' ]
}

is_replaced() {
	local now
	now=$(running "$1" "$2") && [ -n "$now" ] && ! grep -qx "$3" <<<"$now"
}

# One process of each kind dies by SIGKILL.
kill_each() {
	local program role pid
	while read -r program role; do
		eventually 10 "there is no $program $role" \
		    has_one "$program" "$role"
		pid=$(running "$program" "$role")
		pid=${pid%%$'\n'*}
		kill -9 "$pid"
		eventually 15 "$program $role did not come back" \
		    is_replaced "$program" "$role" "$pid"
		eventually 15 "not all daemons run after $program $role" all_runs
		eventually 15 "a port is dead after $program $role" ports_answer
	done <<-KINDS
	smtpd worker
	mda worker
	pop3d worker
	smtpd auth
	pop3d auth
	smtpd queue
	smtpd master
	pop3d master
	mda master
	KINDS
}

# status_of STATUS PATTERN COMMAND...: its exit status, and what it says.
status_of() {
	local want=$1 pattern=$2 out status
	shift 2
	out=$("$@" 2>&1)
	status=$?
	[ $status = "$want" ] || fail "$who: $*: exit status $status" "$out"
	[[ $out == *$pattern* ]] || fail "$who: $*: not '$pattern' but" "$out"
}

starts_and_stops() {
	local all
	status_of 3 'smtpd does not run' postlab status
	status_of 0 'nothing runs' postlab down
	status_of 0 "telnet 127.0.0.1 $((BASE + 25))" postlab up --detach
	ports_answer || fail "$who: up said ready, and a port does not answer"
	status_of 75 'already' postlab up
	status_of 75 'already' postlab up --detach
	status_of 0 'serving' serving_client
	status_of 0 '"supervised": true' postlab status --json
	all=$(running any any)
	[ "$(wc -w <<<"$all")" -ge 10 ] || fail "$who: few processes: $all"
	status_of 0 '' postlab down
	eventually 5 "something is left after down" are_gone $all
	nothing_runs || fail "$who: status shows the dead"
}

serving_client() {
	exec 4<>"/dev/tcp/127.0.0.1/$((BASE + 25))"
	read -r -t 30 <&4
	postlab status
	exec 4>&-
}

is_logged() {
	[ "$(grep -c "$1" "$DIR/log/postlab.log")" -ge "$2" ]
}

# Nobody but the supervisor is root, and who meets the network, passwords or
# foreign mail is confined.
are_confined() {
	local pid role
	for role in master worker auth queue; do
		for pid in $(running any $role); do
			has_mark "$pid" 'Uid:\s+[1-9]' &&
			    has_mark "$pid" 'NoNewPrivs:\s+1' &&
			    has_mark "$pid" 'CapEff:\s+0+$' || return 1
			[ $role = master ] ||
			    has_mark "$pid" 'Seccomp:\s+2' || return 1
			has_no_log "$pid" || return 1
		done
	done
}

# Not the file itself, which it could read or make empty.  Only root sees it.
has_no_log() {
	local is
	is=$(readlink "/proc/$1/fd/2") || return 0
	[[ $is == pipe:* ]]
}

has_mark() {
	grep -Eq "^$2" "/proc/$1/status"
}

# The second death in a row costs two seconds, the first one.
waits_longer() {
	eventually 5 "the first pause is not 1 s" \
	    is_logged 'event=daemon-died name=mda .* retry_ms=1000' 1
	kill -9 "$(running mda master)"
	eventually 15 "mda did not come back" all_runs
	eventually 5 "the second pause is not 2 s" \
	    is_logged 'event=daemon-died name=mda .* retry_ms=2000' 1
}

reloads() {
	: >"$DIR/log/postlab.log"
	kill -HUP "$(running postlab supervisor)"
	eventually 10 "SIGHUP does not reach every daemon" \
	    is_logged event=reloaded 3
	ports_answer || fail "$who: a port is dead after a reload"
}

# Without their supervisor the daemons go on, and down still ends them.
loses_supervisor() {
	local all
	kill -9 "$(running postlab supervisor)"
	eventually 5 "a port is dead without supervisor" ports_answer
	status_of 0 'no supervisor' postlab status
	status_of 0 '"supervised": false' postlab status --json
	status_of 75 'already' postlab up --detach
	status_of 75 'without its supervisor' postlab up
	all=$(running any any)
	status_of 0 '' postlab down
	eventually 5 "something is left after down" are_gone $all
}

# What cannot start says why, at once, and leaves nothing running.
cannot_start() {
	local holder
	: >"$top/held" # of the world before
	python3 -c '
import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen()
print("held", flush=True); time.sleep(60)' $((BASE + 110)) >"$top/held" &
	holder=$!
	eventually 10 "the port could not be taken" grep -qs held "$top/held"
	status_of 69 "127.0.0.1:$((BASE + 110))" postlab up --detach
	status_of 69 "127.0.0.1:$((BASE + 110))" postlab up
	kill $holder
	wait $holder 2>/dev/null
	eventually 5 "something runs that could not start" nothing_runs

	cp "$DIR/postlab.conf" "$top/good.conf"
	echo 'nonsense = 1' >>"$DIR/postlab.conf"
	status_of 78 postlab.conf: postlab up --detach
	cat "$top/good.conf" >"$DIR/postlab.conf"

	mv "$DIR/log/postlab.log" "$top/kept.log"
	mkfifo "$DIR/log/postlab.log"
	status_of 73 log/postlab.log: postlab up --detach
	mv "$top/kept.log" "$DIR/log/postlab.log"
}

needs_proc() {
	unshare --mount true 2>/dev/null || return 0
	out=$(unshare --mount sh -c 'umount -l /proc && exec "$@"' sh \
	    "$BIN/postlab" -d "$DIR" up 2>&1)
	[ $? = 72 ] && [[ $out == *'/proc is missing'* ]] ||
	    fail "$who: up without /proc:" "$out"
}

warns_of_certificates() {
	status_of 0 ' 0 warnings' postlab config check
	mv "$DIR/tls/server-rsa.key" "$top/key"
	status_of 0 'ports with TLS will not open' postlab config check
	mv "$top/key" "$DIR/tls/server-rsa.key"
}

in_foreground() {
	local all up
	: >"$top/out" # of the world before
	# In one file with the log, neither writes over the other.
	postlab up >"$top/out" 2>&1 &
	up=$!
	eventually 20 "up does not say ready" grep -qs '^ready:' "$top/out"
	ports_answer || fail "$who: ready, and a port does not answer"
	all=$(running any any)
	kill -TERM "$(running postlab supervisor)"
	wait $up || fail "$who: up ended with $?"
	eventually 5 "something is left after SIGTERM" are_gone $all
	[ "$(grep -c '^time=.* event=ready' "$top/out")" = 4 ] ||
	    fail "$who: no whole log on standard error" "$(cat "$top/out")"
}

everything() {
	world_make "$1"
	warns_of_certificates
	[ "$AS" ] || needs_proc
	starts_and_stops
	world_up >/dev/null
	eventually 10 "the workers do not start" has_one smtpd worker
	eventually 10 "a process is not confined" are_confined
	kill_each
	waits_longer
	reloads
	loses_supervisor
	cannot_start
	in_foreground
	echo "$who: done"
}

mkdir "$top/mine"
who=$(id -un)
everything "$top/mine"
if [ "$who" = root ]; then
	who=nobody AS='setpriv --reuid=65534 --regid=65534 --clear-groups'
	mkdir "$top/theirs" && chown 65534:65534 "$top/theirs"
	everything "$top/theirs"
fi
