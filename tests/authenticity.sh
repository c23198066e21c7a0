#!/usr/bin/env bash
# authenticity.sh - is mail signed, and is it what it says it is?  A Postlab
# with addresses of its own in a network namespace, a real name server (NSD),
# and as the other side Perl's Mail::DKIM and dkimpy.  What is checked is in
# authenticity.py.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
. tests/nameserver.sh

if [ -z "${PLACE:-}" ]; then
	# Outside of the namespace: what needs the network of the machine.
	PLACE=$(mktemp -d "${TMPDIR:-/tmp}/authenticity.XXXXXX") || exit 1
	trap 'rm -rf "$PLACE"' EXIT
	chmod 755 "$PLACE"
	nameserver_get "$PLACE" || skip "NSD cannot be downloaded"
	[ "$(id -u)" = 0 ] && enter="unshare -nm" || enter="unshare -rnm"
	$enter true 2>/dev/null || skip "no namespaces to be had"
	PLACE=$PLACE $enter "$0"
	exit
fi

NS_ROOT=$PLACE/nsd
trap 'world_end "$PLACE/world" nameserver_stop "$PLACE"' EXIT
ip link set lo up
# opendkim-testmsg asks whom resolv.conf names, on port 53.
echo nameserver 127.0.0.1 >"$PLACE/resolv.conf"
mount --bind "$PLACE/resolv.conf" "$(readlink -f /etc/resolv.conf)" || {
	echo "no mounts here: opendkim-testmsg is not asked"
	export NO_RESOLVER=yes
}
for ip in 1 10 66; do ip addr add "192.0.2.$ip/32" dev lo; done
ip -6 addr add 2001:db8::10/128 dev lo nodad
ip -6 addr add 2001:db8::1/128 dev lo nodad
mkdir "$PLACE/world"
chmod 755 "$PLACE/world"
world_make "$PLACE/world"
world_set server hostname mail.campus.example
world_set "listen mta" address "192.0.2.1 2001:db8::1"
world_set "listen mta" port 25
world_set "listen msa" sender_policy free
world_set "listen strict" protocol mta
world_set "listen strict" address 192.0.2.1
world_set "listen strict" port 26
world_set "listen strict" authenticity enforce
world_set smtpd authenticity_timeout 10s
world_set dns resolver 127.0.0.1@5353
world_set "route out" domains far.example
world_set "route out" host 127.0.0.1
world_set "route out" port 9025
world_set "route out" tls off
for options in "" "--algorithm ed25519"; do
	# shellcheck disable=SC2086
	postlab dkim add campus.example $options >>"$PLACE/campus.keys" ||
	    fail "dkim add failed"
done
openssl genrsa -out "$PLACE/other.pem" 2048 2>/dev/null
openssl rsa -in "$PLACE/other.pem" -pubout -outform DER 2>/dev/null |
    base64 -w 0 >"$PLACE/other.pub"

zone() {
	{
		printf '%s\n' "\$ORIGIN $2" "\$TTL 300" \
		    "@ IN SOA ns.test. hostmaster.test. 1 3600 600 86400 60" \
		    "@ IN NS ns.test."
		cat
	} >"$PLACE/$1.zone"
}
zone root . <<-END
	ns.test. A 127.0.0.1
END
# What postlab says belongs there is there.
postlab dns campus.example --address 192.0.2.1 | zone campus campus.example.
{
	half=$(cut -c -200 "$PLACE/other.pub") rest=$(cut -c 201- "$PLACE/other.pub")
	cat <<-END
	campus           NS ns.test.
	other            TXT "v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all"
	_dmarc.other     TXT "v=DMARC1; p=reject; sp=quarantine"
	sel._domainkey.other TXT "v=DKIM1; k=rsa; p=$half" "$rest"
	old._domainkey.other TXT "v=DKIM1; p="
	soft             TXT "v=spf1 ip4:192.0.2.10 ~all"
	neutral          TXT "v=spf1 ?all"
	mx               TXT "v=spf1 mx a:a.mx.example -all"
	mx               MX 10 b.mx
	a.mx             A 192.0.2.10
	b.mx             A 192.0.2.66
	far              TXT "v=spf1 include:other.example -all"
	loop             TXT "v=spf1 include:loop.example -all"
	odd              TXT "v=spf1 nonsense:x -all"
	two              TXT "v=spf1 -all"
	two              TXT "v=spf1 +all"
	plain            TXT "nothing of interest"
	silent           NS ns.silent
	ns.silent        A 127.0.0.1
	END
} | zone example example.
# One that is not private, for postlab dns --check; nobody outside is asked.
world_check() {
	DIR=$PLACE/world/check postlab "$@"
}
world_check init --domain postlab-check.org --port-base 0 >/dev/null ||
    fail "init failed"
world_check dkim add postlab-check.org >/dev/null || fail "dkim add failed"
DIR=$PLACE/world/check world_set dns resolver 127.0.0.1@5353
DIR=$PLACE/world/check world_set dns timeout 10s
world_check dns postlab-check.org --address 203.0.114.5 >"$PLACE/check.records"
{
	cat "$PLACE/check.records"
	echo "postlab-check.org. TXT \"something else\""
} | grep -v arpa | zone postlab-check.org postlab-check.org.
{
	grep -v -e arpa -e DMARC -e TLSA "$PLACE/check.records" |
	    sed -e 's/v=spf1 mx -all/v=spf1 include:x.org -all/' \
		-e '/_domainkey/s/p=..../p=AAAA/' -e '/_pop3s/d' \
		-e 's/203\.0\.114\.5/203.0.114.6/'
	echo "mail.postlab-check.org. TXT \"v=spf1 +all\""
} | zone wrong postlab-check.org. && mv "$PLACE/wrong.zone" "$PLACE/wrong"
grep arpa "$PLACE/check.records" | zone in-addr.arpa 114.0.203.in-addr.arpa.
mv "$PLACE/in-addr.arpa.zone" "$PLACE/114.0.203.in-addr.arpa.zone"
mv "$PLACE/campus.zone" "$PLACE/campus.example.zone"
nameserver_start "$PLACE" 5353 127.0.0.1@53 || fail "NSD does not start" "$(cat "$PLACE/nsd.log")"
# status TYPE NAME: what the check said of that record.
status() {
	awk -F '\t' -v type="$1" -v name="$2" \
	    '$2 == type && $3 == name { print $1; exit }' "$PLACE/said"
}
# expect STATUS TYPE NAME ...
expect() {
	while [ $# -gt 0 ]; do
		[ "$(status "$2" "$3")" = "$1" ] ||
		    fail "$2 of $3 is not $1:" "$(cat "$PLACE/said")"
		shift 3
	done
}
at=postlab-check.org
world_check dns --check $at --address 203.0.114.5 >"$PLACE/said" ||
    fail "the check of a good domain" "$(cat "$PLACE/said")"
grep -qv ^ok "$PLACE/said" && fail "not all is ok" "$(cat "$PLACE/said")"
world_check dns --check $at | cmp -s - "$PLACE/said" ||
    fail "without --address the address is that of DNS"
postlab dns --check campus.example >"$PLACE/said" ||
    fail "the check of a private domain" "$(cat "$PLACE/said")"
nameserver_stop "$PLACE"
sleep 0.3
DIR=$PLACE/world/check world_set dns timeout 1s
world_check dns --check $at >"$PLACE/said" && fail "no answers, and no fault"
expect not-answered MX $at not-answered TXT _dmarc.$at
postlab dns --check campus.example >"$PLACE/said" ||
    fail "a private domain needs no name server" "$(cat "$PLACE/said")"
mv "$PLACE/$at.zone" "$PLACE/good"
mv "$PLACE/wrong" "$PLACE/$at.zone"
rm "$PLACE/114.0.203.in-addr.arpa.zone"
nameserver_start "$PLACE" 5353 127.0.0.1@53 || fail "NSD does not start again"
world_check dns --check $at --address 203.0.114.5 >"$PLACE/said" &&
    fail "wrong records, and no fault"
expect differs A mail.$at ok MX $at ok TXT $at differs TXT mail.$at \
    absent TXT _dmarc.$at absent PTR 5.114.0.203.in-addr.arpa \
    optional SRV _pop3s._tcp.$at ok SRV _pop3._tcp.$at \
    optional TLSA _25._tcp.mail.$at
key=$(date -u +%Y%m)._domainkey.$at
expect differs TXT "$key"
rm "$PLACE/$at.zone"
world_up
PLACE=$PLACE DIR=$DIR BASE=$BASE POSTLAB=$BIN/postlab PASSWORD=$PASSWORD \
    /usr/bin/python3 tests/authenticity.py || fail "authenticity.py failed" \
    "$(grep -E 'judge|sign|authenticity' "$DIR/log/postlab.log" | tail -n 20)"
