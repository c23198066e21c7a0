#!/usr/bin/env bash
# secure.sh - AUTH, STARTTLS and certificates of the real daemons.
#
# secure/run.py is the client in most tests; here are those that other people's
# programs make: openssl, gnutls-cli, gsasl and swaks.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
export BIN PYTHONDONTWRITEBYTECODE=1

ALICE=alice@campus.example BOB=bob@campus.example
MECHANISMS="SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5 DIGEST-MD5"
failed=0

# try NAME COMMAND ...
try() {
	local name=$1
	shift
	if "$@" >"$place/out" 2>&1; then
		echo "passed   $name"
	else
		failed=$((failed + 1))
		echo "failed   $name"
		tail -n 25 "$place/out" | sed 's/^/  | /'
	fi
}

refuses() { ! "$@"; }

# --- versions and ciphers ---------------------------------------------------

s_client() { # [options]: one session over STARTTLS, with a NOOP
	(sleep 0.3; printf 'noop\n'; sleep 0.3; printf 'quit\n') |
	    timeout 20 openssl s_client -starttls smtp -crlf \
	    -connect "127.0.0.1:$((BASE + 25))" -CAfile "$DIR/tls/ca.pem" \
	    "$@" 2>&1
}

lower_case() {
	s_client -verify_return_error >"$place/s_client"
	cat "$place/s_client"
	grep -aq '^250 2.0.0 Ok' "$place/s_client"
}

# The old versions have to be possible for the client, or it proves nothing.
old_version() { # OPTION
	s_client "$1" -cipher 'ALL:@SECLEVEL=0' >"$place/old"
	grep -aq 'alert protocol version' "$place/old" &&
	    ! grep -aq '^250 2.0.0 Ok' "$place/old"
}

gnutls_gets_in() { # PRIORITY
	printf 'noop\r\nquit\r\n' | timeout 20 gnutls-cli --starttls-proto=smtp \
	    --x509cafile="$DIR/tls/ca.pem" --port=$((BASE + 25)) \
	    --priority="$1" localhost
}

versions() {
	local option
	try "openssl s_client with lower-case verbs" lower_case
	for option in -tls1 -tls1_1; do
		try "openssl $option is refused" old_version $option
	done
	try "gnutls-cli gets in" gnutls_gets_in NORMAL
	try "gnutls-cli without a certificate is refused" refuses \
	    gnutls_gets_in "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ANON-ECDH:+ANON-DH"
	try "gnutls-cli without forward secrecy is refused" refuses \
	    gnutls_gets_in "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA"
}

# In TLS 1.2 a client can ask for a new handshake: that is the end.
renegotiation() {
	(sleep 0.5; printf 'R\n'; sleep 2; printf 'noop\n'; sleep 0.5) |
	    timeout 20 openssl s_client -starttls smtp -tls1_2 -crlf \
	    -connect "127.0.0.1:$((BASE + 25))" >"$place/renegotiation" 2>&1
	grep -a RENEGOTIATING "$place/renegotiation" &&
	    ! grep -a '^250 2.0.0 Ok' "$place/renegotiation"
}

# --- the key log ------------------------------------------------------------

# What the client itself writes down must be in our file, word for word.
keylog() { # VERSION
	rm -f "$place/client.keys"
	s_client "$1" -keylogfile "$place/client.keys" >/dev/null
	grep -v '^#' "$place/client.keys" | sort >"$place/theirs"
	sort "$DIR/keys.log" >"$place/ours"
	[ -s "$place/theirs" ] && [ -z "$(comm -23 "$place/theirs" "$place/ours")" ]
}

# --- mechanisms -------------------------------------------------------------

gsasl_logs_in() { # MECHANISM USER PASSWORD
	LC_ALL=C.UTF-8 timeout 20 gsasl --client --smtp --no-starttls --no-cb \
	    --quality-of-protection=qop-auth -m "$1" -a "$2" -p "$3" \
	    --connect="127.0.0.1:$((BASE + 587))" </dev/null 2>&1 |
	    grep -a '^235 2.7.0'
}

swaks_logs_in() { # MECHANISM USER
	swaks --server 127.0.0.1 --port $((BASE + 587)) --from $ALICE --to $BOB \
	    --auth "$1" --auth-user "$2" --auth-password "$PASSWORD"
}

mechanisms() {
	local mechanism
	for mechanism in $MECHANISMS; do
		try "gsasl $mechanism" gsasl_logs_in $mechanism alice "$PASSWORD"
		try "gsasl $mechanism with a wrong password" refuses \
		    gsasl_logs_in $mechanism alice wrong
	done
	for mechanism in PLAIN LOGIN CRAM-MD5 DIGEST-MD5; do
		try "swaks $mechanism" swaks_logs_in $mechanism alice
		try "swaks $mechanism, with the domain" \
		    swaks_logs_in $mechanism $ALICE
	done
	# One within Latin-1, which DIGEST-MD5 hashes so; and one that is not.
	for password in 'müßig' 'zwölf € 50'; do
		echo "$password" | postlab user passwd bob --password-stdin \
		    >/dev/null || fail "user passwd failed"
		for mechanism in $MECHANISMS; do
			try "gsasl $mechanism, password $password" \
			    gsasl_logs_in $mechanism bob "$password"
		done
	done
	echo "$PASSWORD" | postlab user passwd bob --password-stdin >/dev/null
}

offered() {
	(printf 'EHLO x\r\n'; sleep 0.3; printf 'QUIT\r\n'; sleep 0.2) |
	    timeout 10 nc -C 127.0.0.1 $((BASE + 587)) | tr -d '\r' |
	    sed -n 's/^250[- ]AUTH //p'
}

# As on a machine whose libsasl2-modules are not there.
without_plugins() {
	local status=0
	world_down >/dev/null
	SASL_PATH=/nonexistent world_up
	[ "$(offered)" = "LOGIN CRAM-MD5" ] &&
	    swaks_logs_in LOGIN alice && swaks_logs_in CRAM-MD5 alice &&
	    ! swaks_logs_in PLAIN alice || status=1
	world_down >/dev/null
	world_up
	[ "$(offered)" = "$MECHANISMS" ] || status=1
	return $status
}

# --- certificates and configuration -----------------------------------------

# A certificate of the private CA for DAYS, in place of the one in use.
certify_for_days() { # DAYS [SIGNER]
	openssl req -new -newkey rsa:2048 -nodes -subj /CN=mail.campus.example \
	    -keyout "$place/new.key" -out "$place/new.csr" 2>/dev/null &&
	    openssl x509 -req -days "$1" -in "$place/new.csr" \
	    -CA "${2:-$DIR/tls/ca}.pem" -CAkey "${2:-$DIR/tls/ca}.key" \
	    -CAcreateserial -CAserial "$place/serial" \
	    -out "$place/new.pem" 2>/dev/null &&
	    cat "$place/new.key" >"$DIR/tls/server-rsa.key" &&
	    cat "$place/new.pem" >"$DIR/tls/server-rsa.pem"
}

certificates() {
	try "a fresh folder has no warning of certificates" refuses \
	    bash -c "$BIN/postlab -d $DIR config check | grep -i certificate"
	try "cert show lists three" \
	    bash -c "[ \$($BIN/postlab -d $DIR cert show | wc -l) = 3 ]"
	certify_for_days 20
	try "config check warns 30 days ahead" \
	    bash -c "$BIN/postlab -d $DIR config check | grep 'less than 30 days'"
	try "cert renew replaces it" postlab cert renew
	try "and the warning is gone" refuses \
	    bash -c "$BIN/postlab -d $DIR config check | grep -i certificate"
	try "the new ones are of the CA" openssl verify -CAfile "$DIR/tls/ca.pem" \
	    "$DIR/tls/server-rsa.pem" "$DIR/tls/server-ecdsa.pem"
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=another -days 90 \
	    -keyout "$place/another.key" -out "$place/another.pem" 2>/dev/null
	certify_for_days 20 "$place/another"
	try "cert renew leaves others' certificates alone" refuses \
	    postlab cert renew
	rm "$DIR"/tls/server-rsa.*
	try "and makes what is missing" postlab cert renew
}

config_says() { # PATTERN
	postlab config check 2>&1 | grep -E "$1"
}

place=$(mktemp -d "${TMPDIR:-/tmp}/secure.XXXXXX")
chmod 755 "$place"
trap 'world_end "$place"' EXIT
for program in openssl gnutls-cli gsasl swaks nc; do
	command -v $program >/dev/null || skip "$program is not installed"
done

mkdir "$place/homelab"
world_make "$place/homelab" homelab
certificates
for section in mta pop3; do
	awk -v section="[listen $section]" '$0 == section { here = 1 }
	    /^\[/ && $0 != section { here = 0 }
	    here && /^tls = / { $0 = "tls = required" } { print }' \
	    "$DIR/postlab.conf" >"$place/conf" && cat "$place/conf" >"$DIR/postlab.conf"
done
world_up
versions
try "renegotiation ends the session" renegotiation
python3 tests/secure/run.py homelab "$BASE" "$DIR" || failed=$((failed + 1))
world_set server tls_keylog keys.log
try "a strict listener has no key log" config_says 'tls_keylog is for a class'
world_down >/dev/null 2>&1
"$BIN/postlab" -d "$DIR" down >/dev/null 2>&1

mkdir "$place/classroom"
world_make "$place/classroom" classroom
world_set auth mechanisms "$MECHANISMS"
world_set server tls_keylog keys.log
try "config check is loud about the key log" config_says 'CAN DECRYPT'
world_up
mechanisms
try "the key log of TLS 1.3" keylog -tls1_3
try "the key log of TLS 1.2" keylog -tls1_2
try "the key log is for its owner alone" \
    bash -c "[ \$(stat -c %a $DIR/keys.log) = 600 ]"
python3 tests/secure/run.py classroom "$BASE" "$DIR" || failed=$((failed + 1))
try "without plugins there are LOGIN and CRAM-MD5" without_plugins
[ $failed = 0 ] || fail "$failed failed"
