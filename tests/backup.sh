#!/usr/bin/env bash
# backup.sh - backups taken while mail flows, damaged, and restored.
set -u
. tests/world.sh
top=$(mktemp -d "${TMPDIR:-/tmp}/postlab-backup-XXXXXX")
trap 'world_end "$top"' EXIT

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

# send N TO: N messages, by SMTP over TLS.
send() {
	python3 - "$BASE" "$1" "$2" <<-'PYTHON'
	import smtplib, ssl, sys
	with smtplib.SMTP("127.0.0.1", int(sys.argv[1]) + 25) as s:
	    s.starttls(context=ssl._create_unverified_context())
	    for i in range(int(sys.argv[2])):
	        s.sendmail("zoe@far.example", [sys.argv[3] + "@campus.example"],
	            "Subject: number %d\r\n\r\nbody %d\r\n" % (i, i))
	PYTHON
}

# Logs in and prints the ids.
uidl() {
	python3 - "$BASE" "$1" "$PASSWORD" <<-'PYTHON'
	import poplib, ssl, sys
	context = ssl._create_unverified_context()
	p = poplib.POP3_SSL("127.0.0.1", int(sys.argv[1]) + 995, context=context)
	p.user(sys.argv[2]); p.pass_(sys.argv[3])
	for line in p.uidl()[1]:
	    print(line.decode().split()[1])
	p.quit()
	PYTHON
}

# A line a message of a Maildir: base and sum; the base does not change.
sums() {
	(cd "$1" && find new cur .*/new .*/cur -type f 2>/dev/null |
	    while read -r file; do
		name=${file##*/}
		echo "${name%%[:,]*} $(sha256sum <"$file")"
	done | sort)
}

envelopes() {
	python3 - "$DIR/mail/campus.example/$1/index.sqlite" <<-'PYTHON'
	import sqlite3, sys
	print(*sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM message"
	    " WHERE envelope_sender = 'zoe@far.example'"
	    " AND tls LIKE 'TLS1._ with cipher %'").fetchone())
	PYTHON
}

fill() {
	send 40 alice
	local i=0
	for file in "$box"/new/*; do
		i=$((i + 1))
		[ $i -le 10 ] && mv "$file" "$box/cur/${file##*/}:2,FS"
	done
	mkdir -p "$box/.Sent/cur" "$box/.Sent/new" "$box/.Sent/tmp"
	printf 'A: b\n\nsent\n' >"$box/.Sent/cur/1700000000.M1P1.x:2,S"
	printf 'odd name\n' >"$box/cur/$(printf '1700000001.\303\244\377 \\n').x:2,"
	echo 1 >"$box/dovecot-uidlist"
	chown -R --reference="$box" "$box"
	postlab alias add staff alice >/dev/null || fail "alias add"
	uidl alice >"$top/uidl"
	# bob's mail must wait: his mailbox is no folder.
	rm -r "$DIR/mail/campus.example/bob"
	echo file >"$DIR/mail/campus.example/bob"
	send 3 bob
	[ "$(postlab queue list | wc -l)" = 3 ] || fail "bob's mail does not wait"
}

while_mail_flows() {
	send 150 alice &
	local sender=$!
	sums "$box" >"$top/before"
	(cd "$top" && expect 0 'one.tar.[0-9]+ files' \
	    postlab backup one.tar) || exit 1
	mkdir "$top/backups"
	expect 0 'backups/postlab-[0-9TZ]*.tar.[0-9]+ files' \
	    postlab backup "$top/backups"
	expect 0 'alice.tar.[0-9]+ files' postlab backup "$top/alice.tar" alice
	wait $sender || fail "mail was refused during a backup"
	[ "$(stat -c %a "$top/one.tar")" = 600 ] || fail "one.tar is not 0600"
	for file in one.tar alice.tar "backups/$(ls "$top/backups")"; do
		expect 0 'whole' postlab verify "$top/$file"
	done
	expect 73 'is there already; nothing was changed' \
	    postlab backup "$top/one.tar"
	expect 67 'no mailbox of that name' postlab backup "$top/x.tar" nobody
	[ -z "$(find "$top" -name 'x.tar*' -o -name '*.tar.new' \
	    -o -path '*/run/backup*')" ] || fail "something was left behind"
}

# Without us: tar, sha256sum, sqlite.
by_hand() {
	mkdir "$top/hand"
	tar -C "$top/hand" -xf "$top/one.tar" || fail "tar cannot read it"
	(cd "$top/hand" && sha256sum --quiet --strict -c MANIFEST) ||
	    fail "sha256sum finds it wrong"
	grep -q '^kind: all$' "$top/hand/BACKUP" || fail "BACKUP does not say"
	[ ! -e "$top/hand/run" ] && [ ! -e "$top/hand/log" ] ||
	    fail "run/ or log/ is in it"
	sums "$top/hand/mail/campus.example/alice" >"$top/taken"
	# All that was there before, and nothing that was never there.
	[ -z "$(comm -23 "$top/before" "$top/taken")" ] || fail "mail is missing"
	[ -z "$(comm -13 <(sums "$box") "$top/taken")" ] || fail "mail is other"
	[ "$(find "$top/hand/queue" -name '*.env' | wc -l)" = 3 ] ||
	    fail "the queue is not in it"
	python3 - "$top/hand" <<-'PYTHON' || fail "a database is not whole"
	import glob, sqlite3, sys
	files = glob.glob(sys.argv[1] + "/**/*.sqlite", recursive=True)
	assert len(files) >= 3, files
	for file in files:
	    (answer,) = sqlite3.connect(file).execute(
	        "PRAGMA integrity_check").fetchone()
	    assert answer == "ok", (file, answer)
	PYTHON
}

damaged() {
	python3 - "$BIN/postlab" "$top" <<-'PYTHON' || fail "damage is not found"
	import io, os, random, subprocess, sys, tarfile
	postlab, top = sys.argv[1:]
	good = open(top + "/alice.tar", "rb").read()
	chance = random.Random(1)

	def refused(data, why=""):
	    with open(top + "/bad.tar", "wb") as file:
	        file.write(data)
	    for verb in ["verify", top + "/bad.tar"], \
	            ["restore", top + "/bad.tar", "--into", top + "/evil"]:
	        run = subprocess.run([postlab, "-d", top + "/none"] + verb,
	                             capture_output=True, text=True)
	        assert run.returncode == 65, (verb, run)
	        assert why in run.stderr, (why, run)
	        assert not os.path.exists(top + "/evil")

	for size in 0, 1, 511, 512, 5000, len(good) // 2, len(good) - 11000:
	    refused(good[:size])
	at = good.index(b"body 7") + 5
	refused(good[:at] + b"8" + good[at + 1:], "not what the manifest says")

	def forged(change):
	    source = tarfile.open(fileobj=io.BytesIO(good))
	    out = io.BytesIO()
	    target = tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT)
	    for i, member in enumerate(source.getmembers()):
	        for changed, data in change(i, member,
	                                    source.extractfile(member).read()):
	            changed.size = len(data)
	            target.addfile(changed, io.BytesIO(data))
	    target.close()
	    return out.getvalue()

	def add(name, kind=tarfile.REGTYPE, link=""):
	    def change(i, member, data):
	        if i == 3:
	            other = tarfile.TarInfo(name)
	            other.type, other.linkname = kind, link
	            yield other, b""
	        yield member, data
	    return forged(change)

	refused(add("../evil"), "leaves the folder")
	refused(add("/tmp/evil"), "leaves the folder")
	refused(add("mail/../../evil"), "leaves the folder")
	refused(add("mail/link", tarfile.SYMTYPE, "/etc"), "no plain file")
	refused(add("mail/link", tarfile.LNKTYPE, "BACKUP"), "no plain file")
	refused(add("mail/fifo", tarfile.FIFOTYPE), "no plain file")
	refused(add("mail/more"), "not what the manifest says")
	refused(forged(lambda i, m, d: [] if i == 3 else [(m, d)]), "manifest")
	refused(forged(lambda i, m, d: [] if i == 0 else [(m, d)]), "no backup")
	refused(forged(lambda i, m, d: [] if m.name == "MANIFEST" else [(m, d)]),
	        "it was cut")
	PYTHON
	expect 66 'No such file' postlab verify "$top/nothing.tar"
}

# The whole system, where it was.
disaster() {
	expect 73 'there already; nothing was changed' \
	    postlab restore "$top/one.tar"
	expect 73 'not empty' postlab restore "$top/one.tar" --into "$top/hand/tls"
	postlab user list >"$top/users"
	postlab alias list >"$top/aliases"
	world_down >/dev/null || fail "down"
	rm -rf "$DIR"
	expect 0 'restored' postlab restore "$top/one.tar"
	[ -z "$(find "$DIR" -perm /077)" ] || fail "open to others"
	[ "$(find "$DIR" -printf '%u\n' | sort -u | wc -l)" = 1 ] ||
	    fail "it belongs to several"
	diff -r -x postlab.conf.new "$top/hand" "$DIR" | grep -Ev \
	    "^Only in $top/hand: (BACKUP|MANIFEST)$|^Only in $DIR: (run|log)$|^Only in $DIR/queue: incoming$" &&
	    fail "the restored folder is another one"
	diff "$top/users" <(postlab user list) || fail "other users"
	diff "$top/aliases" <(postlab alias list) || fail "other aliases"
	world_up
	diff "$top/taken" <(sums "$box") || fail "mail is not what it was"
	uidl alice >"$top/uidl.now" || fail "no login after the restore"
	[ -z "$(comm -23 <(sort "$top/uidl") <(sort "$top/uidl.now"))" ] ||
	    fail "ids have changed"
	[ "$(find "$box/cur" -name '*:2,FS' | wc -l)" = 10 ] ||
	    fail "flags are lost"
	# What waited is delivered: bob's mailbox can be made now.
	for _ in $(seq 300); do
		[ "$(uidl bob | wc -l)" = 3 ] && break
		sleep 0.1
	done
	[ "$(uidl bob | wc -l)" = 3 ] || fail "the queue was not restored"
	send 1 alice || fail "no mail after the restore"
}

# Some messages, into a system that runs.
missing_mail() {
	local before gone
	before=$(sums "$box" | wc -l)
	envelopes alice >"$top/envelopes"
	gone=$(ls "$box"/cur/*:2,FS | head -n 4)
	sums "$box" >"$top/before"
	rm -f $gone "$box/index.sqlite"
	for file in "$box"/cur/*:2,FS; do mv "$file" "${file%:2,FS}:2,S"; done
	send 50 alice &
	expect 0 'restored.4 messages, [0-9]+ were there already' \
	    postlab restore "$top/one.tar" alice
	expect 0 'restored.0 messages, [0-9]+ were there already' \
	    postlab restore "$top/one.tar" alice
	wait $! || fail "mail was refused during a restore"
	[ -z "$(comm -23 "$top/before" <(sums "$box"))" ] || fail "mail is missing"
	[ "$(sums "$box" | wc -l)" = $((before + 50)) ] || fail "mail is there twice"
	[ "$(find "$box/cur" -name '*:2,FS' | wc -l)" = 4 ] ||
	    fail "flags were undone"
	[ "$(envelopes alice)" -gt 50 ] || fail "envelopes are lost"
	ls "$box" | grep restored && fail "a draft of the restore is left"
	# That one was taken later, and has more.
	expect 0 'restored.[0-9]+ messages' postlab restore "$top/alice.tar"
	expect 0 'restored.0 messages' postlab restore "$top/alice.tar" alice
	expect 67 'has no mail of it' postlab restore "$top/alice.tar" bob
	# One mailbox into a folder of its own.
	expect 0 restored postlab restore "$top/one.tar" alice --into "$top/some"
	[ "$(ls "$top/some")" = mail ] || fail "more than mail was restored"
	diff "$top/taken" <(sums "$top/some/mail/campus.example/alice") ||
	    fail "other mail in a folder of its own"
	postlab user delete alice >/dev/null || fail "user delete"
	expect 74 'no mailbox of that name' postlab restore "$top/one.tar" alice
}

full_disk() {
	expect 74 'write the backup' bash -c "
	    trap '' XFSZ; ulimit -f 64
	    '$BIN/postlab' -d '$DIR' backup '$top/full.tar'"
	[ -z "$(ls "$top"/full* 2>/dev/null)" ] || fail "half a backup was left"
}

usage() {
	expect 64 'usage: .*backup FILE' postlab backup
	expect 64 'usage: .*verify FILE' postlab verify
	expect 64 'usage: .*restore FILE' postlab restore
	expect 64 'usage: .*restore FILE' postlab restore --into x
}

world_make "$top"
world_set queue retry_min 600
world_up
box=$DIR/mail/campus.example/alice
usage
fill
while_mail_flows
by_hand
damaged
disaster
missing_mail
full_disk
echo "backups are taken while mail flows, and restored"
