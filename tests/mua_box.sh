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

failures=0
fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}
