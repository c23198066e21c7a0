# curl.sh - curl sends by SMTP and fetches by POP3.

curl_sends() { # URL [options]
	printf 'From: <%s>\r\nSubject: %s\r\n\r\nhi\r\n.\r\n..\r\nend\r\n' \
	    $ALICE "$token" >"$TEMP/message"
	curl -sS --max-time 120 --cacert "$CA" --mail-from $ALICE \
	    --mail-rcpt $BOB -T "$TEMP/message" --url "$@" &&
	    [ "$(arrived_body | tr '\n' ,)" = "hi,.,..,end," ]
}

curl_pop() { # URL [options]
	curl -sS --max-time 120 --cacert "$CA" --user "$BOB:$PASSWORD" \
	    --ssl-reqd --url "$@"
}

# What comes back is what was sent, with fields added in its header.
curl_returns() { # FILE
	local added
	sed 's/\r*$/\r/' "$1" >"$TEMP/wire"
	curl -sS --max-time 120 --cacert "$CA" --mail-from $ALICE \
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

# Debian 12's is built without GNU SASL, and knows no SCRAM then.
curl_knows() { # MECHANISM
	[[ $1 != SCRAM-* ]] || curl --version | grep -q -w gsasl
}

has_ipv6() {
	grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null
}

use_curl() {
	local mechanism login file pop="pop3://127.0.0.1:$((BASE + 110))"
	local msa="smtp://127.0.0.1:$((BASE + 587))"
	have curl || return
	try "curl smtp to port 25" sends_as ESMTP \
	    "curl_sends smtp://127.0.0.1:$((BASE + 25))/client.example"
	has_ipv6 && try "curl smtp over IPv6" sends_as ESMTP \
	    "curl_sends 'smtp://[::1]:$((BASE + 25))/client.example'"
	for mechanism in $(mechanisms); do
		curl_knows "$mechanism" || continue
		login="--user $ALICE:$PASSWORD --login-options AUTH=$mechanism"
		try "curl smtp AUTH $mechanism" sends_as ESMTPSA \
		    "curl_sends $msa/client.example --ssl-reqd $login"
		try "curl smtps AUTH $mechanism" sends_as ESMTPSA "curl_sends \
		    smtps://127.0.0.1:$((BASE + 465))/client.example $login"
	done
	try "curl smtp asks whether somebody is there" curl -sS --max-time 120 \
	    --mail-rcpt bob "smtp://127.0.0.1:$((BASE + 25))/client.example"
	for file in tests/mail/{10-picture,nested,report,09-declared-latin1}.eml; do
		try "curl gets back $(basename "$file")" curl_returns "$file"
	done
	try "curl pop3 list" curl_pop "$pop/"
	try "curl pop3 over STLS" curl_pop "$pop/1" --ssl-reqd
	try "curl pop3 UIDL" curl_pop "$pop/" -X UIDL
	try "curl pop3 TOP" curl_pop "$pop/" -X "TOP 1 0"
	for mechanism in $(mechanisms); do
		curl_knows "$mechanism" || continue
		try "curl pop3 AUTH=$mechanism" curl_pop "$pop/1" \
		    --login-options "AUTH=$mechanism"
	done
	try "curl pop3 with a wrong password is refused" exits 67 \
	    curl -sS --cacert "$CA" --ssl-reqd --user "$BOB:wrong" "$pop/"
	try "POP3 ids survive a move to cur/" keeps_uidl
}
