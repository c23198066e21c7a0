#!/usr/bin/env bash
# manual.sh - the manual pages are well-formed, the other pages name files and
# functions that exist, and make install puts everything where it belongs.
set -u
pages='smtpd/smtpd.8 mda/mda.8 pop3d/pop3d.8 admin/postlab.8 mua/mua.1
    docs/postlab.conf.5'
for page in $pages; do
	# Our pages name one another; they are not installed here.
	out=$(mandoc -Tlint "$page" | grep -v 'referenced manual not found')
	[ -z "$out" ] || { echo "$out"; exit 1; }
done
# Every file that a page for readers names is there.
for page in README.md docs/*.md; do
	for file in $(grep -oE '`[A-Za-z0-9_/.-]+/[A-Za-z0-9_.-]+\.(c|h|sh|md|txt|conf|dialog)`' \
	    "$page" | tr -d '`' | grep -vE '^(run|var|build|tls|queue)/'); do
		[ -e "$file" ] || { echo "$page names $file"; exit 1; }
	done
done
# "`function()` (`file.c`)": it is there; and a file without a folder is in one.
for page in README.md docs/*.md; do
	while read -r name file; do
		grep -q "^$name(" "$file" || {
			echo "$page: $name() is not in $file"; exit 1; }
	done < <(grep -oE '`[a-z0-9_]+\(\)`( \(| in )`[a-z0-9_/]+/[a-z0-9_]+\.c`' \
	    "$page" | tr -d '`()' | sed 's/ in / /')
	for file in $(grep -oE '`[a-z0-9_]+\.[ch]`' "$page" | tr -d '`'); do
		compgen -G "*/$file" >/dev/null || {
			echo "$page names $file"; exit 1; }
	done
done
root=$(mktemp -d "${TMPDIR:-/tmp}/postlab-install-XXXXXX")
trap 'rm -rf "$root"' EXIT
make -s install DESTDIR="$root" PREFIX=/usr >/dev/null || exit 1
for file in bin/mua sbin/smtpd sbin/mda sbin/pop3d sbin/postlab \
    share/man/man1/mua.1 share/man/man5/postlab.conf.5 \
    share/man/man8/{smtpd,mda,pop3d,postlab}.8; do
	[ -s "$root/usr/$file" ] || { echo "$file is not installed"; exit 1; }
done
