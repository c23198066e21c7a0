#!/usr/bin/env bash
# mua_fetch.sh - mua fetch against our own pop3d, against Dovecot's, and
# against servers at fault (mua_fetch.py); and killed at any moment.
set -u
. tests/world.sh
here=$PWD/tests
top=$(mktemp -d "${TMPDIR:-/tmp}/mua-fetch.XXXXXX")
chmod 755 "$top"
peer=
trap 'rc=$?; [ -n "$peer" ] && kill -9 $peer 2>/dev/null && wait $peer 2>/dev/null; (exit $rc)
    world_end "$top"' EXIT
world_make "$top" classroom
world_up
export LC_ALL=C.UTF-8 TZ=UTC HOME=$top/home
unset MAIL POSTLAB_DIR XDG_CONFIG_HOME
mua=$BIN/mua
conf=$HOME/.config/postlab/mua.conf
mkdir -p "${conf%/*}"
cd "$top" || exit 1
failures=0
fault() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# account PORT TLS [LINE ...]: bob's, from an empty Maildir.
account() {
	rm -rf "$HOME/box"
	{
		cat <<-C
		[account bob]
		address = bob@campus.example
		pop3_host = localhost
		pop3_port = $1
		pop3_tls = $2
		ca_file = $DIR/tls/ca.pem
		password_command = echo $PASSWORD
		maildir = $HOME/box
		C
		shift 2
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$conf"
	chmod 600 "$conf"
}

# fetches STATUS PATTERN: what comes of it, and never a password.
fetches() {
	local status=$1 got
	"$mua" fetch --wire >out 2>&1 </dev/null
	got=$?
	[ $got = "$status" ] || fault "status $got, not $status: $(tail -n 2 out)"
	grep -q -- "$2" out || fault "does not say $2: $(tail -n 2 out)"
	! grep -q "$PASSWORD\|$(printf %s "$PASSWORD" | base64)" out ||
	    fault "the password is shown"
}

server_box=$DIR/mail/campus.example/bob
# fill N: so many messages for bob, known by their numbers.
fill() {
	local box=$DIR/mail/campus.example/bob
	python3 - "$box" "$1" <<-'PYTHON'
	import os, sys
	box, count = sys.argv[1], int(sys.argv[2])
	owner = os.stat(os.path.dirname(box))
	for folder in '', 'tmp', 'new', 'cur':
	    os.makedirs(os.path.join(box, folder), mode=0o700, exist_ok=True)
	    os.chown(os.path.join(box, folder), owner.st_uid, owner.st_gid)
	for i in range(count):
	    text = 'Subject: number %d\n\n.%s\n' % (i, 'x' * (i * 97 % 9000))
	    path = '%s/new/%d.M%dP1Q1.vm' % (box, 1795313597 + i, i)
	    with open(path, 'w') as f:
	        f.write(text)
	    os.chown(path, owner.st_uid, owner.st_gid)
	PYTHON
}

# kept: the numbers of what is in the local Maildir, each once.
kept() {
	cat "$HOME"/box/new/* "$HOME"/box/cur/* 2>/dev/null |
	    sed -n 's/^Subject: number //p' | sort -un
}

# --- our own server -------------------------------------------------------
fill 12
account $((BASE + 995)) implicit
fetches 0 'bob: 12 new messages'
fetches 0 'bob: no new mail'
[ "$(kept | wc -l)" = 12 ] || fault "not all 12 are here"
for file in "$HOME"/box/new/*; do
	cmp -s "$file" "$server_box"/*/*"$(sed -n 's/^Subject: number //p' \
	    "$file" | xargs -I{} echo 'M{}P1')"* || fault "$file has changed"
done
"$mua" list | grep -q '12 N .* number 11' || fault "the list: $("$mua" list)"

# Every way to log in, and a login without its domain.
for how in SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN; do
	account $((BASE + 110)) starttls "pop3_auth = $how" "login = bob"
	fetches 0 'bob: 12 new messages'
	grep -q "C: AUTH $how" out || fault "no AUTH $how"
	grep -q 'TLS1.3' out || fault "no TLS"
done
account $((BASE + 110)) off "pop3_auth = USER"
fetches 0 'C: USER bob@campus.example'
account $((BASE + 110)) off
fetches 0 'C: AUTH SCRAM-SHA-256 \*\*\*'
account $((BASE + 110)) off "pop3_auth = APOP"
fetches 76 'no way to log in'
account $((BASE + 995)) implicit
sed -i 's/^password_command.*/password_command = echo wrong/' "$conf"
fetches 77 'does not accept the password of bob@campus.example'
sed -i 's/^password_command.*/password_command = false/' "$conf"
fetches 78 'password_command fails with status 1'
sed -i '/^password_command/d' "$conf"
setsid "$mua" fetch >out 2>&1 </dev/null && fault "no password, and no refusal"
grep -q 'no terminal to ask' out || fault "no terminal: $(cat out)"
sed -i 's/^ca_file.*/password_command = echo 12345pass/' "$conf"
fetches 77 'authority that is not known here'

# --- two at once -----------------------------------------------------------
account $((BASE + 995)) implicit
mkdir -p "$HOME/box"
(
	flock 9
	: >held
	exec sleep 60
) 9>"$HOME/box/mua-fetch.lock" &
for _ in $(seq 300); do [ -e held ] && break; sleep 0.1; done
fetches 75 'Another mua is fetching'
kill $! && wait 2>/dev/null

# --- killed at any moment, with removal on ---------------------------------
# All that was on the server must be here or there, whenever the power goes.
fill 150
account $((BASE + 995)) implicit "leave_on_server = no"
for delay in 0.04 0.07 0.1 0.15 0.2 0.3; do
	"$mua" fetch >/dev/null 2>&1 </dev/null &
	sleep $delay
	kill -9 $! && wait $! 2>/dev/null
	{
		kept
		cat "$server_box"/new/* "$server_box"/cur/* 2>/dev/null |
		    sed -n 's/^Subject: number //p'
	} | sort -un | wc -l | grep -qx 150 || fault "mail is lost at $delay"
done
for _ in $(seq 100); do # a killed session may hold its lock a moment
	"$mua" fetch >out 2>&1 </dev/null && break
	sleep 0.2
done
grep -q 'bob: ' out || fault "after the kills: $(cat out)"
kept | wc -l | grep -qx 150 || fault "$(kept | wc -l) of 150 are here"
[ -z "$(find "$server_box"/new "$server_box"/cur -type f)" ] ||
    fault "the server still has some"

# --- Dovecot ------------------------------------------------------------------
dovecot() {
	local port=$1 account=daemon status
	mkdir -p "$top/dovecot" "$top/dmail/bob"/{new,cur,tmp}
	for i in 1 2 3; do
		printf 'Subject: number %d\n\n.dots\n' $i \
		    >"$top/dmail/bob/new/179531359$i.M${i}P1.x"
	done
	echo "bob:{PLAIN}$PASSWORD" >"$top/dovecot/passwd"
	cat >"$top/dovecot/dovecot.conf" <<-END
	base_dir = $top/dovecot/run
	state_dir = $top/dovecot/state
	log_path = $top/dovecot/log
	protocols = pop3
	listen = 127.0.0.1
	ssl = yes
	ssl_cert = <$DIR/tls/server-rsa.pem
	ssl_key = <$DIR/tls/server-rsa.key
	auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 apop
	disable_plaintext_auth = no
	default_internal_user = $account
	default_internal_group = $account
	default_login_user = games
	first_valid_uid = 1
	mail_location = maildir:$top/dmail/%u
	service pop3-login {
	  inet_listener pop3 {
	    port = $port
	  }
	  inet_listener pop3s {
	    port = $((port + 1))
	  }
	}
	passdb {
	  driver = passwd-file
	  args = $top/dovecot/passwd
	}
	userdb {
	  driver = static
	  args = uid=$account gid=$account home=$top/dmail/%u
	}
	END
	chown -R $account "$top/dmail"
	chmod 711 "$top/dovecot"
	"$here/beside.sh" "$top/dovecot" dovecot-core dovecot-pop3d -- \
	    /usr/sbin/dovecot -F -c "$top/dovecot/dovecot.conf" \
	    >"$top/dovecot/out" 2>&1 &
	peer=$!
	for _ in $(seq 300); do
		(: </dev/tcp/127.0.0.1/"$port") 2>/dev/null && return 0
		kill -0 $peer 2>/dev/null || break
		sleep 0.1
	done
	kill -9 $peer 2>/dev/null
	wait $peer 2>/dev/null
	status=$?
	peer=
	# Only what this machine cannot do is no fault: beside.sh.
	[ $status = 77 ] || fault "Dovecot does not serve (status $status):" \
	    "$(tail -n 3 "$top/dovecot/out" "$top/dovecot/log" 2>/dev/null)"
	return 1
}
beside=without
if [ "$(id -u)" = 0 ] && dovecot $((BASE + 7)); then
	beside=with
	for how in SCRAM-SHA-256 SCRAM-SHA-1 DIGEST-MD5 CRAM-MD5 PLAIN LOGIN \
	    APOP USER; do
		account $((BASE + 7)) starttls "pop3_auth = $how" "login = bob"
		fetches 0 'bob: 3 new messages'
		grep -q "C: AUTH $how\|C: $how bob" out || fault "no $how"
	done
	account $((BASE + 8)) implicit "login = bob"
	fetches 0 'bob: 3 new messages'
	fetches 0 'bob: no new mail'
	grep -q '^.dots' "$HOME"/box/new/* || fault "dots are stuffed"
	account $((BASE + 7)) off "login = bob" "leave_on_server = no"
	fetches 0 'bob: 3 new messages, 3 removed'
	[ -z "$(ls "$top"/dmail/bob/new)" ] || fault "Dovecot has kept some"
	sed -i 's/echo .*/echo wrong/' "$conf"
	fetches 77 'does not accept the password of bob'
fi

python3 "$here/mua_fetch.py" "$mua" "$top/peers" "$DIR/tls/server-rsa.pem" \
    "$DIR/tls/server-rsa.key" "$DIR/tls/ca.pem" || failures=$((failures + 1))
[ $failures = 0 ] && echo "mua_fetch: all is well, $beside Dovecot"
exit $((failures > 0))
