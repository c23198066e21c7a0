#!/usr/bin/env bash
# tour.sh - the main job, once from end to end: alice submits a message with an
# attachment, bob fetches it by POP3, the mail reader shows it.  Starts the
# servers of $POSTLAB_DIR, says what it sees, stops them.  Exit status 0 when
# all of it was so.
set -eu
cd "$(dirname "$0")/.."
BIN=${BIN:-$PWD/build/bin}
export POSTLAB_DIR=${POSTLAB_DIR:-./var}
base=$("$BIN/postlab" config show | sed -n 's/^port_base *= *\([0-9]*\).*/\1/p')
fetched=$(mktemp "${TMPDIR:-/tmp}/postlab-tour.XXXXXX")

# Servers that ran before the tour go on after it.
started=
finish() {
	rm -f "$fetched"
	[ -z "$started" ] || "$BIN/postlab" down
}
trap finish EXIT
say() { printf '\n== %s\n' "$*"; }
play() {
	"$BIN/dialog" -v --base "$base" --ca "$POSTLAB_DIR/tls/ca.pem" \
	    --set to="$fetched" "labs/tour/$1.dialog"
}
expect() {
	grep -q -e "$1" <<<"$2" || {
		echo "the tour fails: $3 (no '$1')" >&2
		exit 1
	}
}

say "The servers"
if "$BIN/postlab" status >/dev/null 2>&1; then
	echo "run already"
else
	started=yes
	"$BIN/postlab" up --detach
fi
"$BIN/postlab" status

say "Alice submits a message with an attachment (port $((587 + base)))"
play send

say "Bob fetches it by POP3 (port $((110 + base)))"
play fetch

say "The mail reader, with all headers: what each program added"
shown=$("$BIN/mua" -f "$fetched" show 1 --full-headers)
echo "$shown"
expect '^Return-Path: <alice@campus.example>$' "$shown" "no reverse-path"
expect '^Delivered-To: bob@campus.example$' "$shown" "mda did not deliver it"
expect 'with ESMTPSA id' "$shown" "smtpd did not see TLS and a login"
expect 'cafe.png' "$shown" "the attachment is not there"

say "The mail reader, as a person reads it"
shown=$("$BIN/mua" -f "$fetched" show 1)
echo "$shown"
expect '^Subject: Café on Friday?$' "$shown" "the subject is not decoded"
expect '^\.This line begins with a dot\.$' "$shown" "a dot was lost"

say "Bob's mailbox"
"$BIN/mua" -f "$POSTLAB_DIR/mail/campus.example/bob" list

say "Submitted, delivered, fetched and shown: the house stands."
