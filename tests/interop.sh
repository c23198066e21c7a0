#!/usr/bin/env bash
# interop.sh - other people's programs send, fetch and read mail here.
#
#   tests/interop.sh WORLD [CLIENT ...]     classroom or homelab
#
# Clients and servers of Debian against the real daemons; tests/interop/ has a
# file each.  A program that is absent is skipped with a word.  Whatever was
# sent has to be found in the mailbox once; what was fetched must be what was
# sent.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
. tests/interop/tools.sh

world=${1:-classroom}
[ $# = 0 ] || shift
[ $# -gt 0 ] || set -- swaks openssl curl msmtp gsasl mutt s_nail perl python \
    nodemailer fetchmail getmail mpop thunderbird postfix exim

TEMP=$(mktemp -d) || exit 1
chmod 755 "$TEMP"
trap 'world_end "$TEMP" use_none' EXIT
# Servers that were started are stopped by what their files put here.
stop_commands=()
use_none() {
	local command
	for command in "${stop_commands[@]}"; do
		$command
	done
}

world_make "$TEMP" "$world"
world_set "listen store" protocol lmtp
world_set "listen store" address 127.0.0.1
if [ "$world" = classroom ]; then
	# An operator asks for it; libraries after Debian 12's have it not.
	world_set auth mechanisms \
	    "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5 DIGEST-MD5"
	for name in alice bob; do
		echo "$PASSWORD" | postlab user passwd $name@campus.example \
		    --password-stdin >/dev/null || fail "user passwd failed"
	done
fi
# Where postfix.sh and exim.sh take mail from us.
cat >>"$DIR/postlab.conf" <<END
[route postfix]
domains = postfix.example
host = 127.0.0.1
port = $((BASE + 26))
tls = encrypt
[route exim]
domains = exim.example
host = 127.0.0.1
port = $((BASE + 27))
tls = encrypt
login = campus
password_file = password.exim
END
echo "$PASSWORD" >"$DIR/password.exim"
chmod 600 "$DIR/password.exim"
chown --reference="$DIR/postlab.conf" "$DIR/password.exim"
world_up
install -m 644 "$DIR/tls/ca.pem" "$TEMP/ca.pem" && CA=$TEMP/ca.pem
for client; do
	. "tests/interop/$client.sh" && "use_$client"
done
echo "$passed passed, $failed failed, $skipped programs skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
