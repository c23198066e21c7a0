#!/usr/bin/env bash
# mailbox.sh - postlab mailbox: Maildirs examined, indexes made anew, mail taken
# out and in, while the daemons run.
set -u
. tests/world.sh
top=$(mktemp -d "${TMPDIR:-/tmp}/postlab-mailbox-XXXXXX")
trap 'world_end "$top"' EXIT

# expect STATUS PATTERN COMMAND...: its exit status, and a line of its output
# (both streams) that matches the extended pattern.
expect() {
	local want=$1 pattern=$2 out status
	shift 2
	out=$("$@" 2>&1 </dev/null)
	status=$?
	[ $status = "$want" ] ||
	    fail "$*: exit status $status, not $want" "$out"
	grep -Eq -- "$pattern" <<<"$out" ||
	    fail "$*: does not say: $pattern" "$out"
}

# send N: N messages to alice, by SMTP over TLS.
send() {
	python3 - "$BASE" "$1" <<-'PYTHON'
	import smtplib, ssl, sys
	with smtplib.SMTP("127.0.0.1", int(sys.argv[1]) + 25) as s:
	    s.starttls(context=ssl._create_unverified_context())
	    for i in range(int(sys.argv[2])):
	        s.sendmail("zoe@far.example", ["alice@campus.example"],
	            "Subject: number %d\r\n\r\nbody %d\r\n" % (i, i))
	PYTHON
}

# pop COMMAND: what POP3 says of alice's mailbox to UIDL or LIST.
pop() {
	python3 - "$BASE" "$1" "$PASSWORD" <<-'PYTHON'
	import poplib, ssl, sys
	context = ssl._create_unverified_context()
	p = poplib.POP3_SSL("127.0.0.1", int(sys.argv[1]) + 995, context=context)
	p.user("alice"); p.pass_(sys.argv[3])
	for line in (p.uidl() if sys.argv[2] == "UIDL" else p.list())[1]:
	    print(line.decode())
	p.quit()
	PYTHON
}

world_make "$top"
world_up
box=$DIR/mail/campus.example/alice

usage() {
	expect 64 'usage: .*mailbox check' postlab mailbox
	expect 64 'usage: .*mailbox check' postlab mailbox check
	expect 64 'usage: .*mailbox check' postlab mailbox check alice bob
	expect 65 'is no address' postlab mailbox check 'a b'
	expect 67 'no mailbox of that name' postlab mailbox check nobody
	expect 67 'no mailbox of that name' postlab mailbox reindex nobody
}

check() {
	send 5
	expect 0 $'^alice@campus.example\tchecked\t5 messages, [0-9]+ octets, 0 odd, 0 notes$' \
	    postlab mailbox check all
	expect 0 $'^bob@campus.example\tchecked\t0 messages' \
	    postlab mailbox check all
	ln -s /etc/passwd "$box/new/1.link.x"
	mkfifo "$box/cur/1.fifo.x"
	printf 'x\n' >"$box/new/$(printf '1.\033[2J.x')"
	printf 'x\n' >"$box/new/1.size.x,S=2,W=4"
	chown --reference="$box" "$box"/*/*
	expect 65 $'\todd\tno-message\tnew/1.link.x\t' postlab mailbox check alice
	expect 65 $'\todd\tno-message\tcur/1.fifo.x\t' postlab mailbox check all
	expect 65 $'\todd\todd-name\tnew/1.\\\\x1B\\[2J.x\t' \
	    postlab mailbox check alice
	expect 65 $'\todd\twrong-size\tnew/1.size.x,S=2,W=4\tits name says W=4, it has 3' \
	    postlab mailbox check alice
	rm "$box"/*/1.*.x*
	expect 0 '5 messages, .* 0 odd' postlab mailbox check alice
	rm -r "$DIR/mail/campus.example/bob"
	expect 0 $'^bob@campus.example\tnote\tno-folder' postlab mailbox check bob
	expect 0 'no Maildir yet' postlab mailbox reindex bob
}

envelopes() {
	sqlite3_py "SELECT count(*) FROM message
	    WHERE envelope_sender = 'zoe@far.example'
	    AND tls LIKE 'TLS1._ with cipher %'"
}

sqlite3_py() {
	python3 - "$box/index.sqlite" "$1" <<-'PYTHON'
	import sqlite3, sys
	print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone())
	PYTHON
}

reindex() {
	local before
	before=$(pop UIDL)
	[ "$(wc -l <<<"$before")" = 5 ] || fail "UIDL: not five" "$before"
	for damage in : 'head -c 3000 /dev/zero' 'echo garbage'; do
		if [ "$damage" != : ]; then
			cp -p "$box/index.sqlite" "$box/index.sqlite.bad"
			$damage >"$box/index.sqlite"
			expect 65 'index-damaged' postlab mailbox check alice
			# It would go aside, over the other.
			rm "$box/index.sqlite"
		fi
		expect 0 $'^alice@campus.example\treindexed\t5 messages$' \
		    postlab mailbox reindex alice
		diff <(echo "$before") <(pop UIDL) || fail "UIDL changes"
		[ "$(envelopes)" = 5 ] || fail "envelopes were lost: $damage"
		expect 0 '0 odd, 0 notes' postlab mailbox check alice
	done
	# While mail comes and goes.
	send 200 &
	local sender=$!
	while kill -0 $sender 2>/dev/null; do
		expect 0 reindexed postlab mailbox reindex all
		pop LIST >"$top/list" || fail "POP3 beside a reindex"
	done
	wait $sender || fail "mail was refused during a reindex"
	expect 0 $'\treindexed\t205 messages$' postlab mailbox reindex alice
	expect 0 '205 messages, .* 0 odd, 0 notes' postlab mailbox check alice
	[ "$(envelopes)" = 205 ] || fail "envelopes were lost: $(envelopes)"
	[ "$(pop UIDL | cut -d' ' -f2 | sort -u | wc -l)" = 205 ] ||
	    fail "UIDL does not have 205 ids"
}

# Out and in again; what is read may be root's alone, and far from the folder.
copies() {
	for name in alice bob; do
		rm -rf "$DIR/mail/campus.example/$name"
	done
	postlab user add carl >/dev/null 2>&1 || fail "user add failed"
	python3 tests/mailbox_copies.py "$BIN/postlab" "$DIR" "$top" ||
	    fail "mail does not come back as it was"
	expect 0 'messages, [0-9]+ were there already' bash -c "
	    cd '$top' && '$BIN/postlab' -d '$DIR' mailbox import bob alice.mbox"
	# Larger than its quota: said, and done all the same.
	printf 'dora,,1K\n' >"$top/dora.csv"
	postlab user import "$top/dora.csv" >/dev/null 2>&1
	expect 0 'more than its quota of 1024' \
	    postlab mailbox import dora "$top/alice.mbox"
	# A full disk: the file is not there, or not under its name.
	expect 74 'File too large' bash -c "
	    trap '' XFSZ; ulimit -f 8
	    '$BIN/postlab' -d '$DIR' mailbox export bob --mbox '$top/full'"
	[ ! -e "$top/full" ] && [ ! -e "$top/full.new" ] ||
	    fail "half an export was left"
	postlab mailbox export bob >"$top/out" 2>/dev/null ||
	    fail "export to standard output"
	cmp "$top/out" <(postlab mailbox export bob --mbox - 2>/dev/null) ||
	    fail "export to - is another one"
}

# By header, by text, and what is said of a query that is none.
search() {
	rm -rf "$DIR/mail/campus.example/bob"
	printf '%s\n' 'From a@b.example Sun Nov 22 04:13:17 2026' \
	    'From: =?utf-8?Q?J=C3=B6rg?= <j@far.example>' 'Subject: Z' \
	    'Content-Transfer-Encoding: quoted-printable' \
	    'Content-Type: text/plain; charset=iso-8859-1' '' \
	    'Caf=E9 =1B[2J' '' >"$top/one.mbox"
	expect 0 '1 messages' postlab mailbox import bob "$top/one.mbox"
	expect 0 $'^bob@campus.example\t2026-11-22.*\tJ\xc3\xb6rg <j@far.example>\tZ\tnew/' \
	    postlab mailbox search all body:CAFE from:jorg
	[ -z "$(postlab mailbox search bob body:tea)" ] || fail "tea was found"
	expect 64 'There is no form:' postlab mailbox search bob form:x
	expect 67 'no mailbox' postlab mailbox search nobody x
	expect 0 ' 0 odd' postlab mailbox check bob
	rm "$DIR/mail/campus.example/bob/index.sqlite"*
	expect 0 'Z' postlab mailbox search bob cafe
	# pop3d, in its sandbox, takes the words away with the message.
	python3 - "$BASE" "$PASSWORD" "$DIR/mail/campus.example/bob" <<-'PYTHON' ||
	import poplib, sqlite3, ssl, sys
	def documents():
	    file = sqlite3.connect(sys.argv[3] + "/index.sqlite.text")
	    return [file.execute("SELECT count(*) FROM " + table).fetchone()[0]
	        for table in ("document", "words")]
	assert documents()[0] > 0
	context = ssl._create_unverified_context()
	p = poplib.POP3_SSL("127.0.0.1", int(sys.argv[1]) + 995, context=context)
	p.user("bob"); p.pass_(sys.argv[2])
	for i in range(1, p.stat()[0] + 1):
	    p.dele(i)
	p.quit()
	assert documents() == [0, 0], documents()
	PYTHON
		fail "words stay when POP3 removes their message"
}

usage
check
reindex
copies
search
echo "mailboxes are examined, made anew, taken out and in while they are used"
