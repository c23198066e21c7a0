#!/usr/bin/env bash
# hops.sh - mail from host to host by the MX records of a real name server: three
# hops, a backup MX, patience with time_scale, a mass mailing, and what kill -9
# costs.  What is checked is in hops.py.
#
# Each host is a Postlab on a loopback address of its own, all with one port, as
# MX records have none.  Exit 77: no NSD to be had.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
. tests/nameserver.sh
place=$(mktemp -d "${TMPDIR:-/tmp}/hops.XXXXXX")
chmod 755 "$place"
trap 'end' EXIT

end() {
	local status=$? dir
		nameserver_stop "$place/dns"
	for dir in desk hub far spare; do
		DIR=$place/$dir
		[ -e "$DIR/postlab.conf" ] || continue
		postlab down >/dev/null 2>&1
		[ $status = 0 ] || [ $status = 77 ] ||
		    tail -n 8 "$DIR"/log/postlab.log >&2
	done
	sleep 0.2
	rm -rf "$place"
	exit $status
}

mkdir "$place/dns"
nameserver_get "$place/dns" || skip "NSD cannot be downloaded"
take_base
port=$BASE
smtp=$((port + 25))

cat >"$place/dns/example.zone" <<-END
	\$ORIGIN example.
	\$TTL 5
	@ IN SOA ns.example. hostmaster.example. 1 3600 600 86400 1
	@ IN NS ns
	ns         A 127.0.0.1
	desk       MX 10 mail.desk
	mail.desk  A 127.0.3.1
	hub        MX 10 mail.hub
	mail.hub   A 127.0.3.2
	far        MX 10 mail.far
	far        MX 20 mail.spare
	mail.far   A 127.0.3.3
	mail.spare A 127.0.3.4
	never      MX 10 mail.never
	mail.never A 127.0.3.9
	sink       MX 10 mail.sink
	mail.sink  A 127.0.3.8
END
cat >"$place/dns/root.zone" <<-END
	\$ORIGIN .
	\$TTL 5
	@ IN SOA ns.example. hostmaster.example. 1 3600 600 86400 1
	@ IN NS ns.example.
	ns.example. A 127.0.0.1
	example. NS ns.example.
END
nameserver_start "$place/dns" $((port + 53)) || fail "NSD does not start"

# house NAME ADDRESS USER...: NAME.example, with one listener for all.
house() {
	local name=$1 address=$2 user
	shift 2
	DIR=$place/$name
	postlab init --domain "$name.example" --port-base "$port" \
	    >"$place/init.out" || fail "init failed"
	for user; do
		echo "$PASSWORD" | postlab user add "$user@$name.example" \
		    --password-stdin >/dev/null 2>&1 || fail "user add failed"
	done
	sed -i '/^\[listen /,$d' "$DIR/postlab.conf"
	cat >>"$DIR/postlab.conf" <<-END
	[listen mta]
	protocol = mta
	address = $address
	port = 25
	tls = off
	auth = optional
	cleartext = yes
	sender_policy = free
	[listen pop3]
	protocol = pop3
	address = $address
	port = 110
	[listen lmtp]
	protocol = lmtp
	address = unix:run/lmtp
	[dns]
	resolver = 127.0.0.1@$((port + 53))
	[relay]
	port = $smtp
	source_address = $address
	connect_timeout = 3s
	[queue]
	time_scale = 3600
	delay_notice = 3h
	lifetime = 8h
	END
}

house hub 127.0.3.2 hans ida
house far 127.0.3.3 zoe
house spare 127.0.3.4
cat >>"$DIR/postlab.conf" <<-END
	[route far]
	domains = far.example
	backup = yes
END
house desk 127.0.3.1 alice
echo "$PASSWORD" >"$DIR/secret"
chmod 600 "$DIR/secret"
chown --reference="$DIR/postlab.conf" "$DIR/secret"
cat >>"$DIR/postlab.conf" <<-END
	[route hub]
	host = mail.hub.example
	port = $smtp
	tls = off
	login = hans@hub.example
	password_file = secret
END
for name in desk hub far spare; do
	DIR=$place/$name
	world_up
done
python3 tests/hops.py "$place" "$smtp" "$PASSWORD" "$BIN"
