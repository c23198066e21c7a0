#!/usr/bin/env bash
# run.sh - what `make run` shows.  With a terminal: the servers in the
# foreground, with their log.  Without one: the tour (labs/tour.sh).
set -eu
cd "$(dirname "$0")/.."
BIN=${BIN:-$PWD/build/bin}
DIR=${POSTLAB_DIR:-./var}
export POSTLAB_DIR=$DIR

if [ ! -e "$DIR/postlab.conf" ]; then
	"$BIN/postlab" init --domain campus.example --profile classroom \
	    ${PORT_BASE:+--port-base "$PORT_BASE"}
	for account in alice:12345pass bob:bobs-secret; do
		printf '%s\n' "${account#*:}" |
		    "$BIN/postlab" user add "${account%%:*}" --password-stdin
	done
fi

if [ ! -t 0 ] || [ ! -t 1 ]; then
	exec labs/tour.sh
fi

base=$("$BIN/postlab" config show | sed -n 's/^port_base *= *\([0-9]*\).*/\1/p')
cat <<END

  alice@campus.example has the password 12345pass, bob@campus.example
  bobs-secret.  In another terminal, try

    telnet localhost $((25 + base))                     SMTP by hand
    telnet localhost $((110 + base))                     POP3 by hand
    build/bin/mua -f $DIR/mail/campus.example/bob    read bob's mail
    build/bin/postlab -d $DIR status           what runs

  Ctrl-C stops the servers; the mail stays in $DIR.

END
exec "$BIN/postlab" up
