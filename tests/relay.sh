#!/usr/bin/env bash
# relay.sh - mail to other hosts: several Postlabs on loopback, and the servers
# of relay_peer.py, each with a fault of its own.  No DNS is asked: a hosts file
# has their names.  What is checked is in relay.py, relay_wire.py and
# relay_denied.py.
set -u
cd "$(dirname "$0")/.."
. tests/world.sh
place=$(mktemp -d "${TMPDIR:-/tmp}/relay.XXXXXX")
chmod 755 "$place"
peer=
trap 'end' EXIT

end() {
	local status=$? dir
	[ -z "$peer" ] || { kill "$peer"; wait "$peer"; } 2>/dev/null
	for dir in far hub campus; do
		DIR=$place/$dir
		[ -e "$DIR/postlab.conf" ] || continue
		postlab down >/dev/null 2>&1
		[ $status = 0 ] || tail -n 20 "$DIR"/log/postlab.log >&2
	done
	rm -rf "$place"
	exit $status
}

# house NAME USER...: a state folder for NAME.example, on ports of its own.
house() {
	local name=$1 user
	shift
	DIR=$place/$name
	take_base
	postlab init --domain "$name.example" --port-base "$BASE" \
	    >"$place/init.out" || fail "init failed"
	for user; do
		echo "$PASSWORD" | postlab user add "$user@$name.example" \
		    --password-stdin >/dev/null 2>&1 || fail "user add failed"
	done
	world_set queue retry_min 1s
	world_set queue retry_max 2s
	world_set dns resolver none
	world_set dns hosts_file hosts
	world_set relay connect_timeout 3s
	world_set relay timeout 4s
	world_set relay final_timeout 4s
	# what a peer has heard is in its log when the session has ended
	world_set relay keep 0s
	hosts >"$DIR/hosts"
}

# The servers of relay_peer.py by their names.
hosts() {
	local i=0 name
	for name in good greeting noehlo starttls old close mute busy mail450 \
	    auth silent noise tls454 data451 rcpt once \
	    chunks nochunks; do
		i=$((i + 1))
		echo "127.0.1.$i $name.example"
	done
	# the first of these is away, or says no
	echo ::1 gone.example
	printf '%s first.example\n' ::1 127.0.1.1
	printf '127.0.1.%s second.example\n' 2 1
	printf '127.0.1.%s both.example\n' 5 1
}

route() { # NAME KEY VALUE ...
	local name=$1
	shift
	echo "[route $name]"
	while [ $# -gt 0 ]; do
		echo "$1 = $2"
		shift 2
	done
} >>"$DIR/postlab.conf"

take_base
port=$BASE
house far zoe
far=$BASE
house hub
hub=$BASE
house campus alice bob
campus=$BASE

# campus -> hub -> far; hub is no relay but for who logs in
DIR=$place/far
postlab domain add deep.example >/dev/null &&
    postlab user add ron@deep.example --password-stdin <<<"$PASSWORD" \
	>/dev/null 2>&1 || fail "user add failed"
world_set 'listen msa' sender_policy free
world_set 'listen msas' sender_policy free
world_set 'listen mta' faults yes
route back domains campus.example host 127.0.0.1 port $((campus + 25))

DIR=$place/hub
postlab user add relay@hub.example --password-stdin <<<"$PASSWORD" \
    >/dev/null 2>&1 || fail "user add failed"
world_set 'listen msa' sender_policy free
route far domains deep.example host 127.0.0.1 port $((far + 25)) tls encrypt
route back domains campus.example host 127.0.0.1 port $((campus + 25))
# mail for looping.example goes round and round
route loop domains looping.example host 127.0.0.1 port $((campus + 587)) \
    login alice@campus.example password_file secret tls encrypt

DIR=$place/campus
world_set relay port "$port"
world_set dns resolver "127.0.0.1@$port"
world_set 'listen msa' sender_policy free
route far domains far.example host 127.0.0.1 port $((far + 25))
route hub domains "deep.example looping.example" \
    host 127.0.0.1 port $((hub + 587)) login relay@hub.example \
    password_file secret tls encrypt
route wrong domains wrong.example host 127.0.0.1 port $((hub + 587)) \
    login relay@hub.example password_file wrong tls encrypt
route verified domains verified.example host 127.0.0.1 port $((far + 25)) \
    tls verify
route must domains must.example host 127.0.1.1 port "$port" tls encrypt
route auth domains auth.example host 127.0.1.10 port "$port" \
    login x@y.example password_file secret
postlab alias add abroad@campus.example zoe@far.example >/dev/null ||
    fail "alias"
for dir in campus hub; do
	echo "$PASSWORD" >"$place/$dir/secret"
	echo no"$PASSWORD" >"$place/$dir/wrong"
	chmod 600 "$place/$dir/secret" "$place/$dir/wrong"
	chown --reference="$place/$dir/postlab.conf" "$place/$dir/secret" \
	    "$place/$dir/wrong"
done

python3 tests/relay_peer.py "$port" "$place/peer.log" &
peer=$!
for name in far hub campus; do
	DIR=$place/$name
	world_up
done
PYTHONDONTWRITEBYTECODE=1 \
    python3 tests/relay.py "$place" "$campus" "$hub" "$far" "$PASSWORD" "$BIN" "$@"
