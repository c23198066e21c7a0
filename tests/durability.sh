#!/usr/bin/env bash
# durability.sh - what was acknowledged is there, whatever goes wrong.
#
#   tests/durability.sh [SCENARIO ...]
#
# Against the real daemons.  Every message proves that it is whole, and what
# was answered to it is kept in a ledger (durability.py); after each scenario
# the mailboxes are compared with it: everything acknowledged is there, no
# piece of a message is.  What was not acknowledged may be there or not.
#
# Root makes a mount namespace for the small disk, others a user namespace as
# well, in which they may use strace on the daemons.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
. tests/durability_disk.sh

SCENARIOS="order kill_mda kill_mda_new_mailbox many kill_smtpd kill_handover
	errors stopped index_abuse other_disk full_disk"
STEPS="openat writev fsync linkat unlinkat pwrite64"

# --- rights ---------------------------------------------------------------

command -v strace >/dev/null || skip "strace is not installed"
if [ -z "${INSIDE:-}" ]; then
	export INSIDE=yes
	if [ "$(id -u)" = 0 ]; then
		unshare -m true 2>/dev/null && exec unshare -m "$0" "$@"
		export NO_MOUNT="root may not mount here"
	elif unshare -Urm true 2>/dev/null; then
		# The daemons are an ordinary user's, one namespace further.
		export AS="unshare -U --map-user=1000 --map-group=1000 --"
		exec unshare -Urm "$0" "$@"
	else
		skip "user namespaces are forbidden here"
	fi
fi

# --- helpers --------------------------------------------------------------

ME="python3 tests/durability.py"

send() { # COUNT [options of durability.py send]
	$ME send "$LEDGER" "$@" || exit 1
}

smtp() { send "$1" --port $((BASE + 25)) "${@:2}"; }
lmtp() { send "$1" --lmtp "$DIR/run/lmtp" "${@:2}"; }

check() { # [options of durability.py check]
	printf '%-22s ' "$scenario"
	$ME check "$DIR" "$LEDGER" "$@" || exit 1
}

master_of() { cat "$DIR/run/$1.pid"; }

# The workers of PROGRAM, once all of them are idle.
idle_workers() {
	local list
	for _ in $(seq 600); do
		# One that was just forked has its master's title.
		list=$(ps -o pid=,args= --ppid "$(master_of "$1")" |
		    grep -e ' worker' -e ': master' -e '<defunct>')
		if [ -n "$list" ] && ! grep -qv 'idle$' <<<"$list"; then
			awk '{ print $1 }' <<<"$list"
			return
		fi
		sleep 0.05
	done
	fail "the workers of $1 are not idle:" "$list"
}

is_traced() {
	for pid in "$@"; do
		grep -q '^TracerPid:.*[1-9]' "/proc/$pid/status" 2>/dev/null ||
		    return 1
	done
}

# attach_to PIDS STRACE-OPTIONS: whether a tracer has them.
attach_to() {
	local pids=$1 pid arguments=()
	shift
	for pid in $pids; do
		arguments+=(-p "$pid")
	done
	strace -qqq "${arguments[@]}" "$@" 2>"$TEMP/strace.err" &
	tracer=$!
	for _ in $(seq 3000); do
		# shellcheck disable=SC2086
		is_traced $pids && return
		kill -0 $tracer 2>/dev/null || break
		for pid in $pids; do
			kill -0 "$pid" 2>/dev/null || break 2
		done
		sleep 0.01
	done
	return 1
}

# attach PROGRAM MOST STRACE-OPTIONS: a tracer of so many of its workers that
# are idle, until detach.  One of them may get mail of the queue meanwhile, and
# be killed at it as was asked for: then others.
attach() {
	local program=$1 most=$2
	shift 2
	for _ in 1 2 3 4 5; do
		attach_to "$(idle_workers "$program" | head -n "$most")" "$@" &&
		    return
		detach
	done
	fail "strace cannot attach" "$(cat "$TEMP/strace.err")"
}

detach() {
	kill $tracer 2>/dev/null
	wait $tracer 2>/dev/null
}

# Kills the worker of PROGRAM that serves the message at each of its calls. $2
# sends one message; $3 kills at least must come about.
kill_at_each_step() {
	local program=$1 call killed=0 n
	for call in $STEPS; do
		for n in $(seq 30); do
			for _ in 1 2 3; do
				attach "$program" 100 -o "$TEMP/trace" \
				    -e trace="$call" \
				    -e inject="$call:signal=KILL:when=$n"
				eval "$2" >/dev/null
				detach
				# Else it may have been the turn of one that the
				# master has forked for the one killed before.
				grep -q "$call(" "$TEMP/trace" && break
			done
			grep -q 'killed by SIGKILL' "$TEMP/trace" || break
			killed=$((killed + 1))
		done
	done
	[ $killed -ge "$3" ] || fail "only $killed steps were met"
	printf '%-22s killed at %d steps\n' "$scenario" $killed
}

# --- scenarios ------------------------------------------------------------

# Every file and its folder were flushed before the 250 that speaks of it.
scenario_order() {
	local calls=openat,writev,write,fsync,fdatasync,linkat,sendto
	attach mda 1 -f -y -s 200 \
	    -o "$TEMP/trace" -e trace=$calls
	smtp 40 --expect acked
	smtp 5 --expect acked --size 400000
	detach
	check
	if ! grep -q 'fsync([0-9]*<' "$TEMP/trace"; then
		printf '%-22s skipped: only root sees what the files are\n' \
		    "$scenario"
		return
	fi
	printf '%-22s ' "$scenario"
	$ME order mda "$TEMP/trace" || exit 1

	# mda away: the queue's files are flushed before smtpd's 250.
	mv "$DIR/run/lmtp" "$DIR/run/lmtp.away"
	sleep 1 # as long as a kept connection to it lives, and more
	attach smtpd 100 -f -y -s 200 -o "$TEMP/trace" \
	    -e trace=$calls,renameat,unlinkat
	smtp 20 --expect acked
	detach
	mv "$DIR/run/lmtp.away" "$DIR/run/lmtp"
	printf '%-22s ' "$scenario"
	$ME order queue "$TEMP/trace" || exit 1
	check --wait 15
}

scenario_kill_mda() {
	# Open, write, two flushes, link and unlink at least.
	kill_at_each_step mda 'lmtp 1' 6
	check
	STEPS="fsync linkat sendto" kill_at_each_step mda 'smtp 1' 4
	check --wait 15
}

scenario_kill_mda_new_mailbox() {
	local user=0
	STEPS="mkdirat fsync openat" kill_at_each_step mda \
	    'user=$((user + 1)); lmtp 1 --to user$user@campus.example' 10
	check
}

# One message for nine mailboxes: all are flushed together, and whatever
# fails, a mailbox has a copy if and only if the answer for it was 250.
scenario_many() {
	local call n to
	to=$(seq -s, -f 'user%g@campus.example' 1 9)
	lmtp 1 --to "$to" --expect acked
	for call in syncfs:EIO syncfs:ENOSPC linkat:EIO linkat:ENOSPC \
	    openat:ENOSPC writev:EIO; do
		for n in 1 4; do
			attach mda 100 -o "$TEMP/trace" \
			    -e trace="${call%:*}" \
			    -e inject="${call%:*}:error=${call#*:}:when=$n"
			lmtp 1 --to "$to" >/dev/null
			detach
			grep -q INJECTED "$TEMP/trace" || break
		done
		[ "$call:$n" = syncfs:EIO:1 ] && fail "syncfs was not met"
	done
	check --clean
	STEPS="syncfs linkat" kill_at_each_step mda \
	    "lmtp 1 --to $to" 6
	check
}

# mda is away, so that smtpd must queue; its worker dies on the way.
scenario_kill_smtpd() {
	mv "$DIR/run/lmtp" "$DIR/run/lmtp.away"
	STEPS="openat write writev sendfile fsync linkat unlinkat sendto" \
	    kill_at_each_step smtpd 'smtp 1' 8
	mv "$DIR/run/lmtp.away" "$DIR/run/lmtp"
	check --wait 20
}

# The queue manager and its workers die again and again.
scenario_kill_handover() {
	local i pid
	mv "$DIR/run/lmtp" "$DIR/run/lmtp.away"
	smtp 20 --expect acked
	mv "$DIR/run/lmtp.away" "$DIR/run/lmtp"
	for i in $(seq 10); do
		for pid in $(pgrep -f 'smtpd: queue|smtpd: relay'); do
			pgrep -P "$(master_of smtpd)" | grep -qx "$pid" &&
			    kill -KILL "$pid"
		done
		sleep 0.15
	done
	check --wait 20
}

# After a failure mda does without its index for some seconds.
index_is_written() {
	local index=$DIR/mail/campus.example/bob/index.sqlite before
	before=$(stat -c %y "$index")
	for _ in $(seq 300); do
		lmtp 1 >/dev/null
		sleep 0.2
		[ "$(stat -c %y "$index")" = "$before" ] || return 0
	done
	fail "mda never writes its index again"
}

# A system call fails: 4xx, and nothing of the message is there; or it did not
# matter, and the message is.
scenario_errors() {
	local call error n met=0
	for call in openat:EIO openat:ENOSPC writev:ENOSPC writev:EIO \
	    fsync:EIO fsync:ENOSPC linkat:EIO linkat:ENOSPC unlinkat:EIO \
	    pwrite64:EIO pwrite64:ENOSPC; do
		error=${call#*:} call=${call%:*}
		[ $call != pwrite64 ] || index_is_written
		for n in 1 2 3; do
			attach mda 100 -o "$TEMP/trace" \
			    -e trace=$call \
			    -e inject="$call:error=$error:when=$n"
			lmtp 1 >/dev/null
			detach
			grep -q INJECTED "$TEMP/trace" || break
			met=$((met + 1))
		done
	done
	echo "$met calls of mda failed"
	[ $met -ge 12 ] || fail "only $met calls of mda failed"
	check --clean
	# The same through smtpd: it keeps what mda cannot.
	for call in fsync:error=EIO linkat:error=EIO writev:error=ENOSPC; do
		attach mda 100 -o "$TEMP/trace" \
		    -e trace="${call%%:*}" -e inject="$call:when=1"
		smtp 1 --expect acked >/dev/null
		detach
	done
	check --wait 15
	# And of smtpd's own, while it must queue.
	mv "$DIR/run/lmtp" "$DIR/run/lmtp.away"
	for call in fsync:error=EIO linkat:error=ENOSPC openat:error=EIO; do
		for n in 1 2 3; do
			attach smtpd 100 -o "$TEMP/trace" \
			    -e trace="${call%%:*}" -e inject="$call:when=$n"
			smtp 1 >/dev/null
			detach
		done
	done
	mv "$DIR/run/lmtp.away" "$DIR/run/lmtp"
	check --wait 15
}

# mda does not answer, is not there, or was killed a moment ago.
scenario_stopped() {
	local pids start
	pids="$(master_of mda) $(idle_workers mda)"
	start=$SECONDS
	# shellcheck disable=SC2086
	kill -STOP $pids
	smtp 2 --expect acked --to bob@campus.example,alice@campus.example
	# shellcheck disable=SC2086
	kill -CONT $pids
	# Without lmtp_timeout it would be half a minute, and that twice.
	[ $((SECONDS - start)) -le 25 ] || fail "smtpd waited too long for mda"
	check --wait 15

	mv "$DIR/run/lmtp" "$DIR/run/lmtp.away"
	smtp 2 --expect acked
	mv "$DIR/run/lmtp.away" "$DIR/run/lmtp"
	check --wait 15

	kill -KILL "$(master_of mda)"
	smtp 5 --expect acked
	check --wait 20
}

# The index is only a cache.
scenario_index_abuse() {
	local index="$DIR/mail/campus.example/bob/index.sqlite" abuse pid
	for abuse in 'rm -f $index*' ': >$index' 'truncate -s 5000 $index' \
	    'head -c 20000 /dev/urandom >$index' 'chmod 0400 $index*' \
	    'rm -f $index* && $AS mkdir $index' \
	    'rm -rf $index* && mkfifo $index' \
	    'rm -f $index* && ln -s /etc/passwd $index'; do
		smtp 1 --expect acked >/dev/null
		eval "$abuse" || fail "$abuse"
		smtp 2 --expect acked >/dev/null
	done
	rm -rf "$index"*
	smtp 1 --expect acked >/dev/null
	$ME lock "$index" 60 >"$TEMP/lock" &
	pid=$!
	until grep -qs locked "$TEMP/lock"; do
		sleep 0.05
		kill -0 $pid 2>/dev/null || break
	done
	smtp 3 --expect acked
	kill $pid
	check --wait 15
}

# --- the run --------------------------------------------------------------

start_world() {
	world_make "$1"
	world_set smtpd lmtp_timeout 3s
	world_set smtpd spare 1
	world_set mda spare 1
	world_set queue retry_min 1s
	world_set queue retry_max 1s
	seq -f 'user%.0f@campus.example' 40 >"$TEMP/users"
	while read -r user; do
		echo "$PASSWORD" | postlab user add "$user" --password-stdin
	done <"$TEMP/users" >/dev/null
	world_up
}

finish() {
	local status=$?
	[ -n "$tracer" ] && kill $tracer 2>/dev/null
	world_down >/dev/null 2>&1
	umount -l "$TEMP/disk" "$TEMP/ram" 2>/dev/null
	(exit $status)
	world_end "$TEMP"
}

TEMP=$(mktemp -d) || exit 1
tracer=
trap finish EXIT
mkdir "$TEMP/world"
LEDGER=$TEMP/ledger
start_world "$TEMP/world"
for scenario in ${*:-$SCENARIOS}; do
	start=$SECONDS
	"scenario_$scenario"
	printf '%-22s %ds\n' "$scenario" $((SECONDS - start))
done
echo "nothing was lost"
