# getmail.sh - getmail6 fetches by POP3.

# A second for each message: getmail waits in vain, until its timeout, for a
# command that ended before it began to wait (_wait_for_child() of 6.18.11).
getmail_fetches() { # TYPE PORT DELETE [line for the retriever ...]
	local type=$1 port=$2 delete=$3
	shift 3
	rm -rf "$TEMP/getmail"
	mkdir -m 700 "$TEMP/getmail"
	rm -f "$TEMP/got"
	cat >"$TEMP/getmail/rc" <<-RC
	[retriever]
	type = $type
	server = localhost
	port = $((BASE + port))
	username = $BOB
	password = $PASSWORD
	timeout = 120
	$(printf '%s\n' "$@")
	[destination]
	type = MDA_external
	path = /bin/sh
	arguments = ("-c", "cat >>$TEMP/got; sleep 1")
	allow_root_commands = true
	[options]
	delete = $delete
	delivered_to = false
	received = false
	RC
	getmail --getmaildir="$TEMP/getmail" --rcfile="$TEMP/getmail/rc"
}

getmail_keeps() {
	post $BOB && getmail_fetches "$@" &&
	    [ "$(grep -a -c "^Subject: $token" "$TEMP/got")" = 1 ] &&
	    [ "$(messages bob)" -gt 0 ]
}

# The second time it has seen all of them, by their ids.
getmail_knows_ids() {
	getmail_keeps SimplePOP3SSLRetriever 995 false "ca_certs = $CA" &&
	    rm -f "$TEMP/got" && post $BOB &&
	    getmail --getmaildir="$TEMP/getmail" --rcfile="$TEMP/getmail/rc" \
		--new &&
	    [ "$(grep -a -c '^Subject: ' "$TEMP/got")" = 1 ] &&
	    grep -a -q "^Subject: $token" "$TEMP/got"
}

getmail_removes() {
	post $BOB && getmail_fetches SimplePOP3SSLRetriever 995 true \
	    "ca_certs = $CA" &&
	    grep -a -q "^Subject: $token" "$TEMP/got" &&
	    [ "$(messages bob)" = 0 ]
}

use_getmail() {
	have getmail || return
	try "getmail over TLS" getmail_keeps SimplePOP3SSLRetriever 995 false \
	    "ca_certs = $CA"
	try "getmail finds out what is new" getmail_knows_ids
	if [ "$world" = classroom ]; then
		try "getmail in clear" getmail_keeps SimplePOP3Retriever 110 \
		    false
	else
		try "getmail in clear is refused" refused 'TLS' \
		    getmail_fetches SimplePOP3Retriever 110 false
	fi
	try "getmail removes what it has fetched" getmail_removes
}
