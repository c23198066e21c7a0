#!/usr/bin/env bash
# lean.sh - sessions do without libraries that their masters have; a mailbox
# whose messages must be read for its index is served by a process with all.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/world.sh

place=$(mktemp -d "${TMPDIR:-/tmp}/lean.XXXXXX")
chmod 755 "$place"
trap 'world_end "$place"' EXIT
world_make "$place" classroom
world_up
mail=$DIR/mail/campus.example/alice

# A client of its own; says what it has got and holds the session open.
cat >"$place/session.py" <<'PYTHON'
import poplib, sys
pop = poplib.POP3("127.0.0.1", int(sys.argv[1]), timeout=60)
pop.user(sys.argv[2])
pop.pass_(sys.argv[3])
print(pop.stat(), flush=True)
if len(sys.argv) > 4:
    sys.stdin.readline()
pop.quit()
PYTHON

# log_in USER [hold]
log_in() {
	python3 "$place/session.py" $((BASE + 110)) "$1" "$PASSWORD" ${2:+"$2"}
}

pid_of() { # program role
	postlab status --json | python3 -c '
import json, sys
for p in json.load(sys.stdin)["processes"]:
    if (p["program"], p["role"]) == (sys.argv[1], sys.argv[2]):
        print(p["pid"])
        break' "$1" "$2"
}

has() { # pid library
	grep -q "/$2" "/proc/$1/maps"
}

# While somebody is logged in to a mailbox; what the process has: lib ...
during_session() { # user command ...
	local user=$1
	shift
	mkfifo "$place/hold"
	: >"$place/said" # of the one before
	log_in "$user" hold <"$place/hold" >"$place/said" &
	exec 9>"$place/hold"
	for _ in $(seq 300); do
		[ -s "$place/said" ] && break
		sleep 0.1
	done
	[ -s "$place/said" ] || fail "$user cannot log in"
	"$@" || fail "$user: $*" "$(postlab status)"
	exec 9>&-
	wait $!
	rm "$place/hold"
}

session_has() { has "$(pid_of pop3d session)" "$1"; }
session_lacks() { ! session_has "$1"; }

# AddressSanitizer has shadows of all; see libraries.h.
if ! cat "/proc/$(pid_of pop3d master)/maps" >/dev/null 2>&1; then
	echo "only root sees what the processes have: that part is left out"
elif ! ldd "$BIN/pop3d" | grep -q libasan; then
	for program in pop3d smtpd; do
		has "$(pid_of $program master)" libsasl2 ||
		    fail "the master of $program has no SASL"
		has "$(pid_of $program auth)" libsasl2 ||
		    fail "the auth helper of $program has no SASL"
		! has "$(pid_of $program worker)" libsasl2 ||
		    fail "a worker of $program has SASL"
		has "$(pid_of $program worker)" libgnutls ||
		    fail "a worker of $program has no TLS"
	done
	echo "workers have TLS, and no SASL; the master and the auth helper have it"

	during_session bob session_lacks libgmime
	echo "an empty mailbox needs no GMime"
fi

# As another program would deliver: no size in the name, not in the index.
mkdir -p "$mail"/{tmp,new,cur}
for i in 1 2 3; do
	printf 'From: =?ISO-8859-1?Q?Andr=E9?= <a@b.example>\nSubject: %s\n\nHi\n' \
	    "=?EUC-JP?B?xvzL3Ljs?= $i" >"$mail/new/170000000$i.M${i}P1.elsewhere"
done
chown -R --reference="$DIR/mail" "$mail"
chmod -R go= "$mail"
log_in alice >"$place/said" || fail "alice cannot log in"
[ "$(cat "$place/said")" = "(3, $((3 * $(sed 's/$/\r/' "$mail"/new/*1.M1P1.* |
    wc -c))))" ] || fail "STAT says $(cat "$place/said")"
python3 - "$mail/index.sqlite" <<'PYTHON' || fail "the index is wrong"
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(
    "SELECT header_from, subject FROM message ORDER BY uid").fetchall()
want = [("Andr\u00e9 <a@b.example>", "\u65e5\u672c\u8a9e %d" % i)
        for i in (1, 2, 3)]
sys.exit(0 if rows == want else "%s" % rows)
PYTHON
echo "messages that nobody has told the index of are read, by GMime"

# The process that asks for another may be gone before its master has heard of
# it: when many do so at once.
crowd=12
for ((i = 1; i <= crowd; i++)); do
	echo "$PASSWORD" | postlab user add "user$i@campus.example" \
	    --password-stdin >/dev/null 2>&1 || fail "user add failed"
	mkdir -p "$DIR/mail/campus.example/user$i"
	cp -a "$mail/." "$DIR/mail/campus.example/user$i/"
done
cat >"$place/crowd.py" <<'PYTHON'
import glob, os, poplib, sys, threading
port, password, mail, crowd = int(sys.argv[1]), *sys.argv[2:4], int(sys.argv[4])
wrong = []

def visit(user):
    try:
        for _ in range(8):
            for name in glob.glob("%s/%s/index.sqlite*" % (mail, user)):
                os.unlink(name)
            pop = poplib.POP3("127.0.0.1", port, timeout=60)
            pop.user(user)
            pop.pass_(password)
            if pop.stat()[0] != 3:
                wrong.append("%s: %s" % (user, pop.stat()))
            pop.quit()
    except Exception as why:
        wrong.append("%s: %r" % (user, why))

threads = [threading.Thread(target=visit, args=("user%d" % i,))
           for i in range(1, crowd + 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(wrong[0] if wrong else 0)
PYTHON
python3 "$place/crowd.py" $((BASE + 110)) "$PASSWORD" \
    "$DIR/mail/campus.example" $crowd || fail "many logins without an index"
echo "also for many at once"

world_down
world_set pop3d login_delay 2
rm "$mail"/index.sqlite*
world_up
log_in alice >/dev/null || fail "alice cannot log in after the start"
# The delay counts from the login that succeeded, not from its first process.
sleep 2.5
log_in alice >/dev/null || fail "alice cannot log in again"
! log_in alice >/dev/null 2>"$place/why" || fail "login_delay does not hold"
grep -q LOGIN-DELAY "$place/why" || fail "$(cat "$place/why")"
! grep -h 'event=worker-died\|event=helper-died\|level=error' "$DIR"/log/* ||
    fail "something died"
echo "it is one login"
