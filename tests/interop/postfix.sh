# postfix.sh - Debian's Postfix relays to port 25: STARTTLS, 8BITMIME, DSN,
# SMTPUTF8, PIPELINING; takes what we relay, by BDAT; and stores by LMTP.
#
# A private instance (tests/bench/postfix.sh), whose master must be root.  Its
# own log tells what it saw of us.

# The log line of the delivery: "status=sent (250 2.0.0 Ok: queued as ID)".
postfix_says() { # PATTERN
	comes_true "grep -a -q -e '$1' $TEMP/postfix/postfix.log" && return
	echo "its log has no $1"
	tail -n 15 "$TEMP/postfix/postfix.log"
	return 1
}

postfix_gets() { # FROM TO [parameters]; the message by standard input
	python3 tests/interop/relay.py $((BASE + 26)) "$@"
}

postfix_sends() { # BODY [parameters]
	local body=$1
	shift
	printf 'From: %s\nTo: %s\nSubject: %s\n\n%s\n' $ALICE $BOB "$token" \
	    "$body" | postfix_gets $ALICE $BOB "$@" &&
	    comes_true has_come && arrived_body | grep -a -x -F -e "$body"
}

# A report of success is ours to send, not Postfix's, when we have DSN.
postfix_sends_dsn() {
	postfix_sends "a report, please" RET=HDRS ENVID=a+2Bb+3Dc \
	    rcpt:NOTIFY=SUCCESS,DELAY "rcpt:ORCPT=rfc822;Bob+2Bx@far.example" &&
	    postfix_says "status=sent (250 2.0.0 Ok: queued as" &&
	    ! grep -a "sender delivery status" "$TEMP/postfix/postfix.log"
}

postfix_sends_utf8() {
	printf 'From: jörg@bücher.example\nTo: %s\nSubject: %s\n\nGrüße\n' \
	    $BOB "$token" | postfix_gets jörg@bücher.example $BOB BODY=8BITMIME &&
	    comes_true has_come && arrived_body | grep -x Grüße &&
	    grep '^Return-Path: <jörg@' "$(arrived)"
}

# Refused by us, so Postfix must bounce it, with our words.
postfix_is_refused() {
	printf 'Subject: x\n\nx\n' | postfix_gets $ALICE nobody@campus.example &&
	    postfix_says "status=bounced (host .* said: 550[ -]5.1.1 "
}

# Thirty at once, over as many connections as it likes.
postfix_sends_many() {
	local i before
	before=$(messages bob)
	for i in $(seq 30); do
		printf 'Subject: many %s\n\n%s\n' "$i" "$i" |
		    postfix_gets $ALICE $BOB || return
	done
	comes_true "[ \$((\$(messages bob) - $before)) -ge 30 ]"
	echo "$(($(messages bob) - before)) of 30 came"
	[ $(($(messages bob) - before)) = 30 ]
}

postfix_ends() {
	tests/bench/postfix.sh stop "$TEMP/postfix"
}

postfix_reloads() {
	local log=$TEMP/postfix/postfix.log before
	before=$(grep -a -c ': reload ' "$log")
	kill -HUP "$(cat "$TEMP/postfix.pid")"
	comes_true "[ \$(grep -a -c ': reload ' $log) -gt $before ]"
	sleep 1
}

# Everything it gets goes to our port 25, over TLS that is verified.
configure_postfix() {
	local file=$TEMP/postfix/etc/main.cf
	sed -i -E '/^(virtual_mailbox_domains|myhostname) =/d' "$file"
	cat >>"$file" <<-END
	relayhost = [127.0.0.1]:$((BASE + 25))
	myhostname = relay.far.example
	smtp_tls_security_level = verify
	smtp_tls_CAfile = $CA
	smtp_tls_verify_cert_match = mail.campus.example
	smtp_tls_loglevel = 1
	smtpd_tls_security_level = may
	smtpd_tls_cert_file = $DIR/tls/server-ecdsa.pem
	smtpd_tls_key_file = $DIR/tls/server-ecdsa.key
	smtp_destination_concurrency_limit = 5
	smtputf8_autodetect_classes = all
	virtual_mailbox_domains = postfix.example
	smtpd_tls_received_header = yes
	END
	# A logger that is stopped while it starts is not tried again so soon.
	comes_true "[ -s $TEMP/postfix/postfix.log ]"
	echo "zoe@postfix.example zoe/" >>"$TEMP/postfix/etc/users"
	postfix_reloads
}

# What Postfix has in zoe's mailbox of $token.
postfix_has() { # PATTERN
	comes_true "grep -a -q -s '^Subject: $token\$' \
	    $TEMP/postfix/mail/zoe/new/*" || return
	tr -s '\n\t ' ' ' <"$(grep -a -l "^Subject: $token\$" \
	    "$TEMP"/postfix/mail/zoe/new/*)" | tee "$TEMP/got"
	grep -a -q -e "$1" "$TEMP/got"
}

postfix_takes() { # BODY PATTERN [parameters]
	local body=$1 pattern=$2
	shift 2
	new_token
	alice_relays zoe@postfix.example "$body" "$@" && postfix_has "$pattern"
}

# Delivered, says Postfix: it is asked for a report as we were.
postfix_reports() {
	new_token
	alice_relays zoe@postfix.example "a report, please" RET=HDRS \
	    ENVID="$token" rcpt:NOTIFY=SUCCESS \
	    "rcpt:ORCPT=rfc822;zoe@postfix.example" &&
	    report_says "Reporting-MTA: dns; relay.far.example" &&
	    grep "Action: delivered" "$TEMP/report"
}

postfix_refuses() {
	new_token
	alice_relays nobody@postfix.example x RET=HDRS ENVID="$token" &&
	    report_says "Reporting-MTA: dns; mail.campus.example" &&
	    grep "Diagnostic-Code: smtp; 550 5.1.1 " "$TEMP/report"
}

# From now on it hands everything to mda: as a site would that keeps its Postfix.
postfix_by_lmtp() {
	sed -i '/^relayhost =/d' "$TEMP/postfix/etc/main.cf"
	echo "default_transport = lmtp:inet:127.0.0.1:$((BASE + 24))" \
	    >>"$TEMP/postfix/etc/main.cf"
	postfix_reloads
	# Who is still busy with the old settings goes on with them.
	pkill -P "$(cat "$TEMP/postfix.pid")" -x "qmgr|trivial-rewrite|smtp"
	sleep 1
}

# Two recipients in one message, each with an answer of its own.
postfix_stores_for_two() {
	printf 'Subject: %s\n\nboth\n' "$token" |
	    postfix_gets $ALICE $BOB,nobody@campus.example &&
	    postfix_says "to=<$BOB>.* status=sent (250 2.0.0 <$BOB> Saved)" &&
	    postfix_says "status=bounced (host .* said: 550 5.1.1 <nobody@" &&
	    comes_true has_come
}

# mda announced DSN, so the report is its own: one, and none of Postfix's.
postfix_stores_with_receipt() {
	: >"$TEMP/postfix/postfix.log"
	postfix_sends "a receipt, please" RET=HDRS ENVID="$token" \
	    rcpt:NOTIFY=SUCCESS "rcpt:ORCPT=rfc822;Bob+2Bx@far.example" &&
	    report_says "Reporting-MTA: dns; mail.campus.example" &&
	    grep "Action: delivered" "$TEMP/report" &&
	    grep "Original-Recipient: rfc822;Bob+x@far.example" "$TEMP/report" &&
	    grep "Final-Recipient: rfc822;$BOB" "$TEMP/report" &&
	    grep "^Subject: $token" "$TEMP/report" &&
	    ! grep "a receipt, please" "$TEMP/report" || return
	postfix_says "status=sent (250 2.0.0 <$BOB> Saved" &&
	    ! grep -a "sender delivery status" "$TEMP/postfix/postfix.log" &&
	    [ "$(grep -c "Original-Envelope-Id: $token" "$TEMP/report")" = 1 ]
}

# What is full is tried again, not returned.
postfix_waits_for_room() {
	# Less than what he has by now, and more than the message.
	postlab user quota bob 5000 >/dev/null
	printf 'Subject: %s\n\nfull\n' "$token" |
	    postfix_gets $ALICE $BOB
	postfix_says "to=<$BOB>.* status=deferred (host .* said: 452 4.2.2 <$BOB>"
	local status=$?
	postlab user quota bob 0 >/dev/null
	return $status
}

# Our mua hands a letter to Postfix: STARTTLS that is verified, DSN, SMTPUTF8,
# lines with dots, an attachment; and hears what Postfix refuses.
mua_by_postfix() { # ARGUMENTS of mua send
	mkdir -p "$TEMP/mua/.config/postlab"
	cat >"$TEMP/mua/.config/postlab/mua.conf" <<-END
	[account postfix]
	address = $ALICE
	smtp_host = localhost
	smtp_port = $((BASE + 26))
	smtp_tls = starttls
	smtp_auth = NONE
	ca_file = $CA
	END
	chmod 600 "$TEMP/mua/.config/postlab/mua.conf"
	printf '.\n..\nGr\303\274\303\237e\n' |
	    HOME=$TEMP/mua "$BIN/mua" send --wire "$@"
}

mua_sends_by_postfix() {
	mua_by_postfix --report -s "$token" -a tests/mua-mail/2-photo.eml \
	    "Bob <$BOB>" >"$TEMP/wire" || { cat "$TEMP/wire"; return 1; }
	grep 'STARTTLS' "$TEMP/wire" && grep 'NOTIFY=SUCCESS' "$TEMP/wire" &&
	    comes_true has_come && python3 - "$(arrived)" <<-'PYTHON'
	import email, email.policy, sys
	message = email.message_from_binary_file(
	    open(sys.argv[1], 'rb'), policy=email.policy.default)
	text, attached = message.iter_parts()
	assert text.get_content() == '.\n..\nGr\u00fc\u00dfe\n', text
	assert attached.get_content_type() == 'message/rfc822'
	PYTHON
}

mua_sends_utf8_by_postfix() {
	mua_by_postfix -s "$token" -c 'Jörg <jörg@bücher.example>' $BOB &&
	    comes_true has_come
}

use_postfix() {
	[ "$(id -u)" = 0 ] || {
		skip_client "Postfix: its master must be root"
		return
	}
	mkdir -p "$TEMP/postfix"
	stop_commands+=(postfix_ends)
	tests/bench/postfix.sh start "$TEMP/postfix" $((BASE + 26)) 0 \
	    >"$TEMP/postfix.pid" 2>"$TEMP/why"
	case $? in
	0) ;;
	77)
		skip_client "Postfix: $(tail -n 1 "$TEMP/why")"
		return
		;;
	*)
		try "Postfix starts" eval "cat $TEMP/why; false"
		return
		;;
	esac
	configure_postfix
	try "Postfix relays over verified TLS" sends_as ESMTPS \
	    "postfix_sends 'a word from Postfix'"
	try "Postfix was content with the TLS" postfix_says \
	    "Verified TLS connection established to .*TLSv1.3"
	try "Postfix relays lines with dots" sends "postfix_sends .."
	try "Postfix relays 8BITMIME" sends_as ESMTPS \
	    "postfix_sends Grüße BODY=8BITMIME"
	try "Postfix passes on what was asked of reports" sends_as ESMTPS \
	    postfix_sends_dsn
	try "Postfix relays SMTPUTF8" sends_as UTF8SMTPS postfix_sends_utf8
	try "Postfix bounces what we refuse" postfix_is_refused
	try "Postfix relays thirty messages" postfix_sends_many
	try "Postfix takes what the mua sends" sends mua_sends_by_postfix
	try "Postfix takes SMTPUTF8 from the mua" sends \
	    mua_sends_utf8_by_postfix
	try "Postfix takes a message, over TLS" postfix_takes "a word for it" \
	    "using TLSv1.* by relay.far.example (Postfix) with ESMTPS id.*a word for"
	try "Postfix takes lines with dots" postfix_takes ".." " \.\. \$"
	try "Postfix takes 8BITMIME" postfix_takes Grüße Grüße BODY=8BITMIME
	try "Postfix reports what it was asked to" postfix_reports
	try "Postfix refuses, and we report it" postfix_refuses
	postfix_by_lmtp
	try "Postfix stores by LMTP" sends \
	    "postfix_sends 'a word by LMTP'"
	try "Postfix stores lines with dots by LMTP" sends "postfix_sends .."
	try "Postfix hears of each recipient by LMTP" sends \
	    postfix_stores_for_two
	try "Postfix leaves the report of success to mda" sends \
	    postfix_stores_with_receipt
	try "Postfix hears of a full mailbox" postfix_waits_for_room
}
