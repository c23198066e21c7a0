#!/usr/bin/env bash
# apop.sh - APOP (RFC 1939 7) by a secret of its own: python's hashlib and
# poplib, curl, fetchmail and mpop log in, and nobody by a password.  And what
# is left in the store when it, or teaching as a whole, is turned off.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
top=$(mktemp -d "${TMPDIR:-/tmp}/postlab-apop-XXXXXX")
trap 'world_end "$top"' EXIT
world_make "$top" classroom
secret=tanstaaf

# says STATUS WORDS COMMAND...: its exit status, and what it prints.
says() {
	local want=$1 words=$2 said status
	shift 2
	said=$("$@" 2>&1)
	status=$?
	[ $status = "$want" ] || fail "$*: exit status $status, not $want" "$said"
	[[ $said = *"$words"* ]] || fail "$*: does not say: $words" "$said"
}
set_secret() { # ADDRESS SECRET
	echo "$2" | postlab user apop "$1" --password-stdin
}

# Off, as it is unless asked for: nothing is stored, nothing is offered.
says 78 'apop and teaching' set_secret alice@campus.example $secret
world_set auth apop yes
says 0 'apop = yes: the secrets' postlab config check

# Whose secret may be what.
says 0 'alice@campus.example	apop set' set_secret alice@campus.example $secret
says 0 'bob@campus.example	apop set' postlab user apop bob@campus.example
says 0 'bob@campus.example	apop removed' postlab user apop \
    bob@campus.example --remove
says 65 'that is the password' set_secret bob@campus.example "$PASSWORD"
says 65 'no mailbox' set_secret nobody@campus.example $secret
says 64 usage postlab user apop
says 64 usage postlab user apop bob@campus.example --remove --password-stdin
grep -qa $secret "$DIR/secrets.sqlite" || fail "it is no clear secret?"

# Turned off with secrets that are left, which is said, with what to do.
says 0 'bob@campus.example	apop set' postlab user apop bob@campus.example
! postlab config check | grep 'still has' || fail "APOP is on"
world_set auth apop no
says 0 "APOP is off, and secrets.sqlite still has the clear secrets of 2 people \
for it, which open nothing; take them away:
	postlab user apop alice@campus.example --remove
	postlab user apop bob@campus.example --remove
" postlab config check
says 0 'bob@campus.example	apop removed' postlab user apop \
    bob@campus.example --remove
says 0 'clear secrets of 1 person for' postlab config check
world_set auth apop yes
says 78 'name a person' postlab user md5 --remove
! postlab config check | grep 'MD5 secrets of' || fail "teaching is on"
world_set auth teaching no
says 0 'clear secrets of 1 person for' postlab config check

# The same of CRAM-MD5 and DIGEST-MD5, which both people have from a password.
says 0 "teaching is off, and secrets.sqlite still has the MD5 secrets of 2 \
people for CRAM-MD5 and DIGEST-MD5, which open nothing, but from which a weak \
password is quickly guessed; take them away:
	postlab user md5 --remove
" postlab config check
says 64 usage postlab user md5
says 64 usage postlab user md5 bob@campus.example
says 64 usage postlab user md5 --remove bob@campus.example
says 65 'no mailbox' postlab user md5 nobody@campus.example --remove
says 0 'bob@campus.example	md5 removed' postlab user md5 bob --remove
says 0 'MD5 secrets of 1 person for' postlab config check
said=$(postlab user md5 --remove) || fail "user md5" "$said"
[ "$said" = 'alice@campus.example	md5 removed' ] || fail "user md5" "$said"
! postlab config check | grep 'MD5 secrets of' || fail "they are there still"
says 0 'clear secrets of 1 person for' postlab config check
world_set auth teaching yes
printf 'From: a@far.example\nSubject: a word\n\nby APOP\n' |
    $AS "$BIN/mda" -d "$DIR" -f a@far.example alice || fail "mda"
world_up

python3 - $((BASE + 110)) $secret "$PASSWORD" <<'PYTHON' || exit 1
import hashlib, poplib, re, socket, sys
port, secret, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]

def connect():
    s = socket.create_connection(("127.0.0.1", port), 30)
    f = s.makefile("rwb", buffering=0)
    greeting = f.readline().decode()
    # banner-timestamp: msg-id of RFC 822
    m = re.fullmatch(r"\+OK POP3 server ready (<[0-9A-Za-z.]+@"
                     r"mail\.campus\.example>)\r\n", greeting)
    assert m, greeting
    return f, m[1]

def say(f, line):
    f.write((line + "\r\n").encode())
    return f.readline().decode()

def digest(stamp, secret):
    return hashlib.md5((stamp + secret).encode()).hexdigest()

stamps = {connect()[1] for _ in range(5)}
assert len(stamps) == 5, stamps
f, stamp = connect()
assert say(f, "APOP").startswith("-ERR APOP needs a name"), "no argument"
assert say(f, "APOP alice").startswith("-ERR APOP needs a name")
assert say(f, "APOP alice " + "x" * 32).startswith("-ERR APOP needs a name")
for user, word in (("alice", "wrong"), ("alice", password), ("bob", password)):
    answer = say(f, f"APOP {user} " + digest(stamp, word))
    assert answer.startswith("-ERR [AUTH] wrong user name"), answer
answer = say(f, "APOP alice " + digest(stamps.pop(), secret))
assert answer.startswith("-ERR [AUTH] wrong user name"), answer
f, stamp = connect()
answer = say(f, "APOP Alice@Campus.example " + digest(stamp, secret))
assert answer.startswith("+OK alice maildrop has 1 message"), answer
assert say(f, "APOP alice " + digest(stamp, secret)).startswith("-ERR")
say(f, "QUIT")
f, stamp = connect()
say(f, "USER alice")
answer = say(f, "PASS " + secret)
assert answer.startswith("-ERR [AUTH]"), answer
pop = poplib.POP3("127.0.0.1", port, timeout=30)
pop.apop("alice", secret)
assert pop.stat()[0] == 1
pop.quit()
PYTHON

curl -sS --max-time 60 "pop3://127.0.0.1:$((BASE + 110))/1" \
    -u "alice:$secret" --login-options AUTH=+APOP >"$top/got" 2>&1 ||
    fail "curl" "$(cat "$top/got")"
grep -q 'by APOP' "$top/got" || fail "curl has another message"

umask 077
mkdir "$top/fetchmail" "$top/mpop" "$top"/mpop/{tmp,new,cur}
cat >"$top/fetchmail/fetchmailrc" <<END
poll localhost service $((BASE + 110)) proto apop timeout 60
user alice password $secret
sslproto ''
mda "cat >>$top/fetched" fetchall keep
END
FETCHMAILHOME=$top/fetchmail HOME=$top fetchmail -v --nosyslog \
    >"$top/out" 2>&1 || fail "fetchmail" "$(cat "$top/out")"
grep -q '> APOP alice' "$top/out" && grep -q 'by APOP' "$top/fetched" ||
    fail "fetchmail did not use APOP" "$(cat "$top/out")"

printf '%s\n' "account alice" "host 127.0.0.1" "port $((BASE + 110))" \
    "tls off" "user alice" "password $secret" "auth apop" "timeout 60" \
    "keep on" "uidls_file $top/uidls" "delivery maildir $top/mpop" \
    >"$top/mpoprc"
mpop -C "$top/mpoprc" -q alice >"$top/out" 2>&1 ||
    fail "mpop" "$(cat "$top/out")"
grep -rq 'by APOP' "$top/mpop/new" || fail "mpop has another message"

# The mua takes SASL where it is offered, as mutt does, and so the password;
# APOP with its secret where the account says so.
conf=$top/mua/postlab/mua.conf
mkdir -p "${conf%/*}"
cat >"$conf" <<END
[account alice]
address = alice@campus.example
pop3_host = 127.0.0.1
pop3_port = $((BASE + 110))
pop3_tls = off
password_command = echo $PASSWORD
maildir = $top/mua/box
END
chmod 600 "$conf"
mua_fetches() { # STATUS WORDS
	says "$1" "$2" env XDG_CONFIG_HOME="$top/mua" HOME="$top/mua" \
	    "$BIN/mua" fetch --wire
	rm -rf "$top/mua/box"
}
mua_fetches 0 'C: AUTH SCRAM-SHA-256'
echo 'pop3_auth = APOP' >>"$conf"
mua_fetches 77 'C: APOP alice'
sed -i "s/^password_command.*/password_command = echo $secret/" "$conf"
mua_fetches 0 'alice: 1 new message'

# The log names the way; what was removed opens nothing; evidence has no digest.
grep -q 'event=login .*user=alice@campus.example mechanism=APOP' \
    "$DIR"/log/* || fail "the log does not name APOP"
says 0 'apop removed' postlab user apop alice@campus.example --remove
! curl -sS --max-time 60 "pop3://127.0.0.1:$((BASE + 110))/1" \
    -u "alice:$secret" --login-options AUTH=+APOP >"$top/got" 2>&1 ||
    fail "what was removed still opens"
world_down >"$top/out" 2>&1
world_set auth apop no
! postlab config check | grep 'still has' || fail "nobody has one any more"
# A host that only stores mail has no store of passwords, and no mistake.
rm "$DIR"/secrets.sqlite*
says 0 'postlab.conf: no mistake' postlab config check
python3 - "$DIR/evidence.sqlite" <<'PYTHON' || exit 1
import re, sqlite3, sys
lines = [text for text, in sqlite3.connect(sys.argv[1]).execute(
    "SELECT text FROM lines WHERE kind = 'command' AND verb = 'APOP'")]
assert "APOP alice ***" in lines, lines
assert not any(re.search("[0-9a-f]{32}", line) for line in lines), lines
PYTHON
echo "APOP opens for who has its secret"
