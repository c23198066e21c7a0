# mutt.sh - mutt sends by submission, works on the Maildir, fetches by POP3; and
# so does neomutt, its younger relative.

# A mutt without a person: KEYS are pressed in it, on a terminal of its own
# where nobody types (a fifo that we hold open).
mutt_in_batch() { # KEYS [arguments]
	local keys=$1
	shift
	[ -p "$TEMP/nobody" ] || mkfifo "$TEMP/nobody"
	cat >"$TEMP/muttrc" <<-RC
	set quit=yes move=no confirmappend=no wait_key=no mark_old=no
	set mailcap_path="" sort=date-received pop_delete=no pop_last=no
	set from=$ALICE realname="Alice" use_from=yes record=""
	set certificate_file=$CA ssl_force_tls=no ssl_starttls=yes
	set smtp_pass=$PASSWORD pop_pass=$PASSWORD pop_user=$BOB
	set header_cache="" tmpdir=$TEMP folder=$TEMP
	push "$keys"
	RC
	HOME=$TEMP TERM=xterm timeout 120 script -qec \
	    "${MUTT:-mutt} -n -F $TEMP/muttrc $*" /dev/null <>"$TEMP/nobody"
}

mutt_reads() {
	rm -f "$TEMP/read"
	mutt_in_batch "<limit>~s $token<enter><pipe-message>cat >$TEMP/read\
<enter><sync-mailbox><exit><exit>" \
	    -f "$DIR/mail/campus.example/bob" && grep "$token" "$TEMP/read"
}

# The id by which POP3 knows bob's message of that subject.
id_of() { # SUBJECT
	python3 - $((BASE + 995)) "$PASSWORD" "$CA" "$1" <<-'PYTHON'
	import poplib, ssl, sys
	port, password, ca, subject = sys.argv[1:]
	pop = poplib.POP3_SSL("localhost", int(port), timeout=120,
	                      context=ssl.create_default_context(cafile=ca))
	pop.user("bob")
	pop.pass_(password)
	for line in pop.uidl()[1]:
	    number, name = line.decode().split()
	    if f"Subject: {subject}".encode() in pop.top(int(number), 0)[1]:
	        print(name)
	pop.quit()
	PYTHON
}

# It removes one message and flags another: POP3 has the one no more, and the
# other under the id it had, though in new/, where mutt leaves what is not read.
mutt_changes() {
	local box=$DIR/mail/campus.example/bob gone kept id
	post $BOB && gone=$token && post $BOB && kept=$token &&
	    id=$(id_of "$kept") && [ -n "$id" ] && [ -n "$(id_of "$gone")" ] &&
	    mutt_in_batch "<limit>~s $gone<enter><delete-message>\
<limit>~s $kept<enter><flag-message><sync-mailbox><exit><exit>" \
		-e \"set delete=yes\" -f "$box" &&
	    [ -z "$(id_of "$gone")" ] && [ "$(id_of "$kept")" = "$id" ] &&
	    ls "$box"/*/"$id",*:2,*F*
}

mutt_sends() { # URL MECHANISM
	rm -f "$TEMP/sent"
	echo "a word from mutt" | HOME=$TEMP mutt -n -F /dev/null \
	    -e "set from=$ALICE smtp_url=$1 smtp_pass=$PASSWORD" \
	    -e "set smtp_authenticators=$2 certificate_file=$CA record=''" \
	    -e "set ssl_starttls=yes ssl_force_tls=yes" \
	    -e "set dsn_notify='failure,delay' dsn_return=hdrs" \
	    -s "$token" -a "$CA" -- $BOB
}

mutt_fetches() { # URL [MECHANISM]
	rm -f "$TEMP/read"
	echo "${2:+set pop_authenticators=$2}" >"$TEMP/more"
	mutt_in_batch "<limit>~s $token<enter><pipe-message>cat >$TEMP/read\
<enter><exit><exit>" -e \"source $TEMP/more\" -f "$1" &&
	    grep "$token" "$TEMP/read"
}

# Both on a message of bob's; neomutt chooses how it logs in.
use_mutt_by_pop3() {
	local mechanism pop=pop://bob%40campus.example@localhost:$((BASE + 110))
	for mechanism in $(mechanisms); do
		try "mutt pop3 AUTH $mechanism" mutt_fetches "$pop" "${mechanism,,}"
	done
	try "mutt pop3s USER" mutt_fetches \
	    "pops://bob@localhost:$((BASE + 995))" user
}

use_neomutt() {
	have neomutt || return
	MUTT=neomutt
	try "neomutt reads the Maildir" mutt_reads
	try "neomutt changes the Maildir" mutt_changes
	try "neomutt pop3" mutt_fetches \
	    "pop://bob%40campus.example@localhost:$((BASE + 110))"
	try "neomutt pop3s" mutt_fetches "pops://bob@localhost:$((BASE + 995))"
	MUTT=mutt
}

use_mutt() {
	local mechanism login=alice%40campus.example
	have mutt && have script || return
	for mechanism in $(mechanisms); do
		try "mutt smtp AUTH $mechanism" sends_as ESMTPSA "mutt_sends \
		    smtp://$login@localhost:$((BASE + 587)) ${mechanism,,}"
	done
	try "mutt smtps" sends_as ESMTPSA \
	    "mutt_sends smtps://$login@localhost:$((BASE + 465)) plain"
	try "mutt reads the Maildir" mutt_reads
	try "mutt changes the Maildir" mutt_changes
	use_mutt_by_pop3
	use_neomutt
}
