#!/usr/bin/env bash
# evidence.sh - real daemons record real sessions, with TLS and AUTH, and SQL
# finds in evidence.sqlite what was said and no secret; a worker and the helper
# are killed; who does not record has no helper.
set -u
cd "$(dirname "$0")/.."
. tests/world.sh

place=$(mktemp -d "${TMPDIR:-/tmp}/evidence.XXXXXX")
chmod 755 "$place"
trap 'world_end "$place"' EXIT

# sql QUERY: rows, with | between columns.
sql() {
	python3 - "$DIR/evidence.sqlite" "$1" <<-'PYTHON'
	import sqlite3, sys
	db = sqlite3.connect("file:%s" % sys.argv[1], uri=True, timeout=10)
	for row in db.execute(sys.argv[2]):
	    print("|".join("" if v is None else str(v) for v in row))
	PYTHON
}

# expect WHAT WANTED QUERY: within some seconds.
expect() {
	local got
	for _ in $(seq 150); do
		got=$(sql "$3" 2>&1)
		[ "$got" = "$2" ] && return
		sleep 0.2
	done
	fail "$1: wanted" "$2" "got" "$got"
}

# helper: the pid of smtpd's evidence helper.
helper() {
	postlab status --json | python3 -c 'import json, sys
for p in json.load(sys.stdin)["processes"]:
    if p["program"] == "smtpd" and p["role"] == "evidence": print(p["pid"])'
}

# talk PORT FILE: plays the client's lines in FILE and waits for the answer to
# each.  "+ TEXT" goes out in one packet with what follows, and so does "| TEXT",
# which gets no answer; TLS is the handshake.
talk() {
	python3 - "$((BASE + $1))" "$2" <<-'PYTHON'
	import socket, ssl, sys
	s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
	f = s.makefile("rb")
	def reply():
	    while True:
	        line = f.readline()
	        if not line or line[3:4] != b"-":
	            return line
	reply()
	packet, answers = b"", 1
	for line in open(sys.argv[2]).read().splitlines():
	    if line == "TLS":
	        context = ssl.create_default_context()
	        context.check_hostname = False
	        context.verify_mode = ssl.CERT_NONE
	        s = context.wrap_socket(s)
	        f = s.makefile("rb")
	    elif line[:2] in ("+ ", "| "):
	        packet += line[2:].encode() + b"\r\n"
	        answers += line[0] == "+"
	    else:
	        s.sendall(packet + line.encode() + b"\r\n")
	        for _ in range(answers):
	            reply()
	        packet, answers = b"", 1
	s.close()
	PYTHON
}

# say PORT: standard input as a dialog.
say() {
	cat >"$place/dialog"
	talk "$1" "$place/dialog"
}

b64() {
	printf '%b' "$1" | base64 -w0
}

mkdir "$place/class"
world_make "$place/class" classroom
world_up
plain=$(printf '\000alice\000%s' "$PASSWORD" | base64 -w0)
name=$(b64 alice)
word=$(b64 "$PASSWORD")
digest=$(b64 'alice 0123456789abcdef0123456789abcdef')

echo "--- secrets"
say 587 <<-END
	EHLO one
	AUTH PLAIN $plain
	QUIT
END
say 587 <<-END
	EHLO two
	auth login
	$name
	$word
	QUIT
END
say 587 <<-END
	EHLO three
	AUTH LOGIN
	*
	AUTH CRAM-MD5
	$digest
	AUTH PLAIN
	$plain
	QUIT
END
# A name in clear ends the dialog, and the password comes as a command.
say 587 <<-END
	EHLO four
	AUTH LOGIN
	alice!
	$PASSWORD
	NOOP
	QUIT
END
# The explanation repeats what it explains.
say 587 <<-END
	EHLO six
	AUTH LOGIN
	$name
	$PASSWORD
	QUIT
END
# Logged in, and again: the response to an AUTH that is refused.
say 587 <<-END
	EHLO seven
	AUTH PLAIN $plain
	AUTH PLAIN
	$plain
	QUIT
END
# All in one packet: the response is no command, whatever it looks like.
say 587 <<-END
	EHLO five
	+ AUTH PLAIN
	+ $plain
	QUIT
END
expect "logins" "one|alice@campus.example
two|alice@campus.example
three|alice@campus.example
four|
six|
seven|alice@campus.example
five|alice@campus.example" \
    "SELECT helo, login FROM sessions ORDER BY session"
expect "the dialogs" "AUTH PLAIN ***|235
auth login|334
***|334
***|235
AUTH LOGIN|334
*|501
AUTH CRAM-MD5|334
***|535
AUTH PLAIN|334
***|235
AUTH LOGIN|334
***|501
***|500
AUTH LOGIN|334
***|334
***|501
AUTH PLAIN ***|235
AUTH PLAIN|503
***|500
AUTH PLAIN|334
***|235" \
    "SELECT c.text, r.code FROM lines c JOIN lines r ON r.session = c.session
	AND r.answers = c.line AND r.text NOT LIKE '___-%'
	WHERE c.kind = 'auth' OR c.verb = 'AUTH' OR c.text = '***'
	ORDER BY c.session, c.line"
sleep 0.3
for secret in "$plain" "$name" "$word" "$digest" "$PASSWORD" 'alice!'; do
	grep -q -a -F -e "$secret" "$DIR"/evidence.sqlite* &&
	    fail "a secret is in the evidence: $secret" "$(sql "SELECT * FROM lines WHERE instr(text, '$secret') > 0")"
done

echo "--- TLS"
say 587 <<-END
	EHLO clear
	STARTTLS
	TLS
	EHLO protected
	AUTH PLAIN $plain
	MAIL FROM:<alice@campus.example>
	RCPT TO:<bob@campus.example>
	DATA
	| Subject: seen
	| 
	| a line
	.
	QUIT
END
expect "the state a command was said in" "EHLO|0|
STARTTLS|0|
EHLO|1|
AUTH|1|
MAIL|1|alice@campus.example
RCPT|1|alice@campus.example
DATA|1|alice@campus.example
QUIT|1|alice@campus.example" \
    "SELECT verb, l.tls, l.login FROM lines l JOIN sessions s USING (session)
	WHERE s.helo = 'protected' AND kind = 'command'"
expect "the message" "1|28|Subject: seen|1" \
    "SELECT count(*), size, substr(content, 1, 13),
	(SELECT count(*) FROM messages) FROM texts"

echo "--- one packet"
say 25 <<-END
	+ EHLO burst
	+ MAIL FROM:<a@far.example>
	+ RSET
	NOOP
	QUIT
END
expect "what came in one packet" "4
1" "SELECT count(*) FROM lines JOIN sessions USING (session)
	WHERE helo = 'burst' AND kind = 'command' GROUP BY segment"
expect "the user of the client" "$(id -u)" \
    "SELECT uid FROM sessions WHERE helo = 'burst'"
grep -q "event=session peer=127.0.0.1 uid=$(id -u) .*helo=burst" \
    "$DIR/log/postlab.log" || fail "the log does not know the client's user"

echo "--- the examples of docs/EVIDENCE.md"
python3 - "$DIR/evidence.sqlite" docs/EVIDENCE.md <<-'PYTHON' || fail "an example"
import re, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
queries = re.findall(r"```sql\n(.*?)```", open(sys.argv[2]).read(), re.S)
assert len(queries) == 5, len(queries)
rows = [db.execute(query).fetchall() for query in queries]
burst = db.execute("SELECT session FROM sessions WHERE helo = 'burst'").fetchone()
assert [row[0] for row in rows[0]] == [burst[0]], rows[0]
assert (burst[0], 1, 4, "EHLO MAIL RSET NOOP") in rows[1], rows[1]
assert rows[2] == [] and rows[3] == [], rows[2:4]
assert rows[4] == [(1,)], rows[4]
PYTHON

echo "--- postlab evidence"
burst=$(sql "SELECT session FROM sessions WHERE helo = 'burst'")
postlab evidence list --since 1h >"$place/list" || fail "list failed"
[ "$(wc -l <"$place/list")" = 9 ] || fail "list: $(cat "$place/list")"
grep -q "^$burst	.*	mta	127.0.0.1	$(id -u)	burst	-	0	quit$" \
    "$place/list" || fail "list has not: $(cat "$place/list")"
[ -z "$(postlab evidence list --since 2099-01-01)" ] || fail "--since"
postlab evidence show "$burst" >"$place/show" || fail "show failed"
grep -q ' C: EHLO burst$' "$place/show" &&
    grep -q ' C+ RSET$' "$place/show" &&
    grep -q ' S: 221 ' "$place/show" || fail "show: $(cat "$place/show")"
postlab evidence show 999 2>/dev/null && fail "show of what is not there"
postlab evidence show "$((burst - 1))" | grep -q 'C| Subject: seen$' ||
    fail "show has no text"

echo "--- who may read it"
for word in worker auth queue; do
	pid=$(postlab status --json | python3 -c 'import json, sys
print([p["pid"] for p in json.load(sys.stdin)["processes"]
    if p["program"] == "smtpd" and p["role"] == sys.argv[1]][0])' $word)
	ls -l "/proc/$pid/fd" 2>/dev/null | grep -q evidence.sqlite &&
	    fail "smtpd $word has evidence.sqlite open"
done

echo "--- the helper is killed in a session"
python3 - "$((BASE + 25))" "$(helper)" <<-'PYTHON' || fail "a session stopped"
import os, signal, socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
f = s.makefile("rb")
f.readline()
def say(line):
    s.sendall(line + b"\r\n")
    return f.readline()
# What it had not read is gone; who talks is not.
os.kill(int(sys.argv[2]), signal.SIGSTOP)
say(b"HELO survivor")
os.kill(int(sys.argv[2]), signal.SIGKILL)
for i in range(30):
    assert say(b"NOOP %d" % i).startswith(b"250"), i
    time.sleep(0.05)
say(b"QUIT")
PYTHON
expect "a session goes on" "quit|1" \
    "SELECT outcome, (SELECT count(*) FROM lines l WHERE l.session = s.session
	AND text = 'NOOP 29') FROM sessions s WHERE helo = 'survivor'"
expect "lines and gaps are all there are" "65" \
    "SELECT (SELECT count(*) FROM lines WHERE session = s.session) +
	(SELECT ifnull(sum(lost), 0) FROM gaps WHERE session = s.session)
	FROM sessions s WHERE helo = 'survivor'"

echo "--- a worker is killed in a session"
python3 - "$((BASE + 25))" "$BIN/postlab" "$DIR" <<-'PYTHON'
import json, os, signal, socket, subprocess, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
f = s.makefile("rb")
f.readline()
s.sendall(b"HELO victim\r\n")
f.readline()
text = subprocess.check_output([sys.argv[2], "-d", sys.argv[3], "status",
    "--json"])
for p in json.loads(text)["processes"]:
    if p["program"] == "smtpd" and p["doing"].startswith("serving"):
        os.kill(p["pid"], signal.SIGKILL)
PYTHON
expect "what it had said is there" "cut off|HELO victim" \
    "SELECT outcome, text FROM sessions JOIN lines USING (session)
	WHERE helo = 'victim' AND verb = 'HELO'"

echo "--- a reload, and who does not record"
before=$(helper)
postlab config check 2>&1 | grep -q 'no effect' && fail "config check"
sed -i 's/^evidence = yes/evidence = no/' "$DIR/postlab.conf"
kill -HUP "$(cat "$DIR/run/smtpd.pid")"
for _ in $(seq 300); do
	[ -z "$(helper)" ] && break
	sleep 0.1
done
[ -n "$before" ] && [ -z "$(helper)" ] || fail "the helper stays"
rm -f "$DIR/run/smtpd-evidence"
say 25 <<-END
	HELO unseen
	QUIT
END
world_down
world_up
[ -e "$DIR/run/smtpd-evidence" ] && fail "a socket, and nobody records"
[ "$(sql "SELECT count(*) FROM sessions WHERE helo = 'unseen'")" = 0 ] ||
    fail "it was recorded all the same"
echo "all of it"
