# durability_disk.sh - the scenarios of durability.sh about disks: what is made
# durable on another one, and what happens on one that is full.
#
# To be sourced, for its functions and variables.

# flushes FOLDER COMMAND...: each file and folder in it had an fsync of its own.
flushes() {
	local folder=$1 file
	shift
	$AS strace -f -y -qqq -e trace=fsync,syncfs -o "$TEMP/flushed" "$@" \
	    >"$TEMP/out" 2>&1 || fail "$*" "$(cat "$TEMP/out")"
	! grep -q 'syncfs(' "$TEMP/flushed" || fail "$* trusts syncfs()"
	[ -e "$folder/postlab.conf" ] || fail "$* has made nothing"
	for file in $(find "$folder" -type f -o -type d); do
		grep -q "fsync([0-9]*<$file\(\.new\)\?>" "$TEMP/flushed" ||
		    fail "$* does not flush $file"
	done
}

# Where nobody knows what syncfs() does, init and restore do without.
scenario_other_disk() {
	local ram=$TEMP/ram
	[ -z "${NO_MOUNT:-}" ] || {
		printf '%-22s skipped: %s\n' "$scenario" "$NO_MOUNT"
		return
	}
	mkdir "$ram" && mount -t ramfs -o mode=777 ramfs "$ram" ||
	    fail "mount failed"
	smtp 3 --expect acked
	postlab backup "$TEMP/backup" >/dev/null || fail "backup failed"
	flushes "$ram/var" "$BIN/postlab" -d "$ram/var" init --domain a.example
	flushes "$ram/again" "$BIN/postlab" -d "$ram/again" restore \
	    "$TEMP/backup"
	[ -n "$(find "$ram/again/mail" -path '*/new/*' -type f)" ] ||
	    fail "the mail did not come back"
	umount "$ram"
}

# Everything on a disk of a few megabytes, until it is full.
scenario_full_disk() {
	local before
	[ -z "${NO_MOUNT:-}" ] || {
		printf '%-22s skipped: %s\n' "$scenario" "$NO_MOUNT"
		return
	}
	world_down >/dev/null
	mkdir "$TEMP/disk"
	mount -t tmpfs -o size=18m tmpfs "$TEMP/disk" || fail "mount failed"
	head -c 10M /dev/zero >"$TEMP/disk/ballast"
	start_world "$TEMP/disk"
	LEDGER=$TEMP/ledger.disk
	smtp 150 --size 100000
	lmtp 5 --size 3000
	smtp 5 --size 300000
	check --queue
	grep -q ' later ' "$LEDGER" || fail "the disk never was full"
	before=$(grep -c ' acked ' "$LEDGER")
	[ "$before" -gt 10 ] || fail "only $before messages fitted"

	# Where not even a process id fits they start all the same.
	world_down >/dev/null
	head -c 20M /dev/zero >"$TEMP/disk/more" 2>/dev/null
	postlab up --detach >"$TEMP/up" 2>&1 ||
	    fail "nothing starts on a full disk:" "$(cat "$TEMP/up")"
	[ ! -s "$DIR/run/smtpd.pid" ] || fail "the disk is not full"
	postlab status >"$TEMP/status" || fail "it does not run" \
	    "$(cat "$TEMP/status")"
	smtp 2 --expect later
	curl -sS --max-time 60 "pop3://mail.campus.example:$((BASE + 110))/" --ssl-reqd \
	    --cacert "$DIR/tls/ca.pem" -u "bob:$PASSWORD" \
	    --resolve "mail.campus.example:$((BASE + 110)):127.0.0.1" \
	    >"$TEMP/list" || fail "nobody can fetch mail from a full disk"
	rm "$TEMP/disk/more"

	# With room again mail flows again, and what was queued arrives.
	rm "$TEMP/disk/ballast"
	smtp 5 --expect acked
	check --wait 20
}
