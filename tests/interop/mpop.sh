# mpop.sh - mpop fetches by POP3, with every mechanism of GNU SASL, pipelined.

# mpop_fetches MECHANISM [option value ...]: all there is into $TEMP/mpop/new.
mpop_fetches() {
	local mechanism=$1
	shift
	rm -rf "$TEMP/mpop" "$TEMP/mpop.uidls"
	mkdir -p "$TEMP"/mpop/{tmp,new,cur}
	(umask 077 && {
		printf '%s\n' defaults "account bob" "host localhost" \
		    "user $BOB" "password $PASSWORD" "auth $mechanism" \
		    "timeout 120" "tls_trust_file $CA" "uidls_file $TEMP/mpop.uidls" \
		    "delivery maildir $TEMP/mpop" "received_header off"
		printf '%s %s\n' "$@"
	} >"$TEMP/mpoprc")
	mpop -C "$TEMP/mpoprc" bob
}

over_stls() { # mpop_fetches ...
	"$@" port $((BASE + 110)) tls on tls_starttls on
}
over_tls() {
	"$@" port $((BASE + 995)) tls on tls_starttls off
}
in_clear() {
	"$@" port $((BASE + 110)) tls off
}

# They are files of ours: nothing else is changed.
mpop_has_all() {
	local file copy wanted=0 had=0
	for file in "$DIR"/mail/campus.example/bob/{new,cur}/*; do
		[ -f "$file" ] || continue
		wanted=$((wanted + 1))
		for copy in "$TEMP"/mpop/new/*; do
			cmp -s "$file" "$copy" && had=$((had + 1)) && break
		done
	done
	echo "$had of $wanted messages are the same"
	[ $wanted -gt 0 ] && [ $had = $wanted ]
}

mpop_keeps() { # HOW MECHANISM
	post $BOB && "$1" mpop_fetches "$2" keep on && mpop_has_all
}

# The second time there is nothing new: the ids are the same.
mpop_knows_ids() {
	post $BOB && over_tls mpop_fetches user keep on &&
	    rm -f "$TEMP"/mpop/new/* &&
	    mpop -C "$TEMP/mpoprc" bob && post $BOB &&
	    mpop -C "$TEMP/mpoprc" bob &&
	    [ "$(find "$TEMP/mpop/new" -type f | wc -l)" = 1 ] &&
	    grep -q "^Subject: $token" "$TEMP"/mpop/new/*
}

mpop_removes() { # pipelining: auto or off
	post $BOB && over_stls mpop_fetches user keep off pipelining "$1" &&
	    grep -q "^Subject: $token" "$TEMP"/mpop/new/* &&
	    [ "$(messages bob)" = 0 ]
}

use_mpop() {
	local mechanism
	have mpop || return
	for mechanism in user $(mechanisms | tr A-Z a-z); do
		try "mpop $mechanism over STLS" mpop_keeps over_stls $mechanism
		try "mpop $mechanism over TLS" mpop_keeps over_tls $mechanism
	done
	if [ "$world" = classroom ]; then
		try "mpop in clear" mpop_keeps in_clear user
		try "mpop CRAM-MD5 in clear" mpop_keeps in_clear cram-md5
	else
		try "mpop in clear is refused" refused TLS \
		    in_clear mpop_fetches user keep on
	fi
	try "mpop APOP is refused" refused APOP over_stls mpop_fetches apop keep on
	try "mpop finds out what is new" mpop_knows_ids
	try "mpop removes what it has fetched" mpop_removes auto
	try "mpop removes, one command at a time" mpop_removes off
}
