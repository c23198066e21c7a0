# thunderbird.sh - POP3 in the order in which Thunderbird talks: CAPA and AUTH
# without an argument, STLS, the same again, then a mechanism, STAT, LIST, UIDL,
# the undocumented XTND XLST, TOP and RETR, DELE.
#
# A stand-in: it does not come without a screen.

thunderbird_fetches() {
	python3 - $((BASE + 110)) bob "$PASSWORD" "$CA" "$token" <<-'END'
	import base64, socket, ssl, sys
	port, user, password, ca, token = sys.argv[1:]
	sock = socket.create_connection(("127.0.0.1", int(port)), 120)
	file = sock.makefile("rwb")

	def line():
	    return file.readline().decode().rstrip("\r\n")

	def say(text, many=False):
	    file.write(text.encode() + b"\r\n")
	    file.flush()
	    first, rest = line(), []
	    if many and first.startswith("+OK"):
	        while (more := line()) != ".":
	            rest.append(more[1:] if more.startswith(".") else more)
	    return first, rest

	assert line().startswith("+OK")
	before = say("CAPA", True)[1]
	assert "STLS" in before and "UIDL" in before, before
	say("AUTH", True)
	assert say("STLS")[0].startswith("+OK")
	sock = ssl.create_default_context(cafile=ca).wrap_socket(
	    sock, server_hostname="localhost")
	file = sock.makefile("rwb")
	after = say("CAPA", True)[1]
	assert "STLS" not in after
	sasl = [words for words in after if words.startswith("SASL ")][0].split()
	assert "PLAIN" in sasl
	say("AUTH", True)
	assert say("AUTH PLAIN")[0].startswith("+")
	answer = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
	assert say(answer)[0].startswith("+OK")
	count = int(say("STAT")[0].split()[1])
	assert len(say("LIST", True)[1]) == count > 0
	uids = say("UIDL", True)[1]
	assert len({uid.split()[1] for uid in uids}) == count
	assert say("XTND XLST Message-Id", True)[0].startswith("-ERR")
	assert say(f"TOP {count} 20", True)[0].startswith("+OK")
	text = say(f"RETR {count}", True)[1]
	assert f"Subject: {token}" in text, text
	assert say(f"DELE {count}")[0].startswith("+OK")
	assert say("QUIT")[0].startswith("+OK")
	END
}

# His last message is the one that was sent just now; it is removed then.
thunderbird_removes() {
	new_token
	printf 'Subject: %s\n\nx\n' "$token" | "$BIN/mda" -d "$DIR" -f $ALICE \
	    $BOB && [ "$(copies bob "$token")" = 1 ] && thunderbird_fetches &&
	    [ "$(copies bob "$token")" = 0 ]
}

use_thunderbird() {
	try "Thunderbird's order of POP3 over STLS" thunderbird_removes
}
