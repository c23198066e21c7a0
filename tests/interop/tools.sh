# tools.sh - what every client's file uses.  To be sourced by interop.sh.
#
# $world is classroom or homelab; $DIR, $BASE and $PASSWORD are of world.sh, $CA
# is the file of the authority, $TEMP a folder.  A mail that is to be found
# again has "Subject: $token".

# shellcheck disable=SC2034
ALICE=alice@campus.example BOB=bob@campus.example
passed=0 failed=0 skipped=0

# try NAME COMMAND ...: one line each; the output is shown when it fails.
try() {
	local name=$1
	shift
	if "$@" >"$TEMP/out" 2>&1; then
		passed=$((passed + 1))
		echo "passed   $name"
	else
		failed=$((failed + 1))
		echo "failed   $name"
		tail -n 25 "$TEMP/out" | sed 's/^/  | /'
	fi
}

skip_client() { # REASON
	skipped=$((skipped + 1))
	echo "skipped  $1"
}

# have PROGRAM: or say that it is skipped.
have() {
	command -v "$1" >/dev/null && return
	skip_client "$1 is not installed"
	return 1
}

new_token() { token=token-$RANDOM-$RANDOM-$RANDOM; }

# In how many files of MAILBOX stands the line TOKEN belongs to.
copies() { # USER TOKEN
	cat /dev/null "$DIR"/mail/campus.example/"$1"/{new,cur}/* 2>/dev/null |
	    grep -a -c "^Subject: $2\$"
}

# The file of bob's in which $token came.
arrived() {
	grep -a -l "^Subject: $token\$" "$DIR"/mail/campus.example/bob/*/*
}

# What came behind the fields that were added on the way, as it was sent.
arrived_body() {
	sed '1,/^$/d' "$(arrived)"
}

# sends COMMAND: runs it with a fresh $token; bob must have one copy more.
sends() {
	new_token
	eval "$1" || return
	[ "$(copies bob "$token")" = 1 ] || {
		echo "bob has $(copies bob "$token") copies"
		return 1
	}
}

# sends_as PROTOCOL COMMAND: and Received says that it came by PROTOCOL.
sends_as() {
	sends "$2" || return
	grep -a -E -A 4 -m 1 '^Received: ' "$(arrived)" | tr -s '\n\t ' ' ' |
	    grep " with $1 " || {
		echo "not with $1:"
		head -n 12 "$(arrived)"
		return 1
	}
}

# comes_true COMMAND: within two minutes.
comes_true() {
	local i
	for i in $(seq 1200); do
		eval "$1" && return
		sleep 0.1
	done
	echo "in vain waited for: $1"
	return 1
}

# certificate FILE: one of its own, with its key in FILE.key.
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 30 -subj /CN=relay.far.example -keyout "$1.key" -out "$1" \
	    2>/dev/null
}

# alice_relays TO BODY [parameters]: by a login here, to somebody elsewhere.
alice_relays() {
	local to=$1 body=$2
	shift 2
	printf 'From: %s\nTo: %s\nSubject: %s\n\n%s\n' $ALICE "$to" "$token" \
	    "$body" | RELAY_PASSWORD=$PASSWORD python3 tests/interop/relay.py \
	    $((BASE + 587)) $ALICE "$to" "$@"
}

# report_says PATTERN: in alice's report about $token.
report_says() {
	comes_true "grep -a -i -q -s 'Original-Envelope-Id: $token' \
	    '$DIR'/mail/campus.example/alice/*/*" || return
	cat $(grep -a -i -l "Original-Envelope-Id: $token" \
	    "$DIR"/mail/campus.example/alice/*/*) | tee "$TEMP/report"
	grep -q -e "$1" "$TEMP/report"
}

has_come() { [ "$(copies bob "$token")" -gt 0 ]; }

messages() { # USER
	find "$DIR/mail/campus.example/$1"/{new,cur} -type f 2>/dev/null | wc -l
}

# exits STATUS COMMAND ...
exits() {
	local expected=$1 status
	shift
	"$@"
	status=$?
	[ $status = "$expected" ] || {
		echo "exit status $status, not $expected"
		return 1
	}
}

# refused COMMAND ...: it must fail, with PATTERN in what it prints.
refused() { # PATTERN COMMAND ...
	local pattern=$1
	shift
	if "$@" >"$TEMP/refused" 2>&1; then
		echo "not refused"
		return 1
	fi
	cat "$TEMP/refused"
	grep -q -e "$pattern" "$TEMP/refused"
}

# is_open MECHANISM: may it be used without TLS in this world?
is_open() {
	[ "$world" = classroom ] || [[ $1 = SCRAM-* ]]
}

# The mechanisms of this world's submission ports, under TLS.
mechanisms() {
	local list="SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN"
	[ "$world" = homelab ] || list="$list CRAM-MD5 DIGEST-MD5"
	echo "$list"
}

# post RECIPIENT: a message with a fresh $token, for those who only fetch.
post() {
	new_token
	python3 - "$((BASE + 25))" "$1" "$token" <<-'PYTHON'
	import smtplib, sys
	port, to, token = sys.argv[1:]
	smtp = smtplib.SMTP("localhost", int(port), "client.example", timeout=120)
	smtp.sendmail("sender@far.example", [to], "From: sender@far.example\r\n"
	    "Subject: %s\r\n\r\n.\r\n..\r\nlast\r\n" % token)
	smtp.quit()
	PYTHON
}
