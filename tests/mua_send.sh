#!/usr/bin/env bash
# mua_send.sh - letters that leave: mua send and the outbox, against our own
# servers, and what Python's email package reads in what arrives.
set -u
. tests/world.sh
here=$PWD/tests
top=$(mktemp -d "${TMPDIR:-/tmp}/mua-send.XXXXXX")
chmod 755 "$top"
peer=
trap 'rc=$?; [ -n "$peer" ] && kill $peer 2>/dev/null; (exit $rc); world_end "$top"' EXIT
world_make "$top"
world_up
cd "$top" || exit 1
mua=$BIN/mua
export HOME=$top/home LC_ALL=C.UTF-8 TZ=UTC
unset MAIL EMAIL POSTLAB_DIR XDG_CONFIG_HOME
conf=$HOME/.config/postlab/mua.conf
mkdir -p "${conf%/*}"
failures=0
fault() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# account [TLS PORT]: bob's account at our servers.
account() {
	cat >"$conf" <<-C
	[account bob]
	full_name = Bob Builder
	address = bob@campus.example
	smtp_host = 127.0.0.1
	smtp_port = ${2:-$((BASE + 587))}
	smtp_tls = ${1:-starttls}
	ca_file = $DIR/tls/ca.pem
	password_command = echo $PASSWORD
	maildir = $HOME/Mail
	C
	chmod 600 "$conf"
}

# says STATUS PATTERN ARGS...: mua send; the pattern is of all it prints.
says() {
	local status=$1 pattern=$2 got
	shift 2
	echo "the text" | "$mua" send "$@" >out 2>&1
	got=$?
	[ $got = "$status" ] || fault "send $*: status $got: $(<out)"
	[[ $(<out) == $pattern ]] || fault "send $*: printed $(<out)"
}

# newest BOX: the message that came last, or nothing.
newest() { ls -t "$1"/new/* "$1"/cur/* 2>/dev/null | head -n 1; }
count() { ls "$1"/new "$1"/cur 2>/dev/null | grep -c '^[0-9]'; }
alice=$DIR/mail/campus.example/alice
bob=$DIR/mail/campus.example/bob
box=$HOME/Mail/.Outbox

# --- it arrives, by STARTTLS and by TLS from the first byte ------------------
account
says 0 'Sent' -s 'by STARTTLS' alice@campus.example
grep -q '^Subject: by STARTTLS$' "$(newest "$alice")" || fault "starttls"
grep -q 'with ESMTPSA' "$(newest "$alice")" || fault "no TLS, or no login"
account implicit $((BASE + 465))
says 0 'Sent' -s 'by TLS' alice
grep -q '^To: alice@campus.example$' "$(newest "$alice")" || fault "implicit"
[ "$(count "$HOME/Mail/.Sent")" = 2 ] || fault "no copies in Sent"
[ "$(count "$box")" = 0 ] || fault "the outbox holds what was sent"
# Another charset would arrive as marks: it is refused, and nothing is kept.
printf 'Caf\351\n' | "$mua" send alice >out 2>&1
[ $? = 65 ] && grep -q 'not UTF-8' out || fault "Latin-1: $(<out)"
[ "$(count "$box")" = 0 ] || fault "the outbox holds what was refused"
grep -qx 'alice@campus.example' "${conf%/*}/contacts" ||
    fault "the address book does not know alice"

# --- Bcc: it arrives, it is in the copy, and it never leaves -----------------
account
says 0 Sent -s hidden -b bob@campus.example alice@campus.example
grep -rqi '^bcc' "$alice" "$bob" && fault "Bcc has left the house"
grep -q '^Subject: hidden' "$(newest "$bob")" || fault "Bcc got nothing"
grep -rq '^Bcc: bob@campus.example$' "$HOME/Mail/.Sent" ||
    fault "the copy does not say Bcc"

# --- what is built, as Python reads it ---------------------------------------
python3 "$here/mua_letters.py" "$mua" || fault "mua_letters.py"

# --- a report of the delivery: DSN -------------------------------------------
says 0 Sent --report -s 'with a report' alice@campus.example
for _ in $(seq 300); do
	report=$(grep -l 'report-type=delivery-status' "$bob"/new/* 2>/dev/null)
	[ -n "$report" ] && break
	sleep 0.1
done
grep -q '^Original-Recipient: rfc822; *alice@campus.example' $report ||
    fault "no report, or no ORCPT in it"
grep -q '^Action: delivered' $report || fault "the report says no 'delivered'"

# --- TLS or nothing ------------------------------------------------------------
account
sed -i '/^ca_file/d' "$conf"
says 77 '*authority that is not known*tls/ca.pem*' -s x alice
[ "$(count "$box")" = 1 ] || fault "not kept: the certificate"
account implicit $((BASE + 587))
says 76 '*does not begin with TLS*' -s x alice
account
rm -f "$box"/*/*

# --- logging in ------------------------------------------------------------------
account
sed -i 's/^password_command.*/password_command = echo wrong/' "$conf"
says 77 '*does not let bob@campus.example in: 535*' -s x alice
sed -i 's/^password_command.*/password_command = false/' "$conf"
says 77 '*' -s x alice
[ "$(count "$box")" = 2 ] || fault "not kept: the login"
account
"$mua" send --outbox >out 2>&1 || fault "--outbox: $(<out)"
[ "$(<out)" = "2 letters sent" ] || fault "--outbox said $(<out)"
[ "$(count "$box")" = 0 ] || fault "--outbox left something"
for mechanism in SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN; do
	account
	echo "smtp_auth = $mechanism" >>"$conf"
	says 0 '*AUTH '$mechanism'*Sent' --wire -s "$mechanism" alice
done
grep -q "$PASSWORD" out && fault "the wire shows the password"
account
says 67 '*Not sent: nobody@campus.example: 550 5.1.1*' nobody
[ "$(count "$box")" = 0 ] || fault "a script's refused letter was kept"

# --- addresses that are none, files that are not there ------------------------
says 65 '*is no address*' 'a@@b'
says 65 '*Nobody*' ''
says 66 '*Cannot attach*' -a /nothing alice
says 64 '*usage: mua *' -z alice
says 64 'usage: mua *'
says 64 'usage: mua *' --outbox alice
rm "$conf"
says 78 '*no account*' alice

# --- a server that is not there, and one that is odd ---------------------------
peer() { # [EXTENSION...]: a new one, with an account for it
	[ -n "$peer" ] && kill "$peer"
	rm -rf "$top/peer"
	mkdir "$top/peer"
	python3 "$here/mua_peer.py" "$top/peer" "$@" &
	peer=$!
	for _ in $(seq 300); do [ -e "$top/peer/port" ] && break; sleep 0.1; done
	account off "$(<"$top/peer/port")"
	echo "smtp_auth = NONE" >>"$conf"
}
account off 1
echo "smtp_auth = NONE" >>"$conf"
says 75 '*refused*' -s later a@x.example
[ "$(count "$box")" = 1 ] || fault "not kept: no server"
peer 8BITMIME SMTPUTF8 PIPELINING DSN SIZE
"$mua" send --outbox >out 2>&1 || fault "--outbox at the peer: $(<out)"
grep -q 'Subject: later' peer/1.eml || fault "what waited was not sent"

says 67 '*Sent, but not to all: 550@x.example: 550 5.1.1 a word*' \
    a@x.example 550@x.example
[ "$(count "$box")" = 0 ] || fault "550 was kept for a script"
says 75 '*Sent, but not to all: 450@x.example: 450 4.1.1 a word*' \
    a@x.example 450@x.example
grep -q '^X-Mua-Recipient: 450@x.example 450 4.1.1' "$box"/new/* ||
    fault "450: the outbox has not the server's words"
grep -q 'X-Mua-Recipient: a@x' "$box"/new/* && fault "450: a is still there"
rm -f "$box"/*/*
says 67 '*evil@x.example: 550 5.1.1*' evil@x.example
LC_ALL=C grep -q $'[\x1b\x07]' out && fault "a server writes to the terminal"
says 75 '*' gone@x.example
[ "$(ls "$box/new" | wc -l)" = 1 ] || fault "gone: it does not wait"
rm -f "$box"/*/*

# --- an answer that is lost -----------------------------------------------------
before=$(ls peer/*.eml | wc -l)
says 79 '*answer of the server was lost*may have*' lost@x.example
[ "$(ls "$box/cur" | wc -l)" = 1 ] || fault "lost: it is not marked"
"$mua" send --outbox >out 2>&1
[ $(($(ls peer/*.eml | wc -l) - before)) = 1 ] || fault "lost: sent again"
rm -f "$box"/*/*

# is_offered: waits until the peer has one more letter than BEFORE.
is_offered() {
	for _ in $(seq 600); do
		[ "$(ls peer/*.eml | wc -l)" -gt "$before" ] && return
		sleep 0.05
	done
	fault "no letter has come to the peer"
}

# --- a mua that is killed while the server thinks -------------------------------
before=$(ls peer/*.eml | wc -l)
echo x | "$mua" send slow@x.example >out 2>&1 &
pid=$!
is_offered
kill -9 $pid
wait $pid 2>/dev/null
[ "$(ls "$box/cur" | wc -l)" = 1 ] || fault "killed: it is not marked"
"$mua" send --outbox >out 2>&1
[ $(($(ls peer/*.eml | wc -l) - before)) = 1 ] || fault "killed: sent again"
rm -f "$box"/*/*

# --- a letter while another one is under way waits for its turn ----------------
before=$(ls peer/*.eml | wc -l)
echo x | "$mua" send slow@x.example >first 2>&1 &
pid=$!
is_offered
(sleep 1 && : >peer/go) &
says 0 Sent -s 'the next' a@x.example
wait $pid
[ "$(<first)" = Sent ] || fault "two at once: $(<first)"

# --- Sent cannot be written: said, kept in the outbox, never sent twice ----------
before=$(ls peer/*.eml | wc -l)
mv "$HOME/Mail/.Sent" "$HOME/Mail/.Sent.aside"
: >"$HOME/Mail/.Sent"
says 73 '*Sent; its copy stays in the outbox, *: Not a directory' \
    -s 'no copy' -b b@x.example a@x.example
[ "$(ls "$box/new" | wc -l)" = 0 ] || fault "no copy: it waits"
"$mua" send --outbox >out 2>&1 || fault "no copy: --outbox: $(<out)"
says 67 '*Sent, but not to all: 550@x.example*' -s 'no copy 2' a@x.example \
    550@x.example
[ $(($(ls peer/*.eml | wc -l) - before)) = 2 ] || fault "no copy: sent again"
ls "$box/cur" | grep -c ':2,S$' | grep -qx 2 || fault "no copy: $(ls "$box"/*)"
rm "$HOME/Mail/.Sent"
mv "$HOME/Mail/.Sent.aside" "$HOME/Mail/.Sent"
"$mua" send --outbox >out 2>&1 || fault "a late copy: $(<out)"
[ $(($(ls peer/*.eml | wc -l) - before)) = 2 ] || fault "a late copy: sent again"
grep -l '^Subject: no copy$' "$HOME"/Mail/.Sent/cur/* | xargs grep -q \
    '^Bcc: b@x.example$' || fault "a late copy is not in Sent"
grep -rq '^X-Mua' "$HOME/Mail/.Sent" && fault "Sent has the envelope"
[ "$(count "$box")" = 0 ] || fault "a late copy: $(ls "$box"/*)"

# --- a large attachment passes ---------------------------------------------------
head -c 12000000 /dev/urandom >large.bin
says 0 Sent -a large.bin a@x.example
python3 - large.bin "$(ls -t peer/*.eml | head -n 1)" <<-'PYTHON' ||
	import email, sys
	with open(sys.argv[2], 'rb') as file:
	    message = email.message_from_bytes(file.read().split(b'\n\n', 1)[1])
	part = message.get_payload()[1]
	assert part.get_payload(decode=True) == open(sys.argv[1], 'rb').read()
	PYTHON
	fault "a large attachment is not what it was"
rm -f large.bin

# --- extensions: used where needed, and never without being offered -----------
utf8='jörg@x.example'
says 0 Sent "$utf8"
grep -qx "MAIL FROM:<bob@campus.example> SIZE=[0-9]* BODY=8BITMIME SMTPUTF8" \
    "$(ls -t peer/*.eml | head -n 1)" || fault "SMTPUTF8 was not said"
grep -q "^To: $utf8" "$(ls -t peer/*.eml | head -n 1)" ||
    fault "SMTPUTF8: To is not as typed"
says 0 Sent --report -s plain a@x.example
last=$(ls -t peer/*.eml | head -n 1)
grep -q "^MAIL FROM:<bob@campus.example> SIZE=[0-9]* RET=HDRS$" "$last" ||
    fault "more than needed was said: $(head -n 1 "$last")"
grep -q '^RCPT TO:<a@x.example> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a@x.example$' \
    "$last" || fault "DSN: $(sed -n 2p "$last")"
peer HELP
says 67 '*550 5.6.7*SMTPUTF8*' "$utf8"
says 0 'Sent (no report will come*' --report a@x.example
printf 'Subject: x\n\nGr\xc3\xbc\xc3\x9fe\n' >eight.eml
says 67 '*550 5.6.3*8BITMIME*' -a eight.eml a@x.example
account starttls "$(<peer/port)"
echo "smtp_auth = NONE" >>"$conf"
says 76 '*does not offer STARTTLS*nothing is said in clear*' a@x.example
account off "$(<peer/port)"
says 69 '*offers no login*' a@x.example

[ "$failures" = 0 ] && echo "mua_send: all is well"
exit $((failures > 0))
