#!/usr/bin/env bash
# pop3_peers.sh - a Dovecot and a Courier of one's own to measure beside.
#
#   pop3_peers.sh dovecot|courier FOLDER PORT MAIL     stays in the foreground
#
# Debian's packages by beside.sh, configured as Debian does but for the paths;
# accounts user0 to user20, their passwords pwN-benchmark (in clear
# for Dovecot, in DES for Courier: the cheapest they have); their Maildirs are
# MAIL/userN, of the user irc.
set -eu
what=$1 dir=$2 port=$3 mail=$4
here=$(cd "$(dirname "$0")" && pwd)
users=21
mkdir -p "$dir"
dir=$(realpath "$dir")
chmod 755 "$dir"

dovecot() {
	local i
	for ((i = 0; i < users; i++)); do
		echo "user$i:{PLAIN}pw$i-benchmark"
	done >"$dir/passwd"
	cat >"$dir/dovecot.conf" <<-END
	base_dir = $dir/run
	state_dir = $dir/state
	log_path = $dir/dovecot.log
	protocols = pop3
	listen = 127.0.0.1
	ssl = no
	disable_plaintext_auth = no
	default_internal_user = news
	default_internal_group = news
	default_login_user = games
	first_valid_uid = 1
	mail_location = maildir:$mail/%u
	service pop3-login {
	  inet_listener pop3 {
	    port = $port
	  }
	  inet_listener pop3s {
	    port = 0
	  }
	}
	passdb {
	  driver = passwd-file
	  args = $dir/passwd
	}
	userdb {
	  driver = static
	  args = uid=irc gid=irc home=$mail/%u
	}
	END
	exec "$here/../beside.sh" "$dir" dovecot-core dovecot-pop3d -- \
	    /usr/sbin/dovecot -F -c "$dir/dovecot.conf"
}

# userdb in a file; couriertcpd with the settings of Debian's pop3d.
courier() {
	local i
	mkdir -p "$dir/auth"
	for ((i = 0; i < users; i++)); do
		printf 'user%d\tuid=%d|gid=%d|home=%s|mail=%s|systempw=%s\n' \
		    $i "$(id -u irc)" "$(id -g irc)" "$mail/user$i" "$mail/user$i" \
		    "$(perl -e 'print crypt($ARGV[0], "aa")' "pw$i-benchmark")"
	done >"$dir/userdb"
	exec "$here/../beside.sh" "$dir" courier-pop courier-base \
	    courier-authlib courier-authlib-userdb libcourier-unicode4 \
	    libltdl7 libgamin0 -- "$here/courier_run.sh" "$dir" "$port"
}
"$what"
