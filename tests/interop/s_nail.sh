# s_nail.sh - s-nail sends by submission, reads the Maildir, fetches by POP3.

s_nail() {
	HOME=$TEMP s-nail -:/ -Sv15-compat -Sexpandaddr "$@"
}

s_nail_sends() { # URL MECHANISM
	echo "a word from s-nail" | s_nail -Sfrom=$ALICE -Smta="$1" \
	    -Ssmtp-auth="$2" -Stls-verify=strict -Stls-ca-file="$CA" \
	    -Ssmtp-use-starttls -Ssendwait -s "$token" $BOB
}

# Its /TEXT is "the messages with TEXT in the subject".
s_nail_reads() {
	printf 'type /%s\nquit\n' "$token" | s_nail -R -N \
	    -f "$DIR/mail/campus.example/bob" | grep "^Subject: *$token"
}

s_nail_fetches() {
	printf 'headers\nquit\n' | s_nail -R -N -Spassword=$PASSWORD \
	    -Stls-verify=strict -Stls-ca-file="$CA" -Spop3-use-starttls \
	    -f "pop3://bob%40campus.example@localhost:$((BASE + 110))" |
	    grep alice
}

use_s_nail() {
	local mechanism login="alice%40campus.example:$PASSWORD"
	have s-nail || return
	for mechanism in $(mechanisms); do
		case $mechanism in SCRAM-* | DIGEST-*) continue ;; esac
		try "s-nail smtp AUTH $mechanism" sends_as ESMTPSA \
		    "s_nail_sends smtp://$login@localhost:$((BASE + 587)) \
		    ${mechanism,,}"
	done
	try "s-nail smtps" sends_as ESMTPSA \
	    "s_nail_sends smtps://$login@localhost:$((BASE + 465)) plain"
	try "s-nail reads the Maildir" s_nail_reads
	try "s-nail fetches by POP3" s_nail_fetches
}
