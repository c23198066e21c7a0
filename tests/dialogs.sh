#!/usr/bin/env bash
# dialogs.sh - plays every dialog file against real servers.
#
#   tests/dialogs.sh [FILE ...]
#
# In a world of each profile: as written, and as one burst where the file says
# that it must come out the same.  docs/DIALOGS.md has the language.
set -u
cd "$(dirname "$0")/.."
. tests/world.sh

# mail OCTETS SUBJECT: a message of exactly so many octets, counted with CRLF.
mail() {
	local head
	head=$(printf 'From: alice@campus.example\nSubject: %s' "$2")
	# Four lines, and so four CRLFs, one of which is in $head as an LF.
	printf '%s\n\n%s\n' "$head" \
	    "$(printf "%$(($1 - ${#head} - 7))s" '' | tr ' ' m)"
}

# The mailbox of worksheet 27: one message of 120 octets, one of 500.
lay_out_mailbox() {
	local box=$DIR/mail/campus.example/pat
	rm -rf "$box"
	(umask 077 && mkdir -p "$box"/{tmp,new,cur} &&
	    mail 120 'one hundred and twenty' >"$box/new/1000000001.M1.desk" &&
	    mail 500 'five hundred' >"$box/new/1000000002.M1.desk")
	# What root makes belongs to the daemons' user, as init has it.
	chown -R --reference="$DIR" "$box"
}

# Of the 1000 octets that a mailbox may have 896 are taken.
lay_out_full() {
	local box=$DIR/mail/campus.example/full
	echo "$PASSWORD" | postlab user add full --password-stdin >/dev/null &&
	    postlab user quota full 1000 >/dev/null ||
	    fail "no user with a quota"
	(umask 077 && mkdir -p "$box"/{tmp,new,cur} &&
	    mail 900 'nearly full' >"$box/new/1000000001.M1.desk")
	chown -R --reference="$DIR" "$box"
}

# Mailboxes with which something is wrong, each of a person of that name.
lay_out_disturbed() {
	local box=$DIR/mail/campus.example name
	for name in closed nofolder unreadable unremovable; do
		echo "$PASSWORD" | postlab user add $name --password-stdin \
		    >/dev/null || fail "user add failed"
		(umask 077 && mkdir -p "$box/$name"/{tmp,new,cur} &&
		    mail 120 $name >"$box/$name/cur/1000000001.M1.desk,W=120:2,S")
	done
	postlab user disable closed >/dev/null || fail "user disable failed"
	rm -r "$box/nofolder" && echo "no folder" >"$box/nofolder"
	chown -R --reference="$DIR" "$box"
	chmod 0 "$box/unreadable/cur/"*
	chmod 500 "$box/unremovable/cur"
	world_set pop3d login_delay 600
}

play() {
	"$BIN/dialog" --timeout 30 --world "$world" --base "$BASE" \
	    --ca "$DIR/tls/ca.pem" --lmtp "unix:$DIR/run/lmtp" "$@"
}

play_all() {
	local file
	for file; do
		grep -q "^C: .*\bpat\b" "$file" && lay_out_mailbox
		play "$file" || failed=$((failed + 1))
		grep -q '^burst: ' "$file" || continue
		grep -q "^C: .*\bpat\b" "$file" && lay_out_mailbox
		play --burst "$file" || failed=$((failed + 1))
	done
}

failed=0
place=$(mktemp -d "${TMPDIR:-/tmp}/dialogs.XXXXXX")
chmod 755 "$place"
trap 'world_end "$place"' EXIT
# The example of the manual has to work too.
awk '/^```/ { if (inside) exit; inside = 1; next } inside' docs/DIALOGS.md \
    >"$place/example.txt"
[ $# -gt 0 ] || set -- "$place/example.txt" tests/dialogs/*.txt
for world in classroom homelab spanish apop disturbed; do
	files=("$@")
	profile=$world
	# Classrooms with one thing more, for the dialogs that are about that.
	case $world in
	spanish | apop | disturbed)
		profile=classroom
		mapfile -t files < <(grep -l "^world: $world\$" "$@")
		;;
	esac
	[ ${#files[@]} -gt 0 ] || continue
	echo "--- $world"
	mkdir "$place/$world"
	world_make "$place/$world" $profile
	for name in carol pat; do
		echo "$PASSWORD" | postlab user add $name --password-stdin \
		    >/dev/null || fail "user add failed"
	done
	lay_out_full
	for name in alice bob; do
		postlab alias add staff $name >/dev/null || fail "alias failed"
	done
	case $world in
	spanish) world_set server language es ;;
	disturbed) lay_out_disturbed ;;
	apop)
		world_set auth apop yes
		echo tanstaaf | postlab user apop pat --password-stdin \
		    >/dev/null || fail "user apop failed"
		;;
	esac
	world_up
	play_all "${files[@]}"
	world_down >/dev/null
done
[ $failed = 0 ] || fail "$failed failed"
