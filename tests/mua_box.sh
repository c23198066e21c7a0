# mua_box.sh - sourced by the mua's tests: the fixed mailbox they look at.
#
# Names give the order and the time of delivery; everything a screen shows of
# it is the same on every machine.

export LC_ALL=C.UTF-8 TZ=UTC

# make_box DIR: a Maildir with the messages of tests/mua-mail.
make_box() {
	local n=0 file name folder flags size
	mkdir -p "$1/new" "$1/cur" "$1/tmp"
	for file in "$here"/mua-mail/*.eml; do
		n=$((n + 1)) folder=new flags=
		case $n in
		1) folder=cur flags=:2,S ;;
		3) folder=cur flags=:2,FS ;;
		5) folder=cur flags=:2,RS ;;
		esac
		size=$(stat -c %s "$file")
		name=$((1795313597 + n * 3600)).M${n}P1Q1.desk,S=$size
		name=$name,W=$((size + $(grep -ac '' "$file")))$flags
		cp "$file" "$1/$folder/$name"
	done
}

# make_threads DIR: a Maildir with two threads, one joined by its subject alone.
make_threads() {
	local n=0 who id refs subject flags
	mkdir -p "$1/new" "$1/cur" "$1/tmp"
	while IFS='|' read -r who id refs subject; do
		n=$((n + 1)) flags=S
		[ $n -lt 6 ] || flags=
		{
			echo "From: $who Writer <$who@campus.example>"
			echo "To: bob@campus.example"
			echo "Date: Sun, 22 Nov 2026 0$n:00:00 +0000"
			echo "Message-ID: <$id@campus.example>"
			[ -z "$refs" ] || echo "References: $refs"
			printf 'Subject: %s\n\nText %s.\n' "$subject" $n
		} >"$1/cur/$((1795313597 + n)).M${n}P1Q1.desk:2,$flags"
	done <<'M'
alice|1||Plan for the exam
bob|2|<1@campus.example>|Re: Plan for the exam
carol|3||Lunch
dave|4|<1@campus.example> <2@campus.example>|Re: Plan for the exam
eve|5||Re: Lunch
frank|6|<1@campus.example>|Rooms (was: Plan for the exam)
M
}

failures=0
fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}
