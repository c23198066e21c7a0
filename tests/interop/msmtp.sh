# msmtp.sh - msmtp, with every method of its own and of GNU SASL.

# msmtp_sends PORT TLS [options]: TLS is off, starttls or implicit.
msmtp_sends() {
	local port=$((BASE + $1)) tls="--tls=on --tls-trust-file=$CA"
	case $2 in
	off) tls=--tls=off ;;
	starttls) tls="$tls --tls-starttls=on" ;;
	implicit) tls="$tls --tls-starttls=off" ;;
	esac
	shift 2
	printf 'From: <%s>\nTo: <%s>\nSubject: %s\n\n.\n..\nend\n' \
	    $ALICE $BOB "$token" |
	    msmtp --file=/dev/null --host=localhost --port=$port $tls \
	    --from=$ALICE --timeout=120 "$@" $BOB &&
	    [ "$(arrived_body | tr '\n' ,)" = ".,..,end," ]
}

# The password comes by a command, as from a password manager.
as_alice() { # METHOD
	echo "--auth=$1 --user=$ALICE --passwordeval='echo $PASSWORD'"
}

use_msmtp() {
	local mechanism login
	have msmtp || return
	try "msmtp to port 25" sends_as ESMTP "msmtp_sends 25 off"
	try "msmtp to port 25 over STARTTLS" sends_as ESMTPS \
	    "msmtp_sends 25 starttls"
	try "msmtp asks for reports" sends_as ESMTP \
	    "msmtp_sends 25 off --dsn-notify=success,delay --dsn-return=headers"
	for mechanism in $(mechanisms); do
		login=$(as_alice "${mechanism,,}")
		if is_open "$mechanism"; then
			try "msmtp AUTH $mechanism in clear" sends_as ESMTPA \
			    "msmtp_sends 587 off $login"
		else
			try "msmtp AUTH $mechanism in clear is not offered" \
			    exits 69 msmtp_sends 587 off --auth="${mechanism,,}" \
			    --user=$ALICE "--passwordeval=echo $PASSWORD"
		fi
		try "msmtp AUTH $mechanism over STARTTLS" sends_as ESMTPSA \
		    "msmtp_sends 587 starttls $login"
		try "msmtp AUTH $mechanism over implicit TLS" sends_as ESMTPSA \
		    "msmtp_sends 465 implicit $login"
	done
	try "msmtp chooses a method by itself" sends_as ESMTPSA \
	    "msmtp_sends 587 starttls $(as_alice on)"
	try "msmtp with a wrong password is refused" exits 77 msmtp_sends 587 \
	    starttls --auth=plain --user=$ALICE "--passwordeval=echo wrong"
	try "msmtp asks what the server can" msmtp --file=/dev/null \
	    --host=localhost --port=$((BASE + 587)) --serverinfo
}
