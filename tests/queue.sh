#!/usr/bin/env bash
# queue.sh - mail that waits: ETRN, QUEUE and postlab queue, with real daemons.
#
# smtpd looks for mda on a TCP port that nobody serves until this script does,
# so that nothing but what is tested here makes mail move.
set -u
cd "$(dirname "$0")/.."
. tests/world.sh
top=$(mktemp -d "${TMPDIR:-/tmp}/postlab-queue-XXXXXX")
proxy=
trap 'world_end "$top" mda_away' EXIT
# The tree may lie where an ordinary user cannot look.
mkdir "$top/bin" && cp "$BIN"/{smtpd,mda,pop3d,postlab} "$top/bin/" &&
    chmod -R a+rX "$top" || fail "no programs in $BIN"
BIN=$top/bin

# expect STATUS PATTERN COMMAND...: its exit status, and a line of its output.
expect() {
	local want=$1 pattern=$2 out status
	shift 2
	out=$("$@" 2>&1 </dev/null)
	status=$?
	[ $status = "$want" ] || fail "$*: exit status $status, not $want" "$out"
	grep -Eq -- "$pattern" <<<"$out" || fail "$*: does not say: $pattern" "$out"
}

# eventually WHAT COMMAND...: it succeeds within two minutes.
eventually() {
	local end=$((SECONDS + 120)) what=$1
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || fail "$what" "$(postlab queue list)"
		sleep 0.1
	done
}

# From now on the port leads to mda's socket.
mda_here() {
	python3 - "$((BASE + 24))" "$DIR/run/lmtp" <<-'PYTHON' &
	import socket, sys, threading
	def carry(a, b):
	    try:
	        while data := a.recv(65536):
	            b.sendall(data)
	        b.shutdown(socket.SHUT_WR)
	    except OSError:
	        pass
	door = socket.create_server(("127.0.0.1", int(sys.argv[1])))
	while True:
	    client = door.accept()[0]
	    mda = socket.socket(socket.AF_UNIX)
	    mda.connect(sys.argv[2])
	    threading.Thread(target=carry, args=(client, mda), daemon=True).start()
	    threading.Thread(target=carry, args=(mda, client), daemon=True).start()
	PYTHON
	proxy=$!
	eventually "the way to mda does not open" \
	    bash -c "exec 3<>/dev/tcp/127.0.0.1/$((BASE + 24))" 2>/dev/null
}

mda_away() {
	[ -z "$proxy" ] || { kill "$proxy"; wait "$proxy"; } 2>/dev/null
	proxy=
}

# say LINE...: an SMTP session that says them; its answers.
say() {
	python3 - "$((BASE + 25))" "$@" <<-'PYTHON'
	import socket, sys
	peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
	lines = peer.makefile("rw", newline="")
	def answer():
	    while line := lines.readline():
	        print(line.rstrip("\r\n"))
	        if line[3:4] != "-":
	            return
	answer()
	for line in ["EHLO desk"] + sys.argv[2:] + ["QUIT"]:
	    lines.write(line + "\r\n")
	    lines.flush()
	    answer()
	PYTHON
}

# mail TO...: a message for these; its queue id.
mail() {
	local to rcpts=()
	for to; do rcpts+=("RCPT TO:<$to@campus.example>"); done
	say 'MAIL FROM:<alice@campus.example>' "${rcpts[@]}" DATA \
	    $'Subject: for '"$1"$'\r\n\r\nThe body.\r\n.' |
	    sed -n 's/^250 2.0.0 Ok: queued as //p'
}

count() {
	postlab queue list "$@" | wc -l
}

is_empty() {
	[ "$(count)" = 0 ]
}

attempts() {
	postlab queue show "$1" | awk '$1 == "attempts" { print $2 }'
}

was_tried() {
	[ "$(attempts "$1")" = "$2" ]
}

is_held() {
	postlab queue list | grep -q "^$1.*"$'\t'held$'\t'
}

# got USER ID: how many messages with that id the mailbox has.
got() {
	grep -ls "id $2" "$DIR/mail/campus.example/$1"/{new,cur}/* | wc -l
}

etrn() {
	local id
	expect 0 '^251 2.0.0 OK, no messages waiting' say 'ETRN campus.example'
	id=$(mail bob)
	[ ${#id} = 14 ] || fail "nothing was queued"
	expect 0 '^253 2.0.0 OK, 1 pending messages for node campus.example' \
	    say 'ETRN campus.example'
	eventually "ETRN has nothing tried" was_tried "$id" 2
	mda_here
	sleep 1
	[ "$(count)" = 1 ] || fail "it moved without ETRN"
	expect 0 '^253 2.0.0 OK, 1 pending' say 'ETRN @campus.example'
	eventually "ETRN has nothing delivered" is_empty
	[ "$(got bob "$id")" = 1 ] || fail "bob has not got $id"
	mda_away
}

own_queue() {
	local id
	expect 0 '^250 2.0.0 Your queue is empty' say QUEUE
	id=$(mail bob carol)
	expect 0 "^250-2.0.0 $id, age [0-9]+s, [0-9]+ octets, 2 of 2 recipients wait, next try in [0-9hm]+; last reply: 451 4.4.1 " \
	    say QUEUE
	expect 0 '^250 2.0.0 1 message$' say QUEUE
	# Another user of this machine has his own.
	if [ "$(id -u)" = 0 ]; then
		export -f say
		export BASE
		expect 0 '^250 2.0.0 Your queue is empty' setpriv \
		    --reuid=65533 --clear-groups bash -c 'say QUEUE'
	fi
	expect 0 "^$id.deleted\$" postlab queue delete "$id"
	expect 0 '^250 2.0.0 Your queue is empty' say QUEUE
}

looking() {
	local id
	id=$(mail bob)
	mail alice >/dev/null
	[ "$(count)" = 2 ] || fail "not two messages"
	[ "$(count --recipient bob@campus.example)" = 1 ] || fail "--recipient"
	[ "$(count --recipient '<BOB@campus.example>')" = 1 ] || fail "case"
	[ "$(count --sender alice@campus.example)" = 2 ] || fail "--sender"
	[ "$(count --sender '<>')" = 0 ] || fail "--sender <>"
	[ "$(count --domain campus.example)" = 2 ] || fail "--domain"
	[ "$(count --domain example)" = 0 ] || fail "--domain of another"
	postlab queue list --json | python3 -c '
import json, sys
messages = {m["id"]: m for m in json.load(sys.stdin)["messages"]}
assert len(messages) == 2, messages
a = messages[sys.argv[1]]
assert a["sender"] == "alice@campus.example" and not a["held"], a
to, = a["recipients"]
assert to["address"] == "bob@campus.example" and to["state"] == "waits", to
assert to["last"]["code"] == 451, to' "$id" || fail "list --json"
	expect 0 '^recipient +<bob@campus.example> here, waits$' \
	    postlab queue show "$id"
	expect 0 '^Subject: for bob' postlab queue show "$id" --header
	postlab queue show "$id" --header | grep -q 'The body' &&
	    fail "--header shows the body"
	expect 0 '^The body' postlab queue show "$id" --message
	expect 1 'not in the queue' postlab queue show 00000000000000
	expect 64 usage postlab queue show "$id" --body
	expect 64 usage postlab queue list "$id"
	expect 0 '^2 messages$' postlab queue delete all
}

orders() {
	local id other verb
	id=$(mail bob)
	other=$(mail alice)
	for verb in retry hold release delete; do
		expect 1 'not in the queue' postlab queue $verb 00000000000000
		expect 65 'no queue id' postlab queue $verb ../manager.lock
	done
	expect 64 usage postlab queue delete
	expect 64 usage postlab queue delete "$id" all
	[ "$(count)" = 2 ] || fail "a wrong order did something"

	expect 0 "^$id.is tried now" postlab queue retry "$id"
	eventually "retry does not try" was_tried "$id" 2
	[ "$(attempts "$other")" = 1 ] || fail "retry tried another too"
	expect 0 '^2 messages are tried now' postlab queue retry
	eventually "retry all does not try" was_tried "$other" 2
	expect 0 '^2 messages are tried now' \
	    postlab queue retry --domain campus.example
	eventually "retry --domain does not try" was_tried "$other" 3
	expect 0 '^0 messages' postlab queue retry --domain far.example

	expect 0 "^$id.held\$" postlab queue hold "$id"
	expect 0 "^$id.held already\$" postlab queue hold "$id"
	expect 0 '^250-2.0.0 .* held; last reply' say QUEUE
	expect 65 'release it' postlab queue retry "$id"
	expect 0 "^$other.not held" postlab queue release "$other"
	mda_here
	expect 0 '^1 message is tried now' postlab queue retry all
	eventually "it is not delivered" bash -c "
	    [ \$('$BIN/postlab' -d '$DIR' queue list | wc -l) = 1 ]"
	sleep 1
	[ "$(got bob "$id")" = 0 ] || fail "a held message was delivered"
	expect 0 "^$id.released" postlab queue release all
	eventually "released, it is not delivered" is_empty
	[ "$(got bob "$id")$(got alice "$other")" = 11 ] || fail "not delivered"
	mda_away
}

# The same on the files alone, and what a start makes of it.
smtpd_is_down() {
	local held deleted released
	held=$(mail bob) deleted=$(mail alice) released=$(mail alice)
	postlab queue hold "$released" >/dev/null
	postlab down >/dev/null
	[ "$(count)" = 3 ] || fail "not three messages"
	expect 0 'smtpd does not run' postlab queue retry
	expect 0 'smtpd does not run' postlab queue retry "$held"
	expect 0 "^$held.held\$" postlab queue hold "$held"
	expect 0 "^$deleted.deleted\$" postlab queue delete "$deleted"
	expect 0 "^$released.released" postlab queue release "$released"
	world_up
	mda_here
	# The start has it tried, perhaps before mda was there.
	expect 0 '^[01] messages? (is|are) tried now' postlab queue retry
	eventually "released while down, it is not delivered" bash -c "
	    [ \$('$BIN/postlab' -d '$DIR' queue list | wc -l) = 1 ]"
	[ "$(got alice "$released")" = 1 ] || fail "$released is not delivered"
	[ "$(got alice "$deleted")" = 0 ] || fail "$deleted is delivered"
	is_held "$held" || fail "$held is not held"
	expect 0 '^1 message$' postlab queue delete all
	is_empty || fail "delete all leaves something"
	mda_away
}

# Deleted or delivered, and never both, whoever comes first.
race() {
	local id ids=() i
	for i in {1..40}; do ids+=("$(mail bob)"); done
	mda_here
	postlab queue retry >/dev/null &
	postlab queue delete all >"$top/deleted"
	wait $!
	eventually "something is left" is_empty
	for id in "${ids[@]}"; do
		i=$(($(got bob "$id") + $(grep -c "^$id.deleted" "$top/deleted")))
		[ $i = 1 ] || fail "$id has $i ends" "$(cat "$top/deleted")"
	done
	mda_away
	[ -z "$(ls "$DIR/queue" | grep -v -e incoming -e manager.lock)" ] ||
	    fail "files are left" "$(ls "$DIR/queue")"
}

world_make "$top" classroom
echo "$PASSWORD" | postlab user add carol@campus.example --password-stdin \
    >/dev/null || fail "user add failed"
world_set smtpd lmtp "127.0.0.1:$((BASE + 24))"
world_set queue retry_min 1h
world_up
etrn
own_queue
looking
orders
smtpd_is_down
race
echo "passed"
