#!/usr/bin/env bash
# interop.sh - other people's programs send, fetch and read mail here.
#
# swaks, curl, python, mutt, s-nail and perl, all from Debian, against the real
# daemons.  A program that is absent is skipped with a word.  Whatever was sent
# has to be found in the mailbox once; what was fetched must be what was sent.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh

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

# have PROGRAM: or say that it is skipped.
have() {
	command -v "$1" >/dev/null && return
	skipped=$((skipped + 1))
	echo "skipped  $1 is not installed"
	return 1
}

new_token() { token=token-$RANDOM-$RANDOM-$RANDOM; }

# In how many files of MAILBOX stands the line TOKEN belongs to.
copies() { # USER TOKEN
	cat /dev/null "$DIR"/mail/campus.example/"$1"/{new,cur}/* 2>/dev/null |
	    grep -c "^Subject: $2\$"
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

# --- swaks ----------------------------------------------------------------

use_swaks() {
	local server="--server 127.0.0.1" tls mechanism
	local who="--from $ALICE --to $BOB --header Subject:\ \$token"
	local login="--auth-user $ALICE --auth-password $PASSWORD"
	local trust="--tls-verify --tls-ca-path $CA"
	have swaks || return
	try "swaks to port 25" sends \
	    "swaks $server --port $((BASE + 25)) $who"
	try "swaks with PIPELINING, two recipients and an attachment" sends \
	    "swaks $server --port $((BASE + 25)) --pipeline $who \
	    --to $BOB,$ALICE --attach @/etc/passwd"
	try "swaks to port 25 over TLS" sends \
	    "swaks $server --port $((BASE + 25)) $who --tls $trust"
	for mechanism in PLAIN LOGIN CRAM-MD5; do
		try "swaks AUTH $mechanism in clear" sends "swaks $server \
		    --port $((BASE + 587)) $who --auth $mechanism $login"
		try "swaks AUTH $mechanism over STARTTLS" sends "swaks $server \
		    --port $((BASE + 587)) $who --tls $trust \
		    --auth $mechanism $login"
		try "swaks AUTH $mechanism over implicit TLS" sends "swaks \
		    $server --port $((BASE + 465)) $who --tls-on-connect \
		    $trust --auth $mechanism $login"
	done
	for tls in tlsv1_2 tlsv1_3; do
		try "swaks over $tls" sends "swaks $server \
		    --port $((BASE + 25)) $who --tls --tls-protocol $tls"
	done
	try "swaks over TLS 1.1 is refused" exits 29 swaks $server \
	    --port $((BASE + 25)) --from $ALICE --to $BOB --tls \
	    --tls-protocol tlsv1_1
	try "swaks with a wrong password is refused" exits 28 swaks $server \
	    --port $((BASE + 587)) --from $ALICE --to $BOB --tls \
	    --auth PLAIN --auth-user $ALICE --auth-password wrong
	try "swaks to an unknown mailbox is refused" exits 24 swaks $server \
	    --port $((BASE + 25)) --from $ALICE --to nobody@campus.example
	try "swaks to the outside is refused" exits 24 swaks $server \
	    --port $((BASE + 25)) --from $ALICE --to who@far.example
	try "swaks speaks LMTP with mda" sends \
	    "swaks --protocol LMTP --socket $DIR/run/lmtp $who"
	try "swaks speaks LMTP over TCP" sends \
	    "swaks --protocol LMTP $server --port $((BASE + 24)) $who"
}

# --- curl -----------------------------------------------------------------

curl_sends() { # URL [options]
	printf 'From: <%s>\r\nSubject: %s\r\n\r\nhi\r\n.\r\n..\r\nend\r\n' \
	    $ALICE "$token" >"$TEMP/message"
	curl -sS --max-time 20 --cacert "$CA" --mail-from $ALICE \
	    --mail-rcpt $BOB -T "$TEMP/message" --user "$ALICE:$PASSWORD" \
	    --url "$@"
}

curl_pop() { # URL [options]
	curl -sS --max-time 20 --cacert "$CA" --user "$BOB:$PASSWORD" \
	    --url "$@"
}

# What comes back is what was sent, with fields added in its header.
curl_returns() { # FILE
	local added
	sed 's/\r*$/\r/' "$1" >"$TEMP/wire"
	curl -sS --max-time 20 --cacert "$CA" --mail-from $ALICE \
	    --mail-rcpt $BOB -T "$TEMP/wire" \
	    --url "smtp://127.0.0.1:$((BASE + 25))" || return
	curl_pop "pop3://127.0.0.1:$((BASE + 110))/" >"$TEMP/list" || return
	curl_pop "pop3s://127.0.0.1:$((BASE + 995))/$(wc -l <"$TEMP/list")" \
	    >"$TEMP/back" || return
	added=$(diff "$TEMP/wire" "$TEMP/back" | grep '^[<>]')
	echo "$added"
	! grep -Ev '^> (Return-Path|X-Original-To|Delivered-To|Received|'\
'Message-Id|Date): |^> *	(by|for) ' <<<"$added" | grep .
}

use_curl() {
	local mechanism file pop="pop3://127.0.0.1:$((BASE + 110))"
	have curl || return
	for mechanism in PLAIN LOGIN CRAM-MD5; do
		try "curl smtp AUTH $mechanism" sends "curl_sends \
		    smtp://127.0.0.1:$((BASE + 587)) --ssl-reqd \
		    --login-options AUTH=$mechanism"
		try "curl smtps AUTH $mechanism" sends "curl_sends \
		    smtps://127.0.0.1:$((BASE + 465)) \
		    --login-options AUTH=$mechanism"
	done
	for file in tests/mail/{10-picture,nested,report,09-declared-latin1}.eml; do
		try "curl gets back $(basename "$file")" curl_returns "$file"
	done
	try "curl pop3 list" curl_pop "$pop/"
	try "curl pop3 over STLS" curl_pop "$pop/1" --ssl-reqd
	try "curl pop3 UIDL" curl_pop "$pop/" -X UIDL
	try "curl pop3 TOP" curl_pop "$pop/" -X "TOP 1 0"
	for mechanism in PLAIN LOGIN CRAM-MD5; do
		try "curl pop3 AUTH=$mechanism" curl_pop "$pop/1" \
		    --login-options "AUTH=$mechanism"
	done
	try "curl pop3 with a wrong password is refused" exits 67 \
	    curl -sS --user "$BOB:wrong" "$pop/"
}

# --- mutt and s-nail ------------------------------------------------------

# A mutt without a person: KEYS are pressed in it, on a terminal of its own
# where nobody types (a fifo that we hold open).
mutt_in_batch() { # KEYS [arguments]
	local keys=$1
	shift
	[ -p "$TEMP/nobody" ] || mkfifo "$TEMP/nobody"
	cat >"$TEMP/muttrc" <<-RC
	set quit=yes move=no confirmappend=no wait_key=no mark_old=no
	set mailcap_path="" sort=date-received pop_delete=no pop_last=no
	set from=$ALICE realname="Alice" use_from=yes record=""
	set certificate_file=$CA ssl_force_tls=no ssl_starttls=yes
	set smtp_pass=$PASSWORD pop_pass=$PASSWORD pop_user=$BOB
	set header_cache="" tmpdir=$TEMP folder=$TEMP
	push "$keys"
	RC
	HOME=$TEMP TERM=xterm timeout 20 script -qec \
	    "mutt -n -F $TEMP/muttrc $*" /dev/null <>"$TEMP/nobody"
}

mutt_reads() {
	rm -f "$TEMP/read"
	mutt_in_batch "<limit>~s $token<enter><pipe-message>cat >$TEMP/read\
<enter><sync-mailbox><exit><exit>" \
	    -f "$DIR/mail/campus.example/bob" && grep "$token" "$TEMP/read"
}

mutt_sends() { # URL MECHANISM
	rm -f "$TEMP/sent"
	echo "a word from mutt" | HOME=$TEMP mutt -n -F /dev/null \
	    -e "set from=$ALICE smtp_url=$1 smtp_pass=$PASSWORD" \
	    -e "set smtp_authenticators=$2 certificate_file=$CA record=''" \
	    -e "set ssl_starttls=yes ssl_force_tls=yes" \
	    -s "$token" -a "$CA" -- $BOB
}

use_mutt() {
	local mechanism login=alice%40campus.example
	have mutt && have script || return
	for mechanism in plain login cram-md5 scram-sha-256 scram-sha-1; do
		try "mutt smtp AUTH $mechanism" sends "mutt_sends \
		    smtp://$login@localhost:$((BASE + 587)) $mechanism"
	done
	try "mutt smtps" sends \
	    "mutt_sends smtps://$login@localhost:$((BASE + 465)) plain"
	try "mutt reads the Maildir" mutt_reads
}

s_nail() {
	HOME=$TEMP s-nail -:/ -Sv15-compat -Sexpandaddr "$@"
}

s_nail_sends() { # URL MECHANISM
	echo "a word from s-nail" | s_nail -Sfrom=$ALICE -Smta="$1" \
	    -Ssmtp-auth="$2" -Stls-verify=strict -Stls-ca-file="$CA" \
	    -Ssmtp-use-starttls -Ssendwait -s "$token" $BOB
}

# Its /TEXT is "the messages with TEXT in the subject".
s_nail_reads() {
	printf 'type /%s\nquit\n' "$token" | s_nail -R -N \
	    -f "$DIR/mail/campus.example/bob" | grep "^Subject: *$token"
}

s_nail_fetches() {
	printf 'headers\nquit\n' | s_nail -R -N -Spassword=$PASSWORD \
	    -Stls-verify=strict -Stls-ca-file="$CA" -Spop3-use-starttls \
	    -f "pop3://bob%40campus.example@localhost:$((BASE + 110))" |
	    grep alice
}

use_s_nail() {
	local mechanism login="alice%40campus.example:$PASSWORD"
	have s-nail || return
	for mechanism in plain login cram-md5; do
		try "s-nail smtp AUTH $mechanism" sends "s_nail_sends \
		    smtp://$login@localhost:$((BASE + 587)) $mechanism"
	done
	try "s-nail reads the Maildir" s_nail_reads
	try "s-nail fetches by POP3" s_nail_fetches
}

# --- perl -----------------------------------------------------------------

perl_sends() {
	perl - "$BASE" "$CA" "$token" $ALICE $BOB $PASSWORD <<-'PERL'
	use strict;
	use warnings;
	use Net::SMTP;
	my ($base, $ca, $token, $from, $to, $password) = @ARGV;
	my $smtp = Net::SMTP->new("localhost", Port => $base + 587,
	    Timeout => 20) or die "connect: $@";
	$smtp->starttls(SSL_ca_file => $ca) or die "starttls: $@";
	$smtp->auth($from, $password) or die $smtp->message;
	$smtp->mail($from) or die $smtp->message;
	$smtp->to($to) or die $smtp->message;
	$smtp->data("Subject: $token\n\n.\n..\nend\n") or die $smtp->message;
	$smtp->quit or die $smtp->message;
	PERL
}

perl_fetches() {
	perl - "$BASE" "$CA" $BOB $PASSWORD <<-'PERL'
	use strict;
	use warnings;
	use Net::POP3;
	my ($base, $ca, $user, $password) = @ARGV;
	my $pop = Net::POP3->new("localhost", Port => $base + 110,
	    Timeout => 20) or die "connect: $@";
	$pop->starttls(SSL_ca_file => $ca) or die "stls: $@";
	my $count = $pop->login($user, $password);
	die "login: " . $pop->message unless $count;
	my $sizes = $pop->list;
	die "list" unless keys %$sizes == $count;
	for my $n (1 .. $count) {
		my $lines = $pop->get($n) or die "get $n";
		s/\r?\n\z/\r\n/ for @$lines;
		my $size = length join "", @$lines;
		die "message $n has $size octets, not $$sizes{$n}"
		    unless $size == $$sizes{$n};
	}
	$pop->quit or die "quit";
	PERL
}

use_perl() {
	have perl || return
	perl -MNet::SMTP -MIO::Socket::SSL -MAuthen::SASL -e 1 2>/dev/null || {
		skipped=$((skipped + 1))
		echo "skipped  perl has no IO::Socket::SSL or no Authen::SASL"
		return
	}
	try "perl Net::SMTP" sends perl_sends
	try "perl Net::POP3, every size as listed" perl_fetches
}

# --- python ---------------------------------------------------------------

use_python() {
	local test
	for test in $(python3 tests/interop.py names); do
		try "python ${test//_/ }" python3 tests/interop.py "$test" \
		    "$BASE" "$CA"
	done
}

# Messages another program has moved are still the same ones to POP3.
keeps_uidl() {
	local box=$DIR/mail/campus.example/bob name moved=0
	curl_pop "pop3://127.0.0.1:$((BASE + 110))/" -X UIDL |
	    sort >"$TEMP/before" || return
	for name in "$box"/new/*; do
		mv "$name" "$box/cur/$(basename "$name"):2,S"
		moved=$((moved + 1))
	done
	[ $moved -gt 0 ] || return
	curl_pop "pop3://127.0.0.1:$((BASE + 110))/" -X UIDL |
	    sort | cmp - "$TEMP/before"
}

TEMP=$(mktemp -d) || exit 1
trap 'world_end "$TEMP"' EXIT
world_make "$TEMP" classroom
world_set "listen msas" leniency strict
world_set "listen store" protocol lmtp
world_set "listen store" address 127.0.0.1
world_up
cp "$DIR/tls/ca.pem" "$TEMP/ca.pem" && CA=$TEMP/ca.pem
use_swaks
use_curl
use_mutt
use_s_nail
use_perl
use_python
have curl && try "POP3 ids survive a move to cur/" keeps_uidl
echo "$passed passed, $failed failed, $skipped programs skipped"
[ $failed = 0 ]
