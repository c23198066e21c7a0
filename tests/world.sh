# world.sh - a state folder with real daemons, for the tests written in bash.
#
# To be sourced.  world_make makes $DIR for campus.example with the accounts
# alice and bob, password 12345pass, on free ports above $BASE; world_up runs
# the daemons.  All of it is stopped and removed when the test exits.
#
# $BIN is the folder of the programs; $AS, if set, is a command to run them by.
BIN=${BIN:-$PWD/build/bin}
AS=${AS:-}
PASSWORD=12345pass
BASES=
# For people who run a test by hand as root with a strict umask.
umask 022

fail() {
	printf '%s\n' "$@" >&2
	exit 1
}

# Exit status 77: the test was not made; the last line says why.
skip() {
	echo "$*"
	exit 77
}

postlab() {
	$AS "$BIN/postlab" -d "$DIR" "$@"
}

# take_base: sets BASE to one whose ports nobody has.  Until the daemons listen
# they are free for others as well; so tests that run at a time have bases of
# their own (run.sh counts them in SLOT), and unit tests the ports from 24000.
# Those for outgoing connections begin at 32768.
take_base() {
	BASE=$(free_base ${BASES-}) || fail "no free ports"
	BASES+=" $BASE"
}

# free_base BASE...: prints one that is none of these.
free_base() {
	python3 - "${SLOT:-5}" "$@" <<-'PYTHON'
	import random, socket, sys
	slot, *taken = map(int, sys.argv[1:])
	while True:
	    # Of 30: no port of a world is another one's of the next.
	    base = random.randrange(10020 + 30 * slot, 23000, 6 * 30)
	    if base in taken:
	        continue
	    held = []
	    try:
	        for port in 24, 25, 26, 27, 587, 465, 110, 995:
	            held.append(socket.socket())
	            held[-1].bind(("127.0.0.1", base + port))
	        print(base)
	        break
	    except OSError:
	        pass
	PYTHON
}

# world_make PARENT [PROFILE]: PARENT is a folder that exists.
world_make() {
	DIR=$1/var
	take_base
	postlab init --domain campus.example --profile "${2:-homelab}" \
	    --port-base "$BASE" >"$1/init.out" || fail "init failed"
	for name in alice bob; do
		echo "$PASSWORD" | postlab user add $name@campus.example \
		    --password-stdin >/dev/null 2>&1 || fail "user add failed"
	done
}

# world_set SECTION KEY VALUE: sets it in postlab.conf, which has it once then.
world_set() {
	local text
	text=$(awk -v section="[$1]" -v key="$2" -v value="$3" '
	    $0 == section { print; print key " = " value; here = done = 1; next }
	    /^\[/ { here = 0 }
	    here && $1 == key { next }
	    { print }
	    END { if (!done) print section "\n" key " = " value }
	    ' "$DIR/postlab.conf") && printf '%s\n' "$text" >"$DIR/postlab.conf"
}

world_up() {
	postlab up --detach >"$DIR/log/up" || fail "the daemons do not start" \
	    "$(tail -n 20 "$DIR"/log/* 2>/dev/null)"
}

world_down() {
	[ -n "${DIR:-}" ] && [ -e "$DIR/postlab.conf" ] && postlab down
}

# Use: trap 'world_end FOLDER [COMMAND...]' EXIT.  COMMAND is run first: here, for
# before world_end its status would take the place of the test's.
world_end() {
	local status=$?
	"${@:2}"
	world_down >/dev/null 2>&1
	if [ $status != 0 ] && [ $status != 77 ] && [ -n "${DIR:-}" ]; then
		echo "the end of the log:" >&2
		tail -n 12 "$DIR"/log/* >&2 2>/dev/null
	fi
	rm -rf "$1"
	exit $status
}
