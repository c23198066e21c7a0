#!/usr/bin/env bash
# mua_rows.sh - what the exercises' messages look like: rows 08 to 11, 23, 32
# and 34 of the list, each in the views it is about, against golden screens.
# (24 and 31 are in mua_windows.sh, 30 is in mua_accounts.sh.)
#
#   UPDATE=1 tests/mua_rows.sh     writes them anew (look at the diff!)
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/mua_box.sh"
. "$here/mua_tmux.sh"
tmux_begin mua-rows

# add NAME [FILE]: the next message; without FILE it is what comes in.
n=0
add() {
	n=$((n + 1))
	cat "${2:-/dev/stdin}" >"Mail/cur/$((1795313500 + n)).M${n}P1Q1.desk:2,S"
}
mkdir -p Mail/new Mail/cur Mail/tmp
for name in 08-x-header 08-no-blank-line 09-malformed-type 10-picture \
    10-damaged-base64 10-unclosed 11-encoded-subject-q 11-encoded-subject-b \
    34-pgp-signed 34-pgp-encrypted 34-smime-wrapped; do
	add $name "$here/mail/$name.eml"
done
add 23-envelope <<'M'
Return-Path: <carol@far.example>
X-Original-To: staff@campus.example
Delivered-To: bob@campus.example
Received: from far.example (far.example [192.0.2.7])
	by mail.campus.example (Postlab) with ESMTP id 5C6B9C01B7D4E5
	for <staff@campus.example>; Thu, 26 Nov 2026 12:10:00 +0000
Date: Thu, 26 Nov 2026 12:09:58 +0000
From: Carol <carol@far.example>
To: alice@campus.example
Subject: A blind copy
Message-ID: <23@far.example>

Alice does not know that you read this.
M
add 32-addresses <<'M'
Date: Thu, 26 Nov 2026 13:00:00 +0000
From: Alice Example <alice@campus.example>
Sender: alice@campus.example (Alice)
To: students: bob@campus.example, carol@far.example;
Cc: not: u1@campus.example, u2@campus.example
Subject: Four ways to write an address
Message-ID: <32@campus.example>

Name <a>, a (Name), a group, and what only looks like one.
M
# The envelope as delivery has noted it: only the index knows it.
"$mua" -f Mail list >list || fail "list: $(<list)"
grep -q Camión list || fail "a subject is not decoded: $(<list)"
python3 - <<'PY'
import sqlite3
with sqlite3.connect('Mail/index.sqlite') as db:
    changed = db.execute('''UPDATE message SET
        envelope_sender = 'carol@far.example',
        envelope_recipient = 'staff@campus.example', helo = 'far.example',
        peer = '192.0.2.7', protocol = 'ESMTP', queue_id = '5C6B9C01B7D4E5'
        WHERE subject = 'A blind copy' ''').rowcount
assert changed == 1
PY

for size in 80x24 40x10 200x50; do
	terminal $size "$mua -f Mail 2>err"
	shows ' 13 messages'
	golden row-list ' 1/13' Home
	golden row-08 '^1/13\|1/13: ' Enter
	golden row-08-headers '^From alice@campus.example' h
	golden row-08-no-blank '2/13: ' h j
	golden row-09 '3/13: ' j
	golden row-10 '4/13: ' j
	golden row-10-parts 'Parts of' v
	golden row-10-damaged '5/13: ' q j
	golden row-10-fault 'Fault: ' v End
	golden row-10-unclosed '6/13: ' q j
	golden row-11 '7/13: ' j
	golden row-11-headers '=?ISO-8859-1?' h
	golden row-11-base64 '8/13: ' h j
	golden row-34-signed 'Signed with PGP' j
	golden row-34-parts 'signature.asc\|pgp-signature' v
	golden row-34-encrypted 'ncrypted with PGP' q j
	golden row-34-smime 'S/MIME' j
	keys j
	shows '12/13: '
	golden row-23 'Envelope: ' e
	keys q j
	shows '13/13: '
	golden row-32 'begins a group that no ; ends' R o
done

[ $failures = 0 ] && echo "mua_rows: $screens screens as they should be"
exit $((failures > 0))
