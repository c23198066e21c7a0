#!/usr/bin/env bash
# relay_tls.sh - how mail to other hosts is encrypted: TLSA records, right and
# wrong ones, in zones that are signed, are not, or were spoiled afterwards;
# tls = verify with an authority of the test; a STARTTLS that fails.
#
# NSD serves the zones; the other mail servers, all of them with one
# certificate, and what is checked are in relay_tls.py.  Exit 77: no NSD.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
. tests/nameserver.sh
place=$(mktemp -d "${TMPDIR:-/tmp}/postlab-tls-XXXXXX") || exit 1
chmod 755 "$place"
mkdir "$place/ns"
trap 'world_end "$place" nameserver_stop "$place/ns"' EXIT
nameserver_get "$place/ns" || skip "NSD cannot be downloaded"

# The authority, the servers' certificate, and an authority of nobody.
make_authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 30 -subj "/CN=$1" -addext basicConstraints=critical,CA:TRUE \
	    -keyout "$place/$1.key" -out "$place/$1.pem" 2>/dev/null
}
make_authority ca && make_authority other || fail "openssl"
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=mail \
    -keyout "$place/mail.key" -out "$place/mail.csr" 2>/dev/null || fail openssl
echo subjectAltName=DNS:mx.ta.example,DNS:domain.example,DNS:good.lab \
    >"$place/names"
openssl x509 -req -in "$place/mail.csr" -CA "$place/ca.pem" -days 30 \
    -CAkey "$place/ca.key" -CAcreateserial -extfile "$place/names" \
    -out "$place/mail.pem" 2>/dev/null || fail "openssl"
cat "$place/mail.pem" "$place/ca.pem" >"$place/chain.pem"

key_hash() { # FILE ALGORITHM
	openssl x509 -in "$1" -pubkey -noout |
	    openssl pkey -pubin -outform der | "$2" | cut -d' ' -f1
}
whole() { openssl x509 -in "$1" -outform der; }
EE=$(key_hash "$place/mail.pem" sha256sum)
EE512=$(key_hash "$place/mail.pem" sha512sum)
TA=$(whole "$place/ca.pem" | sha256sum | cut -d' ' -f1)
FULL=$(whole "$place/mail.pem" | od -An -v -tx1 | tr -d ' \n')
WRONG=$(key_hash "$place/other.pem" sha256sum)

take_base
port=$BASE
soa='$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 60
@ IN NS ns
ns A 127.0.0.1'
# host NAME LAST-OCTET [TLSA ...]: the domain NAME and its mail server.
host() {
	local name=$1 octet=$2 record
	shift 2
	echo "$name MX 10 mx.$name"
	echo "mx.$name A 127.0.2.$octet"
	for record; do
		echo "_$port._tcp.mx.$name TLSA $record"
	done
}
{
	printf '$ORIGIN example.\n%s\n' "$soa"
	host ee 1 "3 1 1 $EE"
	host ee512 1 "3 1 1 $WRONG" "3 1 2 $EE512"
	host full 1 "3 0 0 $FULL"
	host wrong 1 "3 1 1 $WRONG"
	host ta 1 "2 0 1 $TA"
	host tawrong 1 "2 0 1 $TA"
	host domain 1 "2 0 1 $TA"
	host unusable 1 "1 1 1 $WRONG" "3 1 1 abcd"
	host none 1
	host clear 2 "3 1 1 $EE"
	host two 1 "3 1 1 $WRONG"
	echo "two MX 20 mx.ee"
	echo "alias MX 10 mx.alias"
	echo "mx.alias CNAME mx.ee"
} >"$place/ns/example.zone"
nameserver_sign "$place/ns" example || fail "ldns-signzone"
{
	printf '$ORIGIN spoiled.\n%s\n' "$soa"
	host tlsa 1 "3 1 1 $EE"
} >"$place/ns/spoiled.zone"
nameserver_sign "$place/ns" spoiled || fail "ldns-signzone"
sed -i "s/3 1 1 $EE/3 1 1 $WRONG/I" "$place/ns/spoiled.zone"
{
	printf '$ORIGIN unsigned.\n%s\n' "$soa"
	host wrong 1 "3 1 1 $WRONG"
	host handshake 3
} >"$place/ns/unsigned.zone"
names=
for try in 15453 15454 15455 15456; do
	nameserver_start "$place/ns" $try && names=$try && break
done
[ -n "$names" ] || fail "NSD does not start" "$(cat "$place/ns/nsd.log")"

world_make "$place"
cat "$place/ns/example.ds" "$place/ns/spoiled.ds" >"$DIR/anchors"
cp "$place/ca.pem" "$DIR/ca.pem"
cat >"$DIR/hosts" <<-END
	127.0.2.1 good.lab bad.lab
	127.0.2.3 handshake.lab
END
chmod 644 "$DIR/anchors" "$DIR/ca.pem" "$DIR/hosts"
world_set dns resolver "127.0.0.1@$names"
world_set dns trust_anchor anchors
world_set dns hosts_file hosts
world_set relay port "$port"
world_set relay ca_file ca.pem
world_set relay timeout 15s
for name in good bad handshake; do
	cat <<-END
	[route $name]
	domains = $name.lab
	host = $name.lab
	port = $port
	tls = verify
	END
done >>"$DIR/postlab.conf"
world_up
python3 tests/relay_tls.py "$place" "$BASE" "$port" "$PASSWORD"
