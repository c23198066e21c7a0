#!/usr/bin/env bash
# postfix.sh - a Postfix of one's own to measure beside: private configuration,
# queue, ports and mailboxes in a folder, nothing of the system is touched.
#
#   postfix.sh start FOLDER PORT USERS     prints the master's pid
#   postfix.sh again FOLDER PORT           with the configuration it has
#   postfix.sh stop FOLDER
#
# Uses the installed Postfix, or Debian's package unpacked into the folder when
# none is installed (apt-get download).  Needs root.  Exit 77: not possible.
#
# Defaults of Debian's Postfix, but for the paths; virtual(8) delivers into
# Maildirs.  The accounts it needs are three of base-passwd's that nobody uses.
set -eu
action=$1 dir=$2

skip() { echo "$*" >&2; exit 77; }

find_programs() {
	if [ -x /usr/lib/postfix/sbin/master ]; then
		root=
		return
	fi
	root=$dir/root
	[ -x "$root/usr/lib/postfix/sbin/master" ] && return
	mkdir -p "$dir/deb"
	(cd "$dir/deb" && apt-get download postfix >/dev/null 2>&1 &&
	    dpkg -x postfix_*.deb "$root") || skip "no Postfix, and none to be had"
}

configure() {
	local port=$1 users=$2 i
	mkdir -p "$dir/etc" "$dir/queue" "$dir/data" "$dir/mail"
	cat >"$dir/etc/main.cf" <<-END
	compatibility_level = 3.6
	command_directory = $root/usr/sbin
	daemon_directory = $root/usr/lib/postfix/sbin
	shlib_directory = $root/usr/lib/postfix
	meta_directory = $dir/etc
	queue_directory = $dir/queue
	data_directory = $dir/data
	sendmail_path = $root/usr/sbin/sendmail
	newaliases_path = $root/usr/bin/newaliases
	mailq_path = $root/usr/bin/mailq
	manpage_directory = no
	html_directory = no
	readme_directory = no
	sample_directory = no
	mail_owner = news
	setgid_group = uucp
	default_privs = games
	import_environment = MAIL_CONFIG TZ LANG=C LD_LIBRARY_PATH=$root/usr/lib/postfix
	maillog_file = $dir/postfix.log
	maillog_file_prefixes = $dir
	myhostname = mail.bench.example
	mydestination =
	alias_maps =
	local_recipient_maps =
	inet_interfaces = loopback-only
	inet_protocols = ipv4
	virtual_mailbox_domains = campus.example
	virtual_mailbox_base = $dir/mail
	virtual_mailbox_maps = texthash:$dir/etc/users
	virtual_uid_maps = static:$(id -u irc)
	virtual_gid_maps = static:$(id -g irc)
	virtual_minimum_uid = 1
	END
	cat >"$dir/etc/master.cf" <<-END
	127.0.0.1:$port inet n - n - - smtpd
	pickup    unix  n - n 60 1 pickup
	cleanup   unix  n - n - 0 cleanup
	qmgr      unix  n - n 300 1 qmgr
	tlsmgr    unix  - - n 1000? 1 tlsmgr
	rewrite   unix  - - n - - trivial-rewrite
	bounce    unix  - - n - 0 bounce
	defer     unix  - - n - 0 bounce
	trace     unix  - - n - 0 bounce
	verify    unix  - - n - 1 verify
	flush     unix  n - n 1000? 0 flush
	proxymap  unix  - - n - - proxymap
	proxywrite unix - - n - 1 proxymap
	smtp      unix  - - n - - smtp
	relay     unix  - - n - - smtp
	showq     unix  n - n - - showq
	error     unix  - - n - - error
	retry     unix  - - n - - error
	discard   unix  - - n - - discard
	local     unix  - n n - - local
	virtual   unix  - n n - - virtual
	lmtp      unix  - - n - - lmtp
	anvil     unix  - - n - 1 anvil
	scache    unix  - - n - 1 scache
	postlog   unix-dgram n - n - 1 postlogd
	END
	for ((i = 0; i < users; i++)); do
		echo "user$i@campus.example user$i/"
	done >"$dir/etc/users"
	cp "$root/etc/postfix/postfix-files" "$dir/etc/" 2>/dev/null ||
	    cp "$root/usr/share/postfix/postfix-files" "$dir/etc/" 2>/dev/null ||
	    : >"$dir/etc/postfix-files"
	mkdir -p "$dir/etc/dynamicmaps.cf.d" "$dir/etc/postfix-files.d"
	: >"$dir/etc/dynamicmaps.cf"
	chown irc "$dir/mail"
	chown news "$dir/data"
	chmod 755 "$dir" "$dir/etc"
}

make_queue() {
	local q
	for q in active bounce corrupt defer deferred flush hold incoming \
	    private saved trace; do
		mkdir -p "$dir/queue/$q"
		chown news "$dir/queue/$q"
		chmod 700 "$dir/queue/$q"
	done
	mkdir -p "$dir/queue/pid" "$dir/queue/public" "$dir/queue/maildrop"
	chown news:uucp "$dir/queue/public" "$dir/queue/maildrop"
	chmod 710 "$dir/queue/public"
	chmod 1730 "$dir/queue/maildrop"
}

start() {
	local i
	[ "$(id -u)" = 0 ] || skip "Postfix needs root"
	find_programs
	[ "$2" = as-it-is ] || configure "$1" "$2"
	make_queue
	export MAIL_CONFIG=$dir/etc
	LD_LIBRARY_PATH=$root/usr/lib/postfix \
	    "$root/usr/lib/postfix/sbin/master" -c "$dir/etc" -d \
	    >"$dir/master.out" 2>&1 </dev/null &
	for i in $(seq 100); do
		if [ -s "$dir/queue/pid/master.pid" ] &&
		    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
			tr -d ' ' <"$dir/queue/pid/master.pid"
			return
		fi
		sleep 0.1
	done
	cat "$dir/master.out" "$dir/postfix.log" >&2 2>/dev/null || true
	skip "Postfix does not start here"
}

stop() {
	[ -s "$dir/queue/pid/master.pid" ] || return 0
	kill "$(tr -d ' ' <"$dir/queue/pid/master.pid")"
}

case $action in
start) start "$3" "$4" ;;
again) start "$3" as-it-is ;;
stop) stop ;;
esac
