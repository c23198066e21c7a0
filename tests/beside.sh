#!/usr/bin/env bash
# beside.sh - runs a command where Debian packages seem to be installed that
# are not: for a peer whose package would start a service of the system, or
# take the place of another.
#
#   tests/beside.sh FOLDER PACKAGE... -- COMMAND...
#
# They are unpacked below FOLDER, once, and laid over /usr in a mount namespace
# that ends with the command, and so do its processes: SIGKILL to this one ends
# all of them (unshare ignores SIGTERM).  Exit 77: not possible here.  As root; an
# ordinary user is root in a user namespace of his own, where that is allowed.
set -eu
root=$1/root debs=$1/deb packages=()
shift
while [ "$1" != -- ]; do packages+=("$1"); shift; done
shift

skip() { echo "$*" >&2; exit 77; }

if [ ! -e "$root/complete" ]; then
	mkdir -p "$root/usr" "$debs"
	(cd "$debs" && apt-get download "${packages[@]}" >/dev/null 2>&1) ||
	    skip "no packages to be had: ${packages[*]}"
	for deb in "$debs"/*.deb; do dpkg -x "$deb" "$root"; done
	: >"$root/complete"
fi
own=()
[ "$(id -u)" = 0 ] || own=(--user --map-root-user)
unshare --mount --pid --fork "${own[@]}" true 2>/dev/null ||
    skip "no mount namespaces here"
# shellcheck disable=SC2016
exec unshare --mount --pid --fork --kill-child --mount-proc \
    "${own[@]}" sh -c '
	mount -t overlay -o lowerdir="$1/usr:/usr" overlay /usr || exit 77
	shift
	exec "$@"' sh "$(realpath "$root")" "$@"
