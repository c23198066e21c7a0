#!/usr/bin/env bash
# neighbours.sh - Dovecot's IMAP and mbsync on the mailboxes of ours, while our
# own programs deliver to them and fetch from them.
#
# Both are unpacked for that (beside.sh).  As root: Dovecot changes its user.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh
[ "$(id -u)" = 0 ] || skip "Dovecot must be root to serve another user's mail"

TEMP=$(mktemp -d "${TMPDIR:-/tmp}/postlab-neighbours-XXXXXX") || exit 1
chmod 755 "$TEMP"
peer=
finish() {
	local status=$?
	[ -z "$peer" ] || { kill -9 $peer; wait $peer; } 2>/dev/null
	(exit $status)
	world_end "$TEMP"
}
trap finish EXIT

# Dovecot does not serve root's mail.
a_user() { getent passwd mail >/dev/null && echo mail || echo nobody; }
owner=$(a_user)
mkdir "$TEMP/state" && chown "$owner" "$TEMP/state"
AS="setpriv --reuid $owner --regid $(id -g "$owner") --clear-groups"
mkdir "$TEMP/bin" && cp "$BIN"/{postlab,smtpd,mda,pop3d} "$TEMP/bin/" &&
    chmod -R a+rX "$TEMP/bin"
BIN=$TEMP/bin
world_make "$TEMP/state" classroom
world_set mda plus_folders yes
world_up

cat >"$TEMP/dovecot.conf" <<END
base_dir = $TEMP/run
state_dir = $TEMP/run
log_path = $TEMP/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = games
first_valid_uid = 1
mail_location = maildir:$DIR/mail/campus.example/%n
service imap-login {
  inet_listener imap {
    port = $((BASE + 26))
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = static
  args = password=$PASSWORD
}
userdb {
  driver = static
  args = uid=$owner gid=$(id -gn "$owner") home=$DIR/mail/campus.example/%n
}
END
cat >"$TEMP/mbsyncrc" <<END
IMAPStore far
Host 127.0.0.1
Port $((BASE + 26))
User bob
Pass $PASSWORD
SSLType None
AuthMechs LOGIN

MaildirStore near
Path $TEMP/near/
Inbox $TEMP/near/INBOX
SubFolders Verbatim

Channel bob
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
END
mkdir "$TEMP/near"
tests/beside.sh "$TEMP/packages" dovecot-core dovecot-imapd isync libdb5.3 -- \
    /usr/sbin/dovecot -F -c "$TEMP/dovecot.conf" >"$TEMP/out" 2>&1 &
peer=$!
for _ in $(seq 300); do
	(exec 3<>"/dev/tcp/127.0.0.1/$((BASE + 26))") 2>/dev/null && break
	kill -0 $peer 2>/dev/null && sleep 0.1 && continue
	wait $peer
	status=$? peer=
	[ $status = 77 ] && skip "no Dovecot: $(tail -n 1 "$TEMP/out")"
	fail "Dovecot does not start:" "$(tail -n 5 "$TEMP/out" "$TEMP/dovecot.log")"
	sleep 0.1
done
mbsync="tests/beside.sh $TEMP/packages -- mbsync -q -c $TEMP/mbsyncrc bob"
python3 tests/neighbours.py "$BASE" "$PASSWORD" \
    "$DIR/mail/campus.example/bob" "$mbsync" "$TEMP/near" || {
	tail -n 20 "$TEMP/dovecot.log"
	fail "they do not get along"
}
