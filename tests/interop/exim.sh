# exim.sh - Debian's Exim relays to port 25: CHUNKING, PIPELINING, STARTTLS, DSN;
# takes what we relay, with a login, by BDAT; and stores by LMTP.
#
# Its package is unpacked, not installed, for it would take the place of another
# mail server.  The user it was built for is in a /etc/passwd of its own, which
# a mount namespace lays over the real one; so an ordinary user can run it too,
# where user namespaces are allowed.

find_exim() {
	EXIM=$(command -v exim4) && return
	EXIM=$TEMP/exim/root/usr/sbin/exim4
	mkdir -p "$TEMP/exim/deb"
	(cd "$TEMP/exim/deb" && apt-get download exim4-daemon-light \
	    >/dev/null 2>&1 && dpkg -x exim4-daemon-light_*.deb ../root)
}

# One router and one transport: everything goes to our port 25.
configure_exim() {
	cat >"$TEMP/exim/conf" <<-END
	exim_path = $EXIM
	primary_hostname = relay.far.example
	spool_directory = $TEMP/exim/spool
	log_file_path = $TEMP/exim/spool/%slog
	log_selector = +all
	pid_file_path = $TEMP/exim/spool/pid
	daemon_smtp_ports = $((BASE + 27))
	local_interfaces = 127.0.0.1
	tls_advertise_hosts = *
	tls_certificate = $TEMP/exim/tls
	tls_privatekey = $TEMP/exim/tls.key
	dsn_advertise_hosts = *
	smtputf8_advertise_hosts = *
	prdr_enable = no
	deliver_drop_privilege = yes
	acl_smtp_rcpt = rcpt
	acl_smtp_data = accept
	begin acl
	rcpt:
	  deny message = 5.7.1 log in first
	    domains = exim.example
	    !authenticated = *
	  deny message = 5.1.1 no nobody here
	    recipients = nobody@exim.example
	  accept
	accept:
	  accept
	begin routers
	own:
	  driver = accept
	  domains = exim.example
	  transport = box
	lmtp:
	  driver = manualroute
	  senders = *@lists.example
	  route_list = * 127.0.0.1 byname
	  self = send
	  transport = store
	all:
	  driver = manualroute
	  route_list = * 127.0.0.1 byname
	  self = send
	  transport = out
	begin transports
	box:
	  driver = appendfile
	  file = $TEMP/exim/spool/box
	  user = Debian-exim
	store:
	  driver = smtp
	  protocol = lmtp
	  port = $((BASE + 24))
	  hosts_try_chunking = *
	out:
	  driver = smtp
	  port = $((BASE + 25))
	  hosts_try_chunking = *
	  hosts_require_tls = *
	  tls_verify_certificates = $CA
	  tls_verify_hosts = *
	  tls_verify_cert_hostnames =
	  delivery_date_add = no
	  message_linelength_limit = 9000
	begin retry
	* * F,1h,1m
	begin authenticators
	plain:
	  driver = plaintext
	  public_name = PLAIN
	  server_prompts = :
	  server_condition = \${if and{{eq{\$auth2}{campus}}{eq{\$auth3}{$PASSWORD}}}}
	  server_advertise_condition = \${if def:tls_in_cipher}
	  server_set_id = \$auth2
	END
	certificate "$TEMP/exim/tls"
	chmod 644 "$TEMP/exim/tls.key"
	chmod 644 "$TEMP/exim/conf"
	mkdir -p "$TEMP/exim/spool"
	{ cat /etc/passwd; echo "Debian-exim:x:999:999::/:/bin/false"; } \
	    >"$TEMP/exim/passwd"
	{ cat /etc/group; echo "Debian-exim:x:999:"; } >"$TEMP/exim/group"
}

start_exim() {
	local user="--user --map-user=999 --map-group=999 --keep-caps"
	[ "$(id -u)" != 0 ] || {
		user=
		chown -R 999:999 "$TEMP/exim/spool"
	}
	unshare $user --mount bash -c "
	    mount --bind '$TEMP/exim/passwd' /etc/passwd &&
	    mount --bind '$TEMP/exim/group' /etc/group &&
	    exec '$EXIM' -C '$TEMP/exim/conf' -bdf" >"$TEMP/exim/out" 2>&1 &
	EXIM_PID=$!
	comes_true "! kill -0 $EXIM_PID 2>/dev/null || \
	    (exec 3<>/dev/tcp/127.0.0.1/$((BASE + 27))) 2>/dev/null"
	kill -0 $EXIM_PID 2>/dev/null
}

exim_ends() {
	kill "$EXIM_PID"
	wait "$EXIM_PID"
} 2>/dev/null

exim_says() { # PATTERN
	comes_true "grep -a -q -e '$1' $TEMP/exim/spool/mainlog" && return
	tail -n 15 "$TEMP/exim/spool/mainlog"
	return 1
}

exim_gets() { # FROM TO [parameters]; the message by standard input
	python3 tests/interop/relay.py $((BASE + 27)) "$@"
}

exim_sends() { # BODY [parameters]
	local body=$1
	shift
	printf 'From: %s\nTo: %s\nSubject: %s\n\n%s\n' $ALICE $BOB "$token" \
	    "$body" | exim_gets $ALICE $BOB "$@" &&
	    comes_true has_come && [ "$(arrived_body)" = "$body" ]
}

# " => bob@campus.example ... K C="250- 3 byte chunk ...": K tells of CHUNKING.
exim_chunked() {
	exim_says " => $BOB .* X=TLS1.* CV=yes .* K .*C=\"250 2.0.0 Ok: queued as"
}

exim_sends_large() {
	exim_sends "$(seq -f 'line %g of a long message' 200000)"
}

exim_sends_utf8() {
	printf 'From: jörg@bücher.example\nTo: %s\nSubject: %s\n\nGrüße\n' \
	    $BOB "$token" | exim_gets jörg@bücher.example $BOB &&
	    comes_true has_come && arrived_body | grep -x Grüße &&
	    grep '^Return-Path: <jörg@' "$(arrived)"
}

exim_is_refused() {
	printf 'Subject: x\n\nx\n' | exim_gets $ALICE nobody@campus.example &&
	    exim_says '\*\* nobody@campus.example .* 550[ -]5.1.1'
}

# What comes from lists.example goes to mda.
exim_stores() {
	printf 'Subject: %s\n\n..\na word by LMTP\n' "$token" |
	    exim_gets a@lists.example $BOB && comes_true has_come &&
	    [ "$(arrived_body)" = "..
a word by LMTP" ] && exim_says " => $BOB .* K .*C=\"250 2.0.0 <$BOB> Saved"
}

# Its sender is nobody's: the report waits in our queue.
exim_stores_with_receipt() {
	printf 'Subject: %s\n\nx\n' "$token" |
	    exim_gets receipt@lists.example $BOB rcpt:NOTIFY=SUCCESS &&
	    comes_true has_come &&
	    comes_true "grep -a -q 'event=report .*told=receipt@lists.example' \
		'$DIR'/log/*"
}

exim_stores_for_two() {
	printf 'Subject: %s\n\nboth\n' "$token" |
	    exim_gets a@lists.example $BOB,nobody@campus.example &&
	    comes_true has_come &&
	    exim_says '\*\* nobody@campus.example .* 550[ -]5.1.1'
}

# The log has "<= alice@campus.example H=... P=esmtpsa X=TLS1... K S=...".
exim_takes() { # BODY [parameters]
	local body=$1
	shift
	new_token
	alice_relays zoe@exim.example "$body" "$@" &&
	    comes_true "grep -a -q -s '^Subject: $token\$' $TEMP/exim/spool/box" &&
	    grep -a -A 9 "^Subject: $token\$" "$TEMP/exim/spool/box" |
	    grep -a -x -F -e "$body" &&
	    exim_says "<= $ALICE .* P=esmtpsa .*X=TLS1.* A=plain:campus K "
}

exim_refuses() {
	new_token
	alice_relays nobody@exim.example x RET=HDRS ENVID="$token" &&
	    report_says "Diagnostic-Code: smtp; 550 5.1.1 no nobody here" &&
	    grep "Action: failed" "$TEMP/report"
}

# To a box Exim reports by itself, where it is asked as we were.
exim_reports() {
	new_token
	alice_relays zoe@exim.example x RET=HDRS ENVID="$token" \
	    rcpt:NOTIFY=SUCCESS && report_says "Action: delivered" &&
	    grep "Reporting-MTA: dns; relay.far.example" "$TEMP/report"
}

use_exim() {
	mkdir -p "$TEMP/exim"
	find_exim || {
		skip_client "Exim: none, and its package is not to be had"
		return
	}
	configure_exim
	start_exim || {
		skip_client "Exim does not start: $(tail -n 1 "$TEMP/exim/out")"
		return
	}
	stop_commands+=(exim_ends)
	try "Exim relays over TLS" sends_as ESMTPS "exim_sends 'a word from Exim'"
	try "Exim sent chunks" exim_chunked
	try "Exim relays lines with dots" sends "exim_sends ..."
	try "Exim relays a line with one dot" sends "exim_sends ."
	try "Exim relays a large message" sends exim_sends_large
	try "Exim relays 8BITMIME" sends "exim_sends Grüße BODY=8BITMIME"
	try "Exim passes on what was asked of reports" sends "exim_sends x \
	    RET=HDRS ENVID=a+2Bb rcpt:NOTIFY=SUCCESS,DELAY"
	try "Exim relays SMTPUTF8" sends_as UTF8SMTPS exim_sends_utf8
	try "Exim bounces what we refuse" exim_is_refused
	try "Exim takes a message, with a login and in a chunk" \
	    exim_takes "a word for Exim"
	try "Exim takes a line with one dot" exim_takes .
	try "Exim takes 8BITMIME" exim_takes Grüße BODY=8BITMIME
	try "Exim refuses, and we report it" exim_refuses
	try "Exim reports what it was asked to" exim_reports
	try "Exim stores by LMTP, in chunks" sends exim_stores
	try "Exim leaves the report of success to mda" sends \
	    exim_stores_with_receipt
	try "Exim hears of each recipient by LMTP" sends exim_stores_for_two
}
