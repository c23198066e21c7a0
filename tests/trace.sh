#!/usr/bin/env bash
# trace.sh - messages are sent, queued, fetched and refused, and postlab trace
# tells what became of each: by id, Message-Id and address; with the log, with
# a rotated one, and without.
set -u
. tests/world.sh
top=$(mktemp -d "${TMPDIR:-/tmp}/postlab-trace-XXXXXX")
trap 'world_end "$top"' EXIT
chmod 755 "$top"
# A name that log and terminal must survive, and what must come of it.
ESCAPE=$(printf '\033')

# send PORT LOGIN FROM TO MESSAGE-ID [NOTIFY]: prints the queue id, or the code.
send() {
	python3 - "$BASE" "$PASSWORD" "$DIR/tls/ca.pem" "$@" <<-'PYTHON'
	import smtplib, ssl, sys
	base, password, ca, port, login, sender, to, message_id = sys.argv[1:9]
	smtp = smtplib.SMTP("127.0.0.1", int(base) + int(port), "desk")
	smtp.ehlo()
	if login:
	    context = ssl.create_default_context(cafile=ca)
	    context.check_hostname = False
	    smtp.starttls(context=context)
	    smtp.login(login, password)
	smtp.mail(sender)
	for address in to.split(","):
	    code, text = smtp.rcpt(address, ["NOTIFY=" + n for n in sys.argv[9:]])
	    if code >= 400:
	        print(code)
	        sys.exit()
	text = "Message-Id: <%s>\r\nBcc: x@y\r\n\r\n%s\r\n" % (
	    message_id, "x" * 1200)
	code, text = smtp.data(text.encode())
	print(text.decode().split()[-1])
	smtp.quit()
	PYTHON
}

# pop USER COMMAND...: a POP3 session of theirs.
pop() {
	python3 - "$BASE" "$PASSWORD" "$@" <<-'PYTHON'
	import poplib, sys
	pop = poplib.POP3("127.0.0.1", int(sys.argv[1]) + 110)
	pop.user(sys.argv[3])
	pop.pass_(sys.argv[2])
	for command in sys.argv[4:]:
	    if command.startswith("RETR"):
	        pop.retr(int(command.split()[1]))
	    else:
	        pop._shortcmd(command)
	pop.quit()
	PYTHON
}

# tells STATUS QUERY PATTERN ...: trace says lines that match all the patterns,
# and nothing that a terminal would obey.
tells() {
	local want=$1 query=$2 out status pattern
	shift 2
	out=$(postlab trace $query 2>&1)
	status=$?
	[ $status = "$want" ] || fail "trace $query: exit status $status" "$out"
	LC_ALL=C grep -q '[^[:print:][:space:]]' <<<"$out" &&
	    fail "trace $query: a byte is not escaped" "$(cat -v <<<"$out")"
	for pattern; do
		grep -Eq -- "$pattern" <<<"$out" ||
		    fail "trace $query does not say: $pattern" "$out"
	done
}

# says_not QUERY PATTERN
says_not() {
	local out
	out=$(postlab trace $1 2>&1)
	grep -E -- "$2" <<<"$out" && fail "trace $1 says: $2"
}

# eventually SECONDS COMMAND...: four times as many on a busy machine
eventually() {
	local end=$((SECONDS + 4 * $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "not in time: $*"
		sleep 0.2
	done
}

traced() { # QUERY PATTERN
	postlab trace "$1" | grep -Eq -- "$2"
}

usage() {
	local arguments
	for arguments in '' '--limit' '--limit 0 a' '--limit 1001 a' \
	    '--limit x a' '--all a'; do
		postlab trace $arguments >"$top/out" 2>&1
		[ $? = 64 ] || fail "trace $arguments" "$(cat "$top/out")"
	done
	# Another host's log that is none.
	postlab trace a "$top/nowhere" >"$top/out" 2>&1
	[ $? = 66 ] || fail "trace of no log" "$(cat "$top/out")"
	echo 'no log' >"$top/note"
	postlab trace a "$top/note" >"$top/out" 2>&1
	[ $? = 66 ] || fail "trace of a note" "$(cat "$top/out")"
	tells 65 '<>' 'no queue id, no Message-Id and no address'
}

# An unknown client of this machine: its Unix user is told.
without_login() {
	id=$(send 25 '' alice@campus.example bob@campus.example one@desk)
	[[ $id =~ ^[0-9A-F]{14}$ ]] || fail "no id: $id"
	eventually 10 traced "$id" 'mda .*stored'
	tells 0 "$id" \
	    "^message $id\$" \
	    '^  Message-Id +one@desk$' \
	    '^  from +alice@campus.example$' \
	    "^  handed in by +$(id -un), Unix user $(id -u) .*without a login" \
	    '^  how +from 127.0.0.1, which said HELO desk, ESMTP on the listener mta, no TLS$' \
	    '^  to +bob@campus.example: delivered$' \
	    'smtpd  taken from desk at 127.0.0.1: .* 1 of them longer than 998' \
	    'mda    stored for bob@campus.example in mail/campus.example/bob' \
	    'smtpd  bob@campus.example has it: 250 2.0.0' \
	    '^  now in +mail/campus.example/bob/new/'
	tells 0 one@desk "^message $id\$"
	tells 0 '<one@desk>' "^message $id\$"
	tells 0 "${id,,}" "^message $id\$"
	# On port 25 nothing is hidden.
	grep -q '^Bcc: x@y' "$DIR"/mail/campus.example/bob/new/* ||
	    fail "Bcc has gone on port 25"
}

# A log file for every day is no more than a program may have open.
many_files() {
	local i
	mkdir "$top/days"
	for ((i = 0; i < 100; i++)); do
		head -n 1 "$DIR/log/postlab.log" >"$top/days/$i"
	done
	(
		ulimit -S -n 64
		tells 0 "one@desk $top/days" \
		    "^host $top/days: nothing is known of it; its log begins" \
		    '^  now in +mail/campus.example/bob/new/'
	) || exit 1
}

with_login() {
	postlab alias add staff bob >/dev/null || fail "alias"
	postlab alias add staff alice >/dev/null || fail "alias"
	id=$(send 587 alice alice@campus.example staff@campus.example two@desk)
	eventually 10 traced "$id" 'mda .*stored for bob'
	eventually 10 traced "$id" 'gone from the queue'
	tells 0 two@desk \
	    "^message $id\$" \
	    '^  handed in by alice@campus.example, who had logged in$' \
	    '^  how .*ESMTPSA on the listener msa, TLS1' \
	    'bob@campus.example \(written as staff@campus.example\): delivered' \
	    'mda .*stored for alice@campus.example' \
	    'smtpd  gone from the queue'
	grep -q '^Bcc: x@y' "$DIR"/mail/campus.example/alice/new/* &&
	    fail "Bcc has stayed on submission"
	tells 0 staff@campus.example "$id  delivered  alice@campus.example -> "
	index_has_tls two@desk
}

fetched() {
	pop bob 'RETR 1' || fail "POP3"
	tells 0 one@desk \
	    'pop3d  fetched over POP3 by bob@campus.example at 127.0.0.1' \
	    'now in +mail/campus.example/bob/new/'
	says_not two@desk 'pop3d'
	pop bob 'DELE 1' || fail "POP3"
	tells 0 one@desk 'pop3d  removed over POP3 by bob@campus.example' \
	    'now in .*the copy is not there any more'
	says_not two@desk 'pop3d'
}

refused() {
	[ "$(send 25 '' zoe@far.example nobody@campus.example x@y)" = 550 ] ||
	    fail "nobody is somebody"
	tells 0 zoe@far.example 'refused    zoe@far.example$'
}

hostile() {
	id=$(send 25 '' "<\"a${ESCAPE}b\"@far.example>" bob@campus.example \
	    "${ESCAPE}[2J\" id=00000000000000@x")
	[[ $id =~ ^[0-9A-F]{14}$ ]] ||
	    id=$(send 25 '' eve@far.example bob@campus.example \
		"${ESCAPE}[2J\"id=00000000000000@x")
	eventually 10 traced "$id" 'mda .*stored'
	tells 0 "$id" '^  Message-Id +\\x1B\[2J"id=00000000000000@x$'
	tells 0 "<${ESCAPE}[2J\"id=00000000000000@x>" "^message $id\$"
	tells 65 00000000000000 'nothing is known'
	postlab trace --json "$id" | python3 -c '
import json, sys
message, = json.load(sys.stdin)["messages"]
assert message["message_id"] == "\x1b[2J\"id=00000000000000@x", message
assert message["arrival_known"] and message["listener"] == "mta"
assert [e["event"] for e in message["events"] if e["prog"] == "mda"] == ["delivered"]
assert message["copies"][0]["place"] == "new"' || fail "--json"
}

# A report is a message of this host's own, and says about which.
reported() {
	local report
	id=$(send 25 '' alice@campus.example bob@campus.example six@desk SUCCESS)
	eventually 20 traced "$id" 'is reported to [^ ]+@[^ ]+ by [0-9A-F]{14}$'
	report=$(postlab trace "$id" | sed -n 's/.*is reported to [^ ]* by //p')
	eventually 20 traced "$report" 'gone from the queue'
	tells 0 "$report" "handed in by this host: a report about $id" \
	    '^  from +<>$' "^  Message-Id +$report\.report@mail.campus.example" \
	    'mda .*stored for alice@campus.example'
	says_not "$report" 'the log before'
	tells 0 "$report.report@mail.campus.example" "^message $report"
}

# index_has_tls MESSAGE-ID: alice's index has what Received says of TLS.
index_has_tls() {
	python3 - "$DIR/mail/campus.example/alice" "$1" <<-'PYTHON' ||
	import re, sqlite3, sys
	box, wanted = sys.argv[1:]
	db = sqlite3.connect(f"file:{box}/index.sqlite?mode=ro", uri=True)
	(name, tls), = db.execute("SELECT name, tls FROM message"
	    " WHERE message_id = ? AND in_new", [wanted])
	with open(f"{box}/new/{name}") as message:
	    using = re.search(r"^\t\(using (TLS1.*)\)$", message.read(), re.M)
	sys.exit(f"{tls}, {using}" if using is None or tls != using[1] else 0)
	PYTHON
		fail "TLS of $1 in the index"
}

# mda is not where smtpd looks for it: the message waits, then is delivered.
queued() {
	local tls
	world_down >/dev/null
	world_set smtpd lmtp unix:run/nowhere
	world_up
	id=$(send 25 '' alice@campus.example bob@campus.example three@desk)
	tells 0 three@desk "^message $id\$" \
	    'smtpd  bob@campus.example must wait: 451' \
	    'smtpd  put into the queue, 1 recipients wait' \
	    '^  now in +the queue, 1 of 1 recipients wait, 1 attempts, the next' \
	    '^  last word +bob@campus.example: 451'
	tells 0 alice "$id  waits      alice@campus.example -> bob@campus"
	tls=$(send 587 alice alice@campus.example alice@campus.example seven@desk)
	postlab queue show "$tls" | grep -Eq '^tls +TLS1\.[23] with cipher ' ||
	    fail "queue show has no TLS" "$(postlab queue show "$tls")"
	world_down >/dev/null
	tells 0 three@desk '^  now in +the queue'
	# The queue knows it without the log.
	mv "$DIR/log/postlab.log" "$top/away"
	tells 0 "$tls" '^  how .* ESMTPSA, TLS1\.[23] with cipher [A-Z]'
	mv "$top/away" "$DIR/log/postlab.log"
	world_set smtpd lmtp unix:run/lmtp
	world_up
	eventually 20 traced three@desk 'gone from the queue'
	tells 0 "$id" 'must wait' 'has it: 250' 'mda .*stored for bob' \
	    '^  Message-Id +three@desk' '^  now in +mail/campus.example/bob/new/'
	says_not "$id" 'now in +the queue'
	eventually 20 traced seven@desk 'gone from the queue'
	index_has_tls seven@desk
}

many() {
	local i
	for i in 1 2 3 4 5; do
		send 25 '' carl@far.example bob@campus.example "$i@many" >/dev/null
	done
	[ "$(postlab trace carl@far.example | grep -c delivered)" = 5 ] ||
	    fail "not five" "$(postlab trace carl@far.example)"
	[ "$(postlab trace --limit 2 carl@far.example |
	    grep -c delivered)" = 2 ] || fail "--limit 2 is not two"
	tells 0 'carl@far.example --limit 2' 'there is more; shown are the newest 2'
}

# A program fetches all at once: the log has several in one line, and trace
# knows each.
fetched_fast() {
	local i count retrieved=()
	for ((i = 6; i <= 25; i++)); do
		send 25 '' carl@far.example alice@campus.example "$i@many" \
		    >/dev/null
	done
	count=$(ls "$DIR"/mail/campus.example/alice/new | wc -l)
	for ((i = 1; i <= count; i++)); do
		retrieved+=("RETR $i")
	done
	pop alice "${retrieved[@]}" || fail "POP3"
	for i in 6 15 25; do
		eventually 10 traced "$i@many" \
		    'fetched over POP3 by alice@campus.example'
	done
	[ "$(grep -c 'event=retrieved user=alice' "$DIR/log/postlab.log")" -lt \
	    $count ] || fail "a line for each of $count messages"
}

# What logrotate does with copytruncate and compress.
rotated() {
	cp "$DIR/log/postlab.log" "$DIR/log/postlab.log.1" &&
	    gzip "$DIR/log/postlab.log.1" && : >"$DIR/log/postlab.log"
	chown --reference="$DIR" "$DIR/log/postlab.log.1.gz"
	tells 0 two@desk 'handed in by alice@campus.example, who had' 'mda .*stored'
	id=$(send 25 '' alice@campus.example bob@campus.example four@desk)
	eventually 10 traced four@desk 'mda .*stored'
}

# The indexes still know what the log does not; and that is said.
without_log() {
	rm "$DIR/log/postlab.log.1.gz"
	tells 0 two@desk \
	    '^  handed in by alice@campus.example, who had logged in$' \
	    '^  how .* HELO desk, ESMTPSA, TLS1\.[23] with cipher [A-Z]' \
	    '^  when +by ' \
	    '^  now in +mail/campus.example/alice/new/' \
	    '^the log before [0-9]{4}-.* is gone'
	tells 65 one@desk 'nothing is known of it' '^the log before .* is gone'
	rm "$DIR/log/postlab.log"
	tells 0 four@desk "$id" '^there is no log in ' \
	    'to keep a log: postlab up --detach'
}

# The log goes to a terminal, while an old one lies in the folder.
foreground() {
	local pid
	world_down >/dev/null
	world_up
	world_down >/dev/null
	sleep 0.1
	$AS "$BIN/postlab" -d "$DIR" up >"$top/up" 2>/dev/null &
	pid=$!
	eventually 20 grep -q ready "$top/up"
	tells 65 five@desk 'the daemons that run now do not log there' \
	    "to keep a log: .* 2>>$DIR/log/postlab.log"
	postlab down >/dev/null
	wait $pid
}

world_make "$top" classroom
world_up
for step in usage without_login many_files with_login fetched refused hostile \
    reported queued many fetched_fast rotated without_log foreground; do
	$step
	echo "$step"
done
