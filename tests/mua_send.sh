#!/usr/bin/env bash
# mua_send.sh - letters that leave: mua send and the outbox, against our own
# servers, and what Python's email package reads in what arrives.
set -u
. tests/world.sh
here=$PWD/tests
top=$(mktemp -d "${TMPDIR:-/tmp}/mua-send.XXXXXX")
chmod 755 "$top"
peer=
trap 'rc=$?; [ -n "$peer" ] && kill $peer 2>/dev/null; (exit $rc); world_end "$top"' EXIT
world_make "$top"
world_up
cd "$top" || exit 1
mua=$BIN/mua
export HOME=$top/home LC_ALL=C.UTF-8 TZ=UTC
unset MAIL EMAIL POSTLAB_DIR XDG_CONFIG_HOME
conf=$HOME/.config/postlab/mua.conf
mkdir -p "${conf%/*}"
failures=0
fault() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# account [TLS PORT]: bob's account at our servers.
account() {
	cat >"$conf" <<-C
	[account bob]
	full_name = Bob Builder
	address = bob@campus.example
	smtp_host = 127.0.0.1
	smtp_port = ${2:-$((BASE + 587))}
	smtp_tls = ${1:-starttls}
	ca_file = $DIR/tls/ca.pem
	password_command = echo $PASSWORD
	maildir = $HOME/Mail
	C
	chmod 600 "$conf"
}

# says STATUS PATTERN ARGS...: mua send; the pattern is of all it prints.
says() {
	local status=$1 pattern=$2 got
	shift 2
	echo "the text" | "$mua" send "$@" >out 2>&1
	got=$?
	[ $got = "$status" ] || fault "send $*: status $got: $(<out)"
	[[ $(<out) == $pattern ]] || fault "send $*: printed $(<out)"
}

# newest BOX: the message that came last, or nothing.
newest() { ls -t "$1"/new/* "$1"/cur/* 2>/dev/null | head -n 1; }
count() { ls "$1"/new "$1"/cur 2>/dev/null | grep -c '^[0-9]'; }
alice=$DIR/mail/campus.example/alice
bob=$DIR/mail/campus.example/bob
box=$HOME/Mail/.Outbox

# --- it arrives, by STARTTLS and by TLS from the first byte ------------------
account
says 0 'Sent' -s 'by STARTTLS' alice@campus.example
grep -q '^Subject: by STARTTLS$' "$(newest "$alice")" || fault "starttls"
grep -q 'with ESMTPSA' "$(newest "$alice")" || fault "no TLS, or no login"
account implicit $((BASE + 465))
says 0 'Sent' -s 'by TLS' alice
grep -q '^To: alice@campus.example$' "$(newest "$alice")" || fault "implicit"
[ "$(count "$HOME/Mail/.Sent")" = 2 ] || fault "no copies in Sent"
[ "$(count "$box")" = 0 ] || fault "the outbox holds what was sent"
grep -qx 'alice@campus.example' "${conf%/*}/contacts" ||
    fault "the address book does not know alice"

# --- Bcc: it arrives, it is in the copy, and it never leaves -----------------
account
says 0 Sent -s hidden -b bob@campus.example alice@campus.example
grep -rqi '^bcc' "$alice" "$bob" && fault "Bcc has left the house"
grep -q '^Subject: hidden' "$(newest "$bob")" || fault "Bcc got nothing"
grep -rq '^Bcc: bob@campus.example$' "$HOME/Mail/.Sent" ||
    fault "the copy does not say Bcc"
[ "$failures" = 0 ] && echo "mua_send: all is well"
exit $((failures > 0))
