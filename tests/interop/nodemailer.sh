# nodemailer.sh - nodemailer, which many a web site sends its mail with.

node_options() { # PORT SECURE [METHOD PASSWORD]
	local auth=
	[ $# = 2 ] || auth=", \"authMethod\": \"$3\",
	    \"auth\": { \"user\": \"$ALICE\", \"pass\": \"$4\" }"
	echo "{ \"port\": $((BASE + $1)), \"secure\": $2,
	    \"tls\": { \"ca\": $(pem_in_json) } $auth }"
}

pem_in_json() {
	printf '"%s"' "$(awk '{ printf "%s\\n", $0 }' "$CA")"
}

node_mail() { # JSON of the mail, PORT SECURE [METHOD PASSWORD]
	local mail=$1
	shift
	node tests/interop/nodemailer.js "$(node_options "$@")" "$mail"
}

node_sends() { # PORT SECURE [METHOD PASSWORD]
	node_mail "{
	    \"from\": \"$ALICE\", \"to\": \"$BOB\", \"subject\": \"$token\",
	    \"text\": \".\\n..\\nend\", \"html\": \"<p>end</p>\",
	    \"dsn\": { \"id\": \"x+y=z\", \"return\": \"headers\",
	    \"notify\": [\"failure\", \"delay\"], \"recipient\": \"$BOB\" },
	    \"attachments\": [{ \"path\": \"$CA\" }] }" "$@"
}

# A sender with letters of its own needs SMTPUTF8.
node_sends_utf8() {
	node_mail "{ \"from\": \"j\u00f6rg@far.example\", \"to\": \"$BOB\",
	    \"subject\": \"$token\", \"text\": \"x\" }" 25 false
}

use_nodemailer() {
	local mechanism
	have node || return
	node tests/interop/nodemailer.js '{}' '{}' >/dev/null 2>&1
	[ $? != 77 ] || {
		skip_client "node-nodemailer is not installed"
		return
	}
	try "nodemailer to port 25 over STARTTLS" sends_as ESMTPS \
	    "node_sends 25 false"
	try "nodemailer, a sender in UTF-8" sends_as UTF8SMTPS node_sends_utf8
	for mechanism in $(mechanisms); do
		case $mechanism in SCRAM-* | DIGEST-*) continue ;; esac
		try "nodemailer $mechanism over STARTTLS" sends_as ESMTPSA \
		    "node_sends 587 false $mechanism $PASSWORD"
		try "nodemailer $mechanism over implicit TLS" sends_as ESMTPSA \
		    "node_sends 465 true $mechanism $PASSWORD"
	done
	try "nodemailer with a wrong password is refused" refused "EAUTH 535" \
	    node_sends 587 false PLAIN wrong
	try "nodemailer without a login is refused" refused "EENVELOPE 530" \
	    node_sends 465 true
}
