# swaks.sh - swaks on every port, with each mechanism it knows.

swaks_knows() { # MECHANISM
	[[ " PLAIN LOGIN CRAM-MD5 DIGEST-MD5 " = *" $1 "* ]]
}

use_swaks() {
	local server="--server 127.0.0.1" tls mechanism
	local mta="$server --port $((BASE + 25))" msa="$server --port $((BASE + 587))"
	local msas="$server --port $((BASE + 465)) --tls-on-connect"
	local who="--from $ALICE --to $BOB --header Subject:\ \$token"
	local login="--auth-user $ALICE --auth-password $PASSWORD"
	local trust="--tls-verify --tls-ca-path $CA"
	have swaks || return
	try "swaks to port 25" sends_as ESMTP "swaks $mta $who"
	try "swaks by HELO" sends_as SMTP "swaks $mta $who --protocol SMTP"
	try "swaks with PIPELINING, two recipients and an attachment" sends \
	    "swaks $mta --pipeline $who --to $BOB,$ALICE --attach @/etc/passwd"
	try "swaks to port 25 over TLS" sends_as ESMTPS \
	    "swaks $mta $who --tls $trust"
	for mechanism in $(mechanisms); do
		swaks_knows "$mechanism" || continue
		login="--auth $mechanism --auth-user $ALICE --auth-password $PASSWORD"
		if is_open "$mechanism"; then
			try "swaks AUTH $mechanism in clear" \
			    sends_as ESMTPA "swaks $msa $who $login"
		else
			try "swaks AUTH $mechanism in clear is not offered" \
			    exits 28 swaks $msa --from $ALICE --to $BOB $login
		fi
		try "swaks AUTH $mechanism over STARTTLS" sends_as ESMTPSA \
		    "swaks $msa $who --tls $trust $login"
		try "swaks AUTH $mechanism over implicit TLS" \
		    sends_as ESMTPSA "swaks $msas $trust $who $login"
		try "swaks AUTH $mechanism with a wrong password" exits 28 \
		    swaks $msa --from $ALICE --to $BOB --tls --auth "$mechanism" \
		    --auth-user $ALICE --auth-password wrong
	done
	for tls in tlsv1_2 tlsv1_3; do
		try "swaks over $tls" sends \
		    "swaks $mta $who --tls --tls-protocol $tls"
	done
	try "swaks over TLS 1.1 is refused" exits 29 swaks $mta --from $ALICE \
	    --to $BOB --tls --tls-protocol tlsv1_1
	try "swaks without a login is refused" exits 23 swaks $msa \
	    --from $ALICE --to $BOB
	try "swaks to an unknown mailbox is refused" exits 24 swaks $mta \
	    --from $ALICE --to nobody@campus.example
	try "swaks to the outside is refused" exits 24 swaks $mta \
	    --from $ALICE --to who@far.example
	try "swaks speaks LMTP with mda" sends \
	    "swaks --protocol LMTP --socket $DIR/run/lmtp $who"
	try "swaks speaks LMTP over TCP" sends \
	    "swaks --protocol LMTP $server --port $((BASE + 24)) $who"
}
