# fetchmail.sh - fetchmail fetches by POP3.

# Root's has one lock for all of the machine.
run_fetchmail() {
	FETCHMAILHOME=$TEMP/fetchmail HOME=$TEMP fetchmail --nosyslog \
	    --pidfile "$TEMP/fetchmail/pid" "$@"
}

# All there is into $TEMP/fetched; the options are words of its rcfile.
fetchmail_fetches() { # PORT [options of the server] -- [of the user]
	local port=$1 server=
	shift
	while [ "$1" != -- ]; do
		server="$server $1"
		shift
	done
	shift
	rm -rf "$TEMP/fetchmail"
	mkdir -m 700 "$TEMP/fetchmail"
	rm -f "$TEMP/fetched"
	(umask 077 && cat >"$TEMP/fetchmail/fetchmailrc") <<-RC
	poll localhost service $((BASE + port)) proto pop3 timeout 120 $server
	user "$BOB" password "$PASSWORD"
	sslcertfile "$CA" sslcertck
	mda "cat >>$TEMP/fetched" fetchall $*
	RC
	run_fetchmail -v
}

fetchmail_keeps() {
	post $BOB && fetchmail_fetches "$@" keep &&
	    [ "$(grep -a -c "^Subject: $token" "$TEMP/fetched")" = 1 ] &&
	    [ "$(messages bob)" -gt 0 ]
}

fetchmail_removes() {
	post $BOB && fetchmail_fetches 110 -- nokeep &&
	    grep -a -q "^Subject: $token" "$TEMP/fetched" &&
	    [ "$(messages bob)" = 0 ]
}

# The second time there is nothing new, which is its exit status 1.
fetchmail_knows_ids() {
	post $BOB && fetchmail_fetches 995 uidl -- ssl no fetchall keep || return
	exits 1 run_fetchmail
}

use_fetchmail() {
	have fetchmail || return
	try "fetchmail over STLS" fetchmail_keeps 110 auth password --
	try "fetchmail over TLS" fetchmail_keeps 995 auth password -- ssl
	try "fetchmail finds out what is new" fetchmail_knows_ids
	try "fetchmail chooses a mechanism" fetchmail_keeps 110 --
	if [ "$world" = classroom ]; then
		try "fetchmail CRAM-MD5" fetchmail_keeps 110 auth cram-md5 --
		try "fetchmail in clear" fetchmail_keeps 110 auth password \
		    -- sslproto "''"
	else
		# 3: the login failed
		try "fetchmail in clear is refused" exits 3 \
		    fetchmail_fetches 110 auth password -- sslproto "''"
	fi
	try "fetchmail removes what it has fetched" fetchmail_removes
}
