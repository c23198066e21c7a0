#!/bin/sh
# courier_run.sh - within beside.sh: Courier's POP3 server in the foreground.
#
#   courier_run.sh FOLDER PORT
#
# FOLDER/userdb has the accounts.  /etc and /run are this namespace's own.  The
# settings are Debian's, but as many clients from one address as in all.
set -eu
dir=$1 port=$2
mkdir -p "$dir/etc/courier"
cp "$dir/userdb" "$dir/etc/courier/userdb"
chmod 600 "$dir/etc/courier/userdb"
cat >"$dir/etc/courier/authdaemonrc" <<END
authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=5
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
DEFAULTOPTIONS=""
LOGGEROPTS=""
END
makeuserdb -f "$dir/etc/courier/userdb"
mount -t overlay -o lowerdir="$dir/etc:/etc" overlay /etc
mount -t tmpfs tmpfs /run
mkdir -p /run/courier/authdaemon
/usr/lib/courier/courier-authlib/authdaemond &
trap 'kill $!' EXIT
env -i PATH=/usr/bin:/bin POP3AUTH= POP3_PROXY=0 PIDFILE=/run/courier/pid \
    /usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=40 \
    -nodnslookup -noidentlookup "$port" \
    /usr/lib/courier/courier/courierpop3login \
    /usr/lib/courier/courier/courierpop3d Maildir
