# nameserver.sh - a real name server (NSD) for tests, with real zone files, as
# whoever runs the test; to be sourced.
#
#   nameserver_get DIR           unpacks NSD and the signer below DIR; 1: none
#   nameserver_sign DIR ZONE     signs DIR/ZONE.zone; its DS goes to DIR/ZONE.ds
#   nameserver_start DIR PORT [IP@PORT]
#                                serves each DIR/*.zone (root.zone is ".") on
#                                127.0.0.1 port PORT, and there
#   nameserver_stop DIR
#
# The packages are unpacked, not installed: Debian's nsd starts a server on
# port 53 of all addresses.

nameserver_get() {
	NS_ROOT=$1/nsd
	mkdir -p "$NS_ROOT/deb"
	(cd "$NS_ROOT/deb" && apt-get download nsd ldnsutils libldns3 \
	    libfstrm0 libprotobuf-c1 >/dev/null 2>&1) || return 1
	for deb in "$NS_ROOT"/deb/*.deb; do
		dpkg -x "$deb" "$NS_ROOT" || return 1
	done
	[ -x "$NS_ROOT/usr/sbin/nsd" ]
}

ns_run() {
	LD_LIBRARY_PATH=$(echo "$NS_ROOT"/usr/lib/*-linux-gnu) "$@"
}

nameserver_sign() {
	(cd "$1" || exit 1
	key=$(ns_run "$NS_ROOT/usr/bin/ldns-keygen" -a ECDSAP256SHA256 -k "$2") &&
	    ns_run "$NS_ROOT/usr/bin/ldns-signzone" -f "$2.signed" \
		"$2.zone" "$key" &&
	    mv "$2.signed" "$2.zone" && mv "$key.ds" "$2.ds")
}

nameserver_start() {
	local dir=$1 port=$2 file zone
	{
		cat <<-END
		server:
		    ip-address: 127.0.0.1
		    port: $port
		    ${3:+ip-address: $3}
		    username: ""
		    chroot: ""
		    zonesdir: "$dir"
		    pidfile: "$dir/nsd.pid"
		    logfile: "$dir/nsd.log"
		    database: ""
		    zonelistfile: "$dir/nsd.zones"
		    xfrdfile: "$dir/nsd.xfrd"
		    xfrdir: "$dir"
		    cookie-secret-file: ""
		    server-count: 1
		remote-control:
		    control-enable: no
		END
		for file in "$dir"/*.zone; do
			zone=$(basename "$file" .zone)
			[ "$zone" = root ] && zone=.
			printf 'zone:\n    name: "%s"\n    zonefile: "%s"\n' \
			    "$zone" "$file"
		done
	} >"$dir/nsd.conf"
	ns_run "$NS_ROOT/usr/sbin/nsd" -c "$dir/nsd.conf" || return 1
	for _ in $(seq 300); do
		[ -s "$dir/nsd.pid" ] && return
		sleep 0.1
	done
	return 1
}

nameserver_stop() {
	[ -s "$1/nsd.pid" ] && kill "$(cat "$1/nsd.pid")" 2>/dev/null
}
