#!/usr/bin/env bash
# admin.sh - the postlab command as an operator types it, without daemons.
#
# As an ordinary user, as root, and as root below a folder only root may search.
set -u
. tests/world.sh
top=$(mktemp -d "${TMPDIR:-/tmp}/postlab-admin-XXXXXX") hidden=
trap 'rm -rf "$top" $hidden' EXIT
# The tree may lie where an ordinary user cannot look.
mkdir "$top/bin" && cp "$BIN/postlab" "$BIN/smtpd" "$top/bin/" && chmod -R a+rX "$top"
source=$PWD BIN=$top/bin

# expect STATUS PATTERN COMMAND...: its exit status, and a line of its output
# (both streams) that matches the extended pattern; "" for no output at all.
expect() {
	local want=$1 pattern=$2 out status
	shift 2
	out=$("$@" 2>&1 </dev/null)
	status=$?
	[ $status = "$want" ] || fail "$world: $*: exit status $status, not $want" "$out"
	if [ -z "$pattern" ]; then
		[ -z "$out" ] || fail "$world: $*: says something" "$out"
	else
		grep -Eq -- "$pattern" <<<"$out" ||
		    fail "$world: $*: does not say: $pattern" "$out"
	fi
}

# says COMMAND...: its standard output is exactly what standard input holds.
says() {
	diff <(cat) <("$@" 2>/dev/null) || fail "$world: $*: says something else"
}

usage() {
	expect 64 'usage: postlab' postlab
	expect 64 'no subcommand sned' postlab sned
	expect 64 'usage: .*init --domain' postlab init
	expect 64 'usage: .*init --domain' postlab init --domain x --profile big
	expect 64 'usage: .*init --domain' postlab init --domain x --port-base -1
	expect 64 'usage: .*init --domain' postlab init --domain x y
	expect 64 'usage: .*user add' postlab user
	expect 64 'usage: .*user add' postlab user add
	expect 64 'usage: .*user add' postlab user add a b
	expect 64 'usage: .*user add' postlab user add a --password=x
	expect 64 'usage: .*user add' postlab user frobnicate
	expect 64 'usage: .*alias add' postlab alias add a
	expect 64 'usage: .*queue list' postlab queue
	expect 0 '^  user ' postlab help
	expect 0 'user import FILE' postlab help user
	expect 64 'no subcommand' postlab help frobnicate
}

# Without a state folder, every subcommand says how to get one.
nothing_there() {
	expect 78 'postlab -d DIR init makes one' postlab user list
	expect 78 'postlab -d DIR init makes one' postlab config check
}

init() {
	expect 65 'is a name like' postlab init --domain 'a b'
	expect 65 'is a name like' postlab init --domain ..
	expect 65 '0 to 60000' postlab init --domain x --port-base 60001
	[ ! -e "$DIR" ] || fail "$world: a refused init made something"
	expect 0 'Next: postlab -d' postlab init --domain Campus.Example
	expect 73 'is there already; nothing was changed' \
	    postlab init --domain other.example
	expect 0 '^domain = campus.example$' postlab config show
	expect 0 '^hostname = mail.campus.example$' postlab config show
	expect 0 '^port_base = 2000$' postlab config show
	for name in mail queue run tls log; do
		[ "$(stat -c %a "$DIR/$name")" = 700 ] ||
		    fail "$world: $name/ is not 0700"
	done
	for name in directory.sqlite secrets.sqlite tls/ca.key \
	    tls/server-ecdsa.key tls/server-rsa.key; do
		[ "$(stat -c %a "$DIR/$name")" = 600 ] ||
		    fail "$world: $name is not 0600"
	done
	openssl verify -CAfile "$DIR/tls/ca.pem" -verify_hostname \
	    mail.campus.example "$DIR/tls/server-ecdsa.pem" \
	    "$DIR/tls/server-rsa.pem" >/dev/null ||
	    fail "$world: the certificates are not good"
}

init_that_fails() {
	$AS mkdir "$DIR.used" && $AS touch "$DIR.used/file"
	expect 73 'is not empty; nothing was changed' \
	    $AS "$BIN/postlab" -d "$DIR.used" init --domain x
	[ "$(ls "$DIR.used")" = file ] || fail "$world: init changed a folder"
	expect 73 'No such file' \
	    $AS "$BIN/postlab" -d "$DIR/no/such" init --domain x
	(
		trap '' XFSZ # a write past the limit fails instead of killing
		ulimit -f 8
		expect 73 'init did not finish: remove .*full' \
		    $AS "$BIN/postlab" -d "$DIR.full" init --domain x
	) || exit 1
	expect 78 'postlab.conf: No such file' \
	    $AS "$BIN/postlab" -d "$DIR.full" user list
}

users() {
	expect 0 $'^alice@campus.example\tadded\t[a-z-]{24}$' \
	    postlab user add alice
	expect 65 'Alice@Campus.Example: there is a mailbox of that name' \
	    postlab user add Alice@Campus.Example
	expect 0 $'^100012345@campus.example\tadded$' bash -c "
	    echo 12345pass | $AS '$BIN/postlab' -d '$DIR' user add 100012345 \
	    --password-stdin"
	expect 65 'the password is empty' bash -c "
	    echo | $AS '$BIN/postlab' -d '$DIR' user add x --password-stdin"
	expect 65 'not one of ours' postlab user add a@elsewhere.example
	expect 65 'is no address' postlab user add 'a b'
	expect 65 'does not begin with a dot' postlab user add '".a"@campus.example'
	expect 65 'letters, digits' postlab user add '"a/../b"@campus.example'
	expect 65 '\\x1B\[2J is no address' postlab user add $'\e[2J'
	[ -d "$DIR/mail/campus.example/alice/new" ] ||
	    fail "$world: there is no Maildir"
	# what an open POP3 session holds
	touch "$DIR/mail/campus.example/alice/pop3d.lock"
	expect 0 'quota.5242880$' postlab user quota alice 5M
	expect 65 'with K, M or G' postlab user quota alice much
	expect 0 'quota.0$' postlab user quota alice 0
	expect 0 disabled postlab user disable alice
	[ -e "$DIR/mail/campus.example/alice/pop3d.lock" ] &&
	    fail "$world: alice is disabled and her session goes on"
	says postlab user list <<-END
	100012345@campus.example	active	0
	alice@campus.example	disabled	0
	END
	expect 0 enabled postlab user enable alice
	expect 0 $'^alice@campus.example\tchanged\t[a-z-]{24}$' \
	    postlab user passwd ALICE
	for verb in passwd disable enable delete; do
		expect 65 'no mailbox of that name' postlab user $verb nobody
	done
	expect 74 'could not be written' bash -c "
	    $AS '$BIN/postlab' -d '$DIR' user list >/dev/full"
}

aliases() {
	says postlab alias list <<-END
	postmaster@campus.example	alice@campus.example
	END
	expect 0 added postlab alias add staff 100012345
	expect 0 added postlab alias add staff zoe@far.example
	expect 0 added postlab alias add all staff
	expect 65 'back to itself' postlab alias add staff all
	expect 65 'back to itself' postlab alias add staff staff
	expect 65 'nobody of ours' postlab alias add x nobody
	expect 65 'mailbox of that name' postlab alias add alice 100012345
	expect 65 'alias of that name' postlab user add staff
	expect 0 added postlab alias add @campus.example alice
	says postlab alias list <<-END
	@campus.example	alice@campus.example
	all@campus.example	staff@campus.example
	postmaster@campus.example	alice@campus.example
	staff@campus.example	100012345@campus.example
	staff@campus.example	zoe@far.example
	END
	expect 0 deleted postlab alias delete staff zoe@far.example
	expect 0 deleted postlab alias delete @campus.example
	expect 65 'no such alias' postlab alias delete @campus.example
	expect 0 'mail stays in .*/mail/campus.example/100012345$' \
	    postlab user delete 100012345
	[ -d "$DIR/mail/campus.example/100012345/new" ] ||
	    fail "$world: user delete removed mail"
	expect 0 'the alias all@campus.example leads to staff@campus.example' \
	    postlab config check
	expect 0 'finds the mail' postlab user add 100012345
	says postlab alias list <<-END
	all@campus.example	staff@campus.example
	postmaster@campus.example	alice@campus.example
	END
}

domains() {
	expect 0 added postlab domain add Second.Example
	expect 65 'one of ours already' postlab domain add second.example
	expect 65 'no domain name' postlab domain add a_b
	expect 0 '^xn--bcher-kva.example' postlab domain add Bücher.example
	expect 65 'one of ours already' postlab domain add xn--bcher-kva.example
	expect 0 added postlab alias add @bücher.example alice
	expect 0 '@xn--bcher-kva.example.*alice' postlab alias list
	expect 0 deleted postlab domain delete bücher.example
	says postlab domain list <<-END
	campus.example
	second.example
	END
	expect 0 'postmaster@second.example' postlab config check
	expect 0 added postlab user add carl@second.example
	expect 65 'has mailboxes' postlab domain delete second.example
	expect 0 deleted postlab user delete carl@second.example
	expect 0 deleted postlab domain delete second.example
	expect 65 'domain of \[server\]' postlab domain delete Campus.example
}

import() {
	local file=$top/class.csv status
	printf '%s\r\n' 'Address,Password,Quota' \
	    '200000001,,5M' '"two","p""w, x"' '' 'alice,again,' \
	    'three,pw,lots' 'a b,pw' 'four,pw,1,2' 'five,"pw' \
	    'six@elsewhere.example,pw' >"$file"
	printf 'seven' >>"$file"
	chmod a+r "$file"
	postlab user import "$file" >"$top/out" 2>"$top/err"
	status=$?
	[ $status = 65 ] || fail "$world: import: status $status"
	sed "s|^$file:||" "$top/err" | diff - <(
		cat <<-END
		5: there is a mailbox of that name already
		6: the quota is a number, with K, M or G
		7: the first column is no address
		8: the columns are address,password[,quota]
		9: the columns are address,password[,quota]
		10: the domain is not one of ours; postlab domain add makes it so
		postlab: 3 added, 6 lines not
		END
	) || fail "$world: import names other lines"
	sed -E 's/[a-z-]{24}$/GENERATED/' "$top/out" | diff - <(
		cat <<-END
		200000001@campus.example	added	GENERATED
		two@campus.example	added
		seven@campus.example	added	GENERATED
		END
	) || fail "$world: import adds other people"
	expect 0 $'^200000001@campus.example\tactive\t5242880$' \
	    postlab user list
	expect 66 'No such file' postlab user import "$top/nothing.csv"
	# Relative to where the operator stands, not to the state folder.
	(cd "$top" && expect 65 'class.csv:2: there is' \
	    postlab user import class.csv) || exit 1
}

# A name added many times at once is added once; many names, all of them.
crowd() {
	local pids=() added=0
	for _ in 1 2 3 4 5 6 7 8; do
		postlab user add same >/dev/null 2>&1 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" && added=$((added + 1)); done
	[ $added = 1 ] || fail "$world: one name was added $added times"
	pids=()
	for i in 1 2 3 4 5 6 7 8; do
		postlab user add crowd$i >/dev/null &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || fail "$world: one of a crowd was not added"
	done
	[ "$(postlab user list | grep -c ^crowd)" = 8 ] ||
	    fail "$world: the crowd is not complete"
}

config() {
	local good=$top/good.conf
	expect 0 'postlab.conf: no mistake, 1 warning$' postlab config check
	cp "$DIR/postlab.conf" "$good"
	lines=$(wc -l <"$good")
	while IFS='|' read -r line message; do
		{ cat "$good"; printf '%b\n' "$line"; } >"$DIR/postlab.conf"
		for verb in 'config check' 'config show' 'user list'; do
			expect 78 "^postlab.conf:$((lines + 1)): $message" \
			    postlab $verb
		done
	done <<-'END'
	colour = red|there is no key colour in \[listen lmtp\]
	[smtp]|there is no section smtp
	port = 0|port = 0: must be a number, 1 to 65535
	no sense|neither \[section\] nor key = value
	[listen mta]|there is a \[listen mta\] already in line
	END
	cat "$good" >"$DIR/postlab.conf"
	# What is shown is a configuration with the same meaning.
	postlab config show >"$top/shown"
	cat "$top/shown" >"$DIR/postlab.conf"
	says postlab config show <"$top/shown"
	cat "$good" >"$DIR/postlab.conf"
}

queue() {
	expect 0 '' postlab queue list
	expect 65 'no queue id' postlab queue show ../postlab.conf
	expect 1 'not in the queue' postlab queue show 0123456789ABCD
	printf '%s\n' 'postlab-queue 1' 'id 3F2A9C01B7D4E5' \
	    'arrived 1795313597' 'size 1201' \
	    'sender zoe@far.example' 'peer 192.0.2.7' 'protocol ESMTP' \
	    'rcpt 0 alice@campus.example local' end \
	    'result 0 1795313600 452 4.3.1 no '$'\e''space%0Aor else' \
	    'attempt 1 next 1795313900' \
	    >"$DIR/queue/3F2A9C01B7D4E5.env"
	printf 'Subject: Gr\303\274\303\237e \033[31m\n\nbody\n' \
	    >"$DIR/queue/3F2A9C01B7D4E5.msg"
	chown --reference="$DIR" "$DIR"/queue/*.*
	says postlab queue list <<-'END'
	3F2A9C01B7D4E5	2026-11-22T02:13:17Z	1201	<zoe@far.example>	1/1	2026-11-22T02:18:20Z	452 4.3.1 no \x1Bspace or else
	END
	expect 0 '^client +192.0.2.7$' postlab queue show 3F2A9C01B7D4E5
	expect 0 '^recipient +<alice@campus.example> here, waits$' \
	    postlab queue show 3F2A9C01B7D4E5
	expect 0 '^  last word .* 452 4.3.1 no \\x1Bspace$' \
	    postlab queue show 3F2A9C01B7D4E5
	expect 0 '^ {38}or else$' postlab queue show 3F2A9C01B7D4E5
	expect 0 $'^Subject: Gr\303\274\303\237e [^\e]*31m$' \
	    postlab queue show 3F2A9C01B7D4E5 --header
	postlab queue show 3F2A9C01B7D4E5 --header | grep -q '^body' &&
	    fail "$world: queue show shows the body"
	: >"$DIR/queue/3F2A9C01B7D4E6.env"
	chown --reference="$DIR" "$DIR"/queue/*.*
	expect 0 $'^3F2A9C01B7D4E6\tdamaged' postlab queue list
	expect 65 'envelope is damaged' postlab queue show 3F2A9C01B7D4E6
	expect 0 '"3F2A9C01B7D4E6", "damaged": true' postlab queue list --json
	expect 65 'envelope is damaged' postlab queue hold 3F2A9C01B7D4E6
	expect 0 $'^3F2A9C01B7D4E6\tdeleted$' \
	    postlab queue delete 3F2A9C01B7D4E6
	expect 0 $'^3F2A9C01B7D4E5\theld$' postlab queue hold all
	expect 0 $'^3F2A9C01B7D4E5\theld already$' postlab queue hold all
	expect 0 $'\t1/1\theld\t452 ' postlab queue list
}

# A change that was killed halfway is undone by the next command.
killed() {
	# Run by root, SQLite gives the journal to whom the database belongs.
	python3 - "$DIR/directory.sqlite" <<-'PYTHON'
	import os, sqlite3, sys
	db = sqlite3.connect(sys.argv[1], isolation_level=None)
	db.execute("PRAGMA cache_size = 1")
	db.execute("BEGIN")
	for i in range(500): # more than the cache: it goes to the file
	    db.execute("INSERT INTO alias VALUES ('campus.example', ?, 'x@y')",
	        ("half%d" % i,))
	os._exit(0) # without a rollback
	PYTHON
	[ -s "$DIR/directory.sqlite-journal" ] || fail "$world: no journal"
	expect 0 'alice@campus.example' postlab user list
	[ ! -e "$DIR/directory.sqlite-journal" ] ||
	    fail "$world: the journal is still there"
	[ "$(postlab alias list | grep -c half)" = 0 ] ||
	    fail "$world: half a change was kept"
}

# Everything belongs to who owns the folder, whoever ran the commands.
ownership() {
	local owner strangers
	owner=$(stat -c %u "$DIR")
	[ "$owner" != 0 ] || fail "$world: root owns the folder"
	rm -f "$DIR"/queue/*.env "$DIR"/queue/*.msg # ours, of above
	strangers=$(find "$DIR" ! -uid "$owner")
	[ -z "$strangers" ] || fail "$world: not the owner's:" "$strangers"
	strangers=$(find "$DIR" -perm /077)
	[ -z "$strangers" ] || fail "$world: open to others:" "$strangers"
}

all() {
	usage
	nothing_there
	init
	init_that_fails
	users
	aliases
	domains
	import
	crowd
	config
	queue
	killed
	ownership
	# $POSTLAB_DIR is as good as -d.
	expect 0 'alice@campus.example' \
	    env POSTLAB_DIR="$DIR" $AS "$BIN/postlab" user list
}

manual() {
	diff <(sed '1,/begin: postlab config manual/d; /\\" end$/,$d' \
	    "$source/docs/postlab.conf.5") <("$BIN/postlab" config manual) ||
	    fail "docs/postlab.conf.5 has other keys than the program"
	for subcommand in $("$BIN/postlab" help | sed -n 's/^  \([a-z-]*\) .*/\1/p')
	do
		grep -q "^\.It Cm $subcommand" "$source/admin/postlab.8" ||
		    fail "postlab.8 does not know $subcommand"
	done
}

manual
if [ "$(id -u)" = 0 ]; then
	world='as nobody' AS='setpriv --reuid=nobody --regid=nogroup --clear-groups'
	mkdir "$top/nobody" && chown nobody: "$top/nobody"
	DIR=$top/nobody/var all
	world='as root' AS=
	mkdir "$top/root"
	DIR=$top/root/var all
	world='as root, below a closed folder'
	hidden=$(mktemp -d /root/postlab-admin-XXXXXX)
	DIR=$hidden/var all
else
	world='as an ordinary user' AS=
	DIR=$top/var all
fi
echo "the postlab command does what an operator expects"
