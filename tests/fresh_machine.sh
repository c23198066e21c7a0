#!/usr/bin/env bash
# fresh_machine.sh - the promise of the README, on a Debian 12 that has git and make.
#
#   tests/fresh_machine.sh [run|check]     as root; needs debootstrap
#
# Clones HEAD into a new chroot and says there `make run` and, if asked,
# `make check`: first as root, then as an ordinary user.  Not part of make
# check: it downloads a system.  $CHROOT is where (kept: the base is reused).
set -eu
what=${1:-run}
top=$(cd "$(dirname "$0")/.." && pwd)
where=${CHROOT:-/tmp/postlab-fresh}
mirror=${MIRROR:-$(sed -n 's/^URIs: *//p' \
    /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)}

mkdir -p "$where"
[ -e "$where/base.tar" ] || {
	debootstrap --variant=minbase --include=git,make,ca-certificates bookworm \
	    "$where/base" "${mirror:-http://deb.debian.org/debian}"
	tar -C "$where/base" -cf "$where/base.tar" . && rm -rf "$where/base"
}
root=$where/root
cleanup() {
	umount -l "$root/proc" "$root/dev/pts" "$root/dev/shm" "$root/dev" \
	    2>/dev/null || true
}
trap cleanup EXIT
cleanup
rm -rf --one-file-system "$root" && mkdir -p "$root"
tar -C "$root" -xf "$where/base.tar"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"
git clone -q --bare "$top" "$root/postlab.git"

in_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root TERM=dumb bash -euc "$1" </dev/null; }

in_root "git config --system --add safe.directory '*'"
echo "== root: git clone, make $what"
in_root "cd /root && git clone -q /postlab.git postlab && cd postlab && make $what"
echo "== an ordinary user: git clone, make $what"
in_root "useradd -m student && su student -c 'cd && git clone -q /postlab.git \
    postlab && cd postlab && make $what'"
echo "fresh machine: passed"
