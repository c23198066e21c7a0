#!/usr/bin/env bash
# policy.sh - what postlab tells of smtpd's rules and of its plain words:
# check-address, config show, explain, explain_file and language.
set -u
. tests/world.sh
place=$(mktemp -d "${TMPDIR:-/tmp}/policy.XXXXXX")
chmod 755 "$place"
trap 'world_end "$place"' EXIT
world_make "$place"
world_set dns resolver none
world_set dns hosts_file hosts
printf '192.0.2.7 relay.far.example\n192.0.2.8 near.example\n' >"$DIR/hosts"
printf '[route far]\ndomains = far.example\nhost = relay.far.example\nport = 26\ntls = encrypt\n' \
    >>"$DIR/postlab.conf"
here=$(realpath "$DIR")

# expect STATUS PATTERN... -- ARGUMENT...: postlab's exit status, and that its
# output has lines that match the extended patterns; with ! that none does.
expect() {
	local want=$1 patterns=() out status
	shift
	while [ "$1" != -- ]; do patterns+=("$1"); shift; done
	shift
	out=$(postlab "$@" 2>&1 </dev/null)
	status=$?
	[ $status = "$want" ] ||
	    fail "$*: exit status $status, not $want" "$out"
	for pattern in "${patterns[@]}"; do
		case $pattern in
		!*) grep -Eq -- "${pattern#!}" <<<"$out" &&
		    fail "$*: says: ${pattern#!}" "$out" ;;
		*) grep -Eq -- "$pattern" <<<"$out" ||
		    fail "$*: does not say: $pattern" "$out" ;;
		esac
	done
	return 0
}

people() {
	postlab alias add staff alice && postlab alias add staff bob+lists &&
	    postlab alias add abroad zoe@far.example &&
	    postlab alias add all staff &&
	    postlab domain add second.example &&
	    echo "$PASSWORD" | postlab user add carl --password-stdin &&
	    postlab alias add @second.example carl &&
	    postlab user disable carl || fail "no people"
} >/dev/null 2>&1

addresses() {
	local bob='bob@campus.example: mailbox mail/campus.example/bob$'
	expect 0 '^listener mta: mta, port [0-9]+, strict, encrypted, no login$' \
	    '^    relay-needs-login: no$' '^    -> 250 2.1.5 Ok$' \
	    '^listener msa: msa' \
	    '^    login-first: applies -> 530 5.7.0 Authentication required$' \
	    "^  $bob" -- check-address bob
	expect 0 '^  Bob@Campus.Example: mailbox mail/campus.example/bob$' \
	    -- check-address '<Bob@Campus.Example>'
	expect 0 "^  $bob" -- check-address '"bob"@campus.example'
	expect 0 'bob\+x@campus.example: plus-address of bob@campus.example, mailbox' \
	    -- check-address bob+x
	expect 0 '^  all@campus.example: alias, leads to$' \
	    '^    staff@campus.example: alias, leads to$' \
	    '^      alice@campus.example: mailbox mail/campus.example/alice$' \
	    '^      bob\+lists@campus.example: plus-address of bob' \
	    -- check-address all
	expect 0 "^  x@second.example: nobody's name, the catch-all @second.example" \
	    '^    carl@campus.example: mailbox' -- check-address x@second.example
	expect 0 '^  Postmaster@campus.example: alias' \
	    -- check-address '<Postmaster>'
	expect 0 '^  postmaster@campus.example: alias' \
	    -- check-address postmaster@mail.campus.example
	# what is refused, and by which rule
	expect 69 '^    unknown-user: applies -> 550 5.1.1 <nobody@campus.example>: ' \
	    'nobody@campus.example: nobody of that name' \
	    -- check-address nobody
	expect 69 '^    relay-needs-login: applies -> 554 5.7.1 <a@far.example>: Relay access denied$' \
	    '!^delivery' -- check-address a@far.example
	expect 0 'zoe@far.example: on another host$' \
	    '^      relayed: \[route far\]$' \
	    '^        host relay.far.example, address 192.0.2.7, port 26, TLS or not at all$' \
	    -- check-address abroad
	# who has logged in may send there
	expect 0 '^    -> 250 2.1.5 Ok$' '^  a@far.example: on another host$' \
	    '^    relayed: \[route far\]$' '^      host relay.far.example, ' \
	    -- check-address a@far.example --as alice --listener msa
	expect 0 '^    relayed: as the DNS says$' \
	    '^      host near.example, address 192.0.2.8, port 25, TLS where' \
	    -- check-address a@near.example --as alice --listener msa
	expect 0 '^      5[0-9][0-9] 5' \
	    -- check-address a@none.invalid --as alice --listener msa
}

clients() {
	expect 0 'logged in as alice@campus.example$' '!^listener mta' \
	    '^  MAIL FROM:<alice@campus.example>$' '^    login-first: no$' \
	    -- check-address bob --as alice --listener msa
	expect 69 '^    sender-of-another: applies -> 553 5.7.1 <bob@campus.example>' \
	    -- check-address alice --as alice --sender bob --listener msa
	expect 0 '^    sender-of-another: no$' \
	    -- check-address bob --as ALICE --sender staff --listener msa
	expect 0 '!sender-of' '^listener mta: .* no login \(auth = off\)$' \
	    -- check-address bob --as alice --sender bob --listener mta
	expect 67 "nobody is nobody's login" -- check-address bob --as nobody
	expect 67 'carl is disabled' -- check-address bob --as carl
	# a listener on loopback is not reached from elsewhere
	expect 69 '^  192.0.2.1 does not reach it: it listens on 127.0.0.1 ::1$' \
	    -- check-address bob --from 192.0.2.1
	expect 0 '250 2.1.5' -- check-address bob --from 127.0.0.9
	expect 0 '250 2.1.5' -- check-address bob --from ::1
	expect 65 'localhost is no IP address' \
	    -- check-address bob --from localhost
	expect 65 'is no address' -- check-address 'a b'
	expect 65 'is no address' -- check-address '<>'
	expect 65 'relay is no listener' -- check-address bob --listener relay
	expect 65 'pop3 is no listener' -- check-address bob --listener pop3
	expect 64 'usage: postlab .*check-address ADDRESS' -- check-address
	expect 64 'usage: postlab .*check-address ADDRESS' -- check-address a b
}

# What the configuration changes, config show tells and check-address applies.
settings() {
	local good=$place/good.conf
	cat "$DIR/postlab.conf" >"$good"
	expect 0 '^#    login-first +530 5.7.0 ' '^#    sender-of-another +553' \
	    '^#    relay-needs-login +554 5.7.1 Relay access denied$' \
	    '!tls-first' -- config show
	world_set 'listen msa' tls required
	world_set 'listen msa' sender_policy strict
	expect 0 '^#    tls-first +530 5.7.0 Must issue a STARTTLS' \
	    -- config show
	expect 69 '^    tls-first: applies -> 530 5.7.0 Must issue a STARTTLS' \
	    -- check-address bob --as alice --listener msa --clear
	expect 69 '^    sender-of-another: applies' \
	    -- check-address bob --as alice --sender staff --listener msa
	world_set 'listen msa' sender_policy free
	expect 0 '!sender-of-another' \
	    -- check-address bob --as alice --sender x@far.example --listener msa
	cat "$good" >"$DIR/postlab.conf"
}

# A teacher's file, from print to use, with its mistakes.
sentences() {
	local own=$DIR/own.ini
	expect 64 'usage' -- explain a b c
	expect 65 -- explain '250 2.1.0 Ok'
	expect 0 '^\[nobody of that name\] The domain is served here' \
	    -- explain '550 5.1.1 <x@y>: Recipient address rejected: User unknown'
	expect 0 '^\[a header line\] ' \
	    -- explain '500 5.5.2 Error: command not recognized' 'To: bob'
	world_set server language es
	expect 0 '^\[nobody of that name\] El dominio es de este servidor' \
	    -- explain '550 5.1.1 <x@y>: User unknown'
	expect 0 'no mistake' '!language' -- config check
	world_set server language eo
	expect 0 '^\[server\] language = eo: no sentence is in it; English serves$' \
	    'no mistake, 1 warning$' -- config check
	postlab explain >"$own" || fail "explain says nothing"
	cmp "$own" common/explain.ini || fail "explain prints something else"
	chmod a+r "$own"
	world_set server explain_file own.ini
	sed -i '/^\[nobody of that name\]/,/^$/s/^en = /eo = Neniu.\nen = /' "$own"
	expect 0 'no mistake, 0 warnings' -- config check
	expect 0 '^\[nobody of that name\] Neniu.$' \
	    -- explain '550 5.1.1 <x@y>: User unknown'
	expect 0 '^\[name or password\] Name or password is wrong' \
	    -- explain '535 5.7.8 Error: authentication failed'
	echo 'no sense' >>"$own"
	expect 0 "^own.ini:$(wc -l <"$own"): neither \[section\] nor key = value; the built-in" \
	    -- config check
	rm "$own"
	expect 0 '^own.ini: No such file' 'no mistake, 2 warnings' \
	    -- config check
}

# In a running smtpd: a mistake is a line in the log, and SIGHUP reads it anew.
running() {
	local i
	world_set 'listen mta' explain yes
	world_up
	grep -q 'event=error what="own.ini: No such file' "$DIR"/log/postlab.log ||
	    fail "the log does not tell of the missing explain_file"
	said 'The order is MAIL'
	printf '[my own]\nreply = 503 *need MAIL*\neo = Unue MAIL.\n' >"$DIR/own.ini"
	chmod a+r "$DIR/own.ini"
	kill -HUP "$(cat "$DIR/run/smtpd.pid")"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		grep -q event=reloaded "$DIR/log/postlab.log" && break
		sleep 0.5
	done
	said 'Unue MAIL'
	world_down >/dev/null
}

# The second line below the refusal of RCPT without MAIL.
said() {
	printf 'HELO x\r\nRCPT TO:<a@b.example>\r\nQUIT\r\n' >"$place/wire"
	python3 - $((BASE + 25)) "$place/wire" >"$place/said" <<-'PYTHON'
	import socket, sys
	with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10) as s:
	    s.recv(500) # the greeting: a strict server wants to be waited for
	    s.sendall(open(sys.argv[2], "rb").read())
	    while data := s.recv(4096):
	        sys.stdout.buffer.write(data)
	PYTHON
	grep -q "^503 5.5.1 $1" "$place/said" ||
	    fail "smtpd does not say: $1" "$(cat "$place/said")"
}

people
addresses
clients
settings
python3 tests/explain.py "$BIN/postlab" "$here" || fail "a refusal is forgotten"
sentences
running
echo "postlab tells what smtpd does"
