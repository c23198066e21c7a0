# gsasl.sh - GNU SASL's own client: another hand that wrote the mechanisms.
#
# It says EHLO, logs in and leaves; that it may send then is tried by others.

gsasl_logs_in() { # MECHANISM PASSWORD [options]
	local mechanism=$1 password=$2
	shift 2
	gsasl --smtp --mechanism="$mechanism" --authentication-id=alice \
	    --password="$password" --no-cb "$@" \
	    localhost $((BASE + 587)) </dev/null
}

use_gsasl() {
	local mechanism tls="--starttls --x509-ca-file=$CA"
	have gsasl || return
	for mechanism in $(mechanisms); do
		try "gsasl $mechanism over STARTTLS" \
		    gsasl_logs_in "$mechanism" $PASSWORD $tls
		try "gsasl $mechanism with a wrong password is refused" \
		    refused 535 gsasl_logs_in "$mechanism" wrong $tls
		is_open "$mechanism" || continue
		try "gsasl $mechanism in clear" \
		    gsasl_logs_in "$mechanism" $PASSWORD --no-starttls
	done
}
