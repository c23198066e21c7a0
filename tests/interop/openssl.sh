# openssl.sh - `openssl s_client` as a person uses it: a mail typed by hand.
#
# Without -quiet or -ign_eof it takes lines that begin with R or Q as its own
# commands, so worksheet 13 types lower case; each line waits for its answer.

# type_mail: says the lines of a mail, each when the answer before it is there
# ("-" waits for none), and reads what comes.
type_mail() ( # s_client options
	trap '' PIPE # when s_client is gone already
	local expected line log=$TEMP/s_client status=0
	: >"$log" # of the mail before
	rm -f "$TEMP/keys" && mkfifo "$TEMP/keys"
	openssl s_client -crlf -CAfile "$CA" -verify_return_error \
	    -verify_hostname localhost "$@" <"$TEMP/keys" >"$log" 2>&1 &
	exec 8>"$TEMP/keys"
	while IFS='|' read -r expected line; do
		[ "$expected" = - ] || wait_for "$log" "$expected" || status=1
		[ $status = 0 ] || break
		printf '%s\n' "$line" >&8
	done <<-END
	^250 CHUNKING|ehlo localhost
	^250 CHUNKING.*^250 CHUNKING|mail from:<$ALICE>
	^250 2.1.0 Ok|rcpt to:<$BOB>
	^250 2.1.5 Ok|data
	^354 |Subject: $token
	-|
	-|a word from s_client
	-|..
	-|.
	^250 2.0.0 Ok: queued as|quit
	^221 |
	END
	exec 8>&-
	wait $!
	return $status
)

wait_for() { # FILE PATTERN
	local i
	for i in $(seq 2400); do
		tr '\r\n' ' ~' <"$1" | sed 's/ ~/~/g' |
		    grep -a -q -e "${2//^/\~}" && return
		sleep 0.05
	done
	echo "no $2 in:"
	cat "$1"
	return 1
}

mail_by_s_client() { # s_client options
	type_mail "$@" && [ "$(copies bob "$token")" = 1 ] &&
	    arrived_body | grep -x '\.'
}

# Everything at once, as `openssl s_client <script` says it.
script_by_s_client() { # s_client options
	printf '%s\n' "EHLO localhost" "MAIL FROM:<$ALICE>" "RCPT TO:<$BOB>" \
	    DATA "Subject: $token" '' 'Quick: Q and R begin lines.' . QUIT |
	    openssl s_client -quiet -crlf -CAfile "$CA" "$@" 2>&1 |
	    tee "$TEMP/script" | grep '^221 '
}

resumes_session() {
	local options="-CAfile $CA -connect localhost:$((BASE + 465)) -tls1_2"
	rm -f "$TEMP/session"
	(sleep 1; echo quit; sleep 1) |
	    openssl s_client $options -sess_out "$TEMP/session" >/dev/null 2>&1
	(sleep 1; echo quit; sleep 1) |
	    openssl s_client $options -sess_in "$TEMP/session" 2>&1 |
	    grep -a '^Reused, TLSv1.2'
}

use_openssl() {
	local mta="-starttls smtp -connect localhost:$((BASE + 25))" version
	have openssl || return
	try "s_client, typed by hand" sends_as ESMTPS "mail_by_s_client $mta"
	for version in tls1_2 tls1_3; do
		try "s_client -$version" sends_as ESMTPS \
		    "script_by_s_client $mta -$version"
	done
	for version in tls1 tls1_1; do
		try "s_client -$version is refused" refused "alert protocol version" \
		    openssl s_client $mta -$version -cipher ALL:@SECLEVEL=0
	done
	try "s_client without authentication of the server is refused" \
	    refused "alert handshake failure" openssl s_client $mta -tls1_2 \
	    -cipher aNULL:@SECLEVEL=0
	try "s_client resumes a session by its ticket" resumes_session
}
