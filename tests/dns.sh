#!/usr/bin/env bash
# dns.sh - common/dns before a real name server with real zone files: NSD,
# zones signed by ldns-signzone, one of them spoiled after it was signed.
#
# What is asked is in check_dns_real.c.  Exit 77: no NSD to be had.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/nameserver.sh
BIN=${BIN:-$PWD/build/bin}

TEMP=$(mktemp -d "${TMPDIR:-/tmp}/postlab-dns-XXXXXX") || exit 1
trap 'nameserver_stop "$TEMP"; sleep 0.2; rm -rf "$TEMP"' EXIT
nameserver_get "$TEMP" || { echo "NSD cannot be downloaded"; exit 77; }

head='$TTL 300
@ IN SOA ns.test. hostmaster.test. 1 3600 600 86400 60
@ IN NS ns.test.
'
zone() {
	{ echo "\$ORIGIN $2"; echo "$head"; cat; } >"$TEMP/$1.zone"
}
# The root, so that what is in no zone does not exist.
zone root . <<-'END'
	ns.test. A 127.0.0.1
	example. NS ns.test.
END
zone example example. <<-'END'
	campus   MX 10 mail1.campus
	campus   MX 20 mail2.campus
	campus   A  192.0.2.9
	mail1.campus A 192.0.2.1
	mail1.campus AAAA 2001:db8::1
	mail2.campus A 192.0.2.2
	none     MX 0 .
	alias    CNAME campus
	text     TXT "no more"
	*.wild   MX 10 mail1.campus
	lame     NS ns.lame
	ns.lame  A 127.0.0.1
END
{
	for i in $(seq 200); do echo "@ MX $i exchanger-number-$i.big.example."; done
} | zone big.example big.example.
for name in signed spoiled; do
	zone $name.example $name.example. <<-'END'
		@        MX 10 mail
		mail     A 192.0.2.3
		alias    CNAME mail
		abroad   CNAME campus.example.
		_25._tcp.mail TLSA 3 1 1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
	END
	nameserver_sign "$TEMP" $name.example || exit 1
done
# One byte of a signed record.
sed -i 's/192\.0\.2\.3/192.0.2.4/' "$TEMP/spoiled.example.zone"
cat "$TEMP/signed.example.ds" "$TEMP/spoiled.example.ds" >"$TEMP/anchors"

for port in 15353 15354 15355 15356; do
	nameserver_start "$TEMP" $port && started=$port && break
done
[ -n "${started:-}" ] || { cat "$TEMP/nsd.log"; exit 1; }
POSTLAB_TEST_DNS=127.0.0.1@$started POSTLAB_TEST_ANCHORS=$TEMP/anchors \
    tests/unit.sh dns_real
