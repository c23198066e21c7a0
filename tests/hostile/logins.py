"""logins.py - AUTH that changes its mind, and STARTTLS with company.

Wrong passwords are counted by address, so each client here has its own in
127/8.  Nobody may be logged in who has not proved it.
"""
import base64
import itertools
import socket

from peer import ALICE, BOB, PASSWORD, at_once, demand

MECHANISMS = ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1",
              "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "EXTERNAL", "ANONYMOUS",
              "GSSAPI", "NTLM", "OTP"]
_hosts = itertools.count(2)


def stranger():
    """An address no failure is known of."""
    number = next(_hosts)
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


def base64_of(text):
    return base64.b64encode(text if isinstance(text, bytes)
                            else text.encode()).decode()


def is_logged_out(peer):
    peer.say(f"MAIL FROM:<{ALICE}>", 530)


def offered(peer):
    """The mechanisms EHLO lists."""
    peer.send("EHLO client.example\r\n")
    for text in peer.expect(250):
        if text.startswith("AUTH "):
            return text.split()[1:]
    return []


def test_a_mechanism_begun_is_no_help_to_the_next(world):
    """CVE-2011-1720: one SASL handle for two mechanisms."""
    for first, second in itertools.product(MECHANISMS, repeat=2):
        with world.msas(source=stranger()) as peer:
            peer.expect(220)
            offered(peer)
            for mechanism in first, second:
                peer.send(f"AUTH {mechanism}\r\n")
                code = peer.reply()[0]
                demand(code in (334, 501, 504, 538), mechanism, "gave", code)
                if code == 334:
                    peer.say("*", 501)
            is_logged_out(peer)
            peer.say(f"AUTH PLAIN {base64_of(f'{chr(0)}alice{chr(0)}{PASSWORD}')}",
                     235)
            peer.say(f"MAIL FROM:<{ALICE}>", 250)


def test_another_mechanism_is_no_answer(world):
    """In the dialog of one the words of another; then junk of every kind."""
    answers = ["AUTH PLAIN", base64_of(f"\0alice\0{PASSWORD}") + "\0", "=",
               "====", "A", "A===", "!", "YWxpY2U", " ", base64_of(b"\0" * 300),
               base64_of(b"\xff" * 5000), "n,,n=alice,r=x",
               base64_of("n,,n=alice,r="), base64_of("p=tls-unique,,n=a,r=b"),
               base64_of('username="alice",realm="x",nonce="y",response=z'),
               base64_of("alice " + "0" * 32), base64_of("alice " * 1000)]
    def try_it(mechanism, answer):
        with world.msas(source=stranger()) as peer:
            peer.expect(220)
            if mechanism not in offered(peer):
                return
            for _ in range(2):
                peer.say(f"AUTH {mechanism}", 334)
                peer.send(answer.encode("latin-1") + b"\r\n")
                code = peer.reply()[0]
                if code == 334:
                    peer.send(answer.encode("latin-1") + b"\r\n")
                    code = peer.reply()[0]
                if code == 334:
                    peer.say("*", 501)
                    continue
                demand(code in (500, 501, 535), mechanism, answer, code)
            is_logged_out(peer)

    at_once(try_it, itertools.product(MECHANISMS[:6], answers))


def test_an_initial_response_may_be_junk_too(world):
    junk = ["=", "*", "!", "A", "A" * 11000, base64_of("\0\0"),
            base64_of("\0alice\0"), base64_of("\0\0" + PASSWORD),
            base64_of(f"bob\0alice\0{PASSWORD}"), base64_of("alice\0" * 50),
            "x y z"]

    def try_it(mechanism, initial):
        with world.msas(source=stranger()) as peer:
            peer.expect(220)
            offered(peer)
            peer.send(f"AUTH {mechanism} {initial}\r\n")
            code = peer.reply()[0]
            if code == 334:
                peer.say("*", 501)
            else:
                demand(500 <= code < 560, mechanism, initial[:20], code)
            is_logged_out(peer)

    at_once(try_it, itertools.product(MECHANISMS[:6], junk))


def test_a_response_has_its_length(world):
    for octets, codes in ((12200, (334, 501, 535)), (12400, (500,)),
                          (1 << 20, (500,))):
        with world.msas(source=stranger()) as peer:
            peer.hello().say("AUTH PLAIN", 334)
            peer.send(b"A" * octets + b"\r\n")
            code = peer.reply()[0]
            demand(code in codes, octets, "octets:", code)
            is_logged_out(peer)


def test_five_wrong_passwords_end_the_session(world):
    with world.msas(source=stranger()) as peer:
        peer.hello()
        wrong = base64_of("\0alice\0wrong")
        peer.send(f"AUTH PLAIN {wrong}\r\n" * 12)
        codes = peer.rest()
        demand(codes[:4] == [535] * 4, codes)
        demand(len(codes) <= 6 and codes[-1] in (421, 454, 535), codes)


def test_twenty_wrong_passwords_a_minute_are_enough(world):
    """Counted by address, across sessions; the others still come in."""
    source, wrong = stranger(), base64_of("\0bob\0wrong")
    codes = []

    def guess():
        with world.msas(source=source) as peer:
            peer.hello()
            peer.send(f"AUTH PLAIN {wrong}\r\n" * 4 + "QUIT\r\n")
            codes.extend(code for code in peer.rest() if code != 221)

    at_once(guess, [()] * 10)
    demand(set(codes) <= {535, 454, 421}, codes)
    # Time lets one more pass in three seconds, and ten are tried at once.
    demand(20 <= codes.count(535) <= 32 and 454 in codes, codes)
    with world.msas(source=stranger()) as peer:
        right = base64_of(f"\0bob\0{PASSWORD}")
        peer.hello().say(f"AUTH PLAIN {right}", 235)


def test_nothing_said_in_clear_is_run_under_tls(world):
    """RFC 3207 4.2, CVE-2011-0411, in one segment and in two."""
    injected = (f"EHLO in.example\r\nMAIL FROM:<{ALICE}>\r\nRCPT TO:<{BOB}>\r\n"
                "DATA\r\nFrom: a\r\nSubject: injected\r\n\r\nx\r\n.\r\n")
    for connect in world.mta, world.msa:
        for begin in b"STARTTLS\r\n", b"starttls \r\n":
            with connect(source=stranger()) as peer:
                peer.hello()
                peer.send(begin + injected.encode())
                peer.expect(220)
                try:
                    peer.start_tls(world.tls)
                except OSError:
                    continue  # refused, which is well
                demand(peer.buffer == b"", peer.buffer)
                peer.say("NOOP", 250)
                peer.say(f"MAIL FROM:<{ALICE}>", 503)
                peer.say("EHLO again.example", 250)
                peer.say("QUIT", 221)
                demand(peer.rest() == [], "more was answered")
    demand(world.new_mails() == {}, "the injected mail was delivered")


def test_starttls_forgets_the_transaction_and_the_login(world):
    with world.mta() as peer:
        peer.hello().say(f"MAIL FROM:<{ALICE}>", 250)
        peer.say(f"RCPT TO:<{BOB}>", 250)
        peer.say("STARTTLS", 220)
        peer.start_tls(world.tls)
        for line in "DATA", f"RCPT TO:<{BOB}>", f"MAIL FROM:<{ALICE}>":
            peer.say(line, 503)
        texts = peer.say("EHLO x.example", 250)
        demand("STARTTLS" not in texts, texts)
        peer.say("STARTTLS", 503)
    if world.strict:
        return
    with world.msa(source=stranger()) as peer:
        peer.hello()
        peer.say(f"AUTH PLAIN {base64_of(f'{chr(0)}alice{chr(0)}{PASSWORD}')}", 235)
        peer.say("STARTTLS", 220)
        peer.start_tls(world.tls)
        peer.say("EHLO x.example", 250)
        is_logged_out(peer)


def test_a_handshake_that_fails_ends_the_connection(world):
    for junk in (b"EHLO x\r\nQUIT\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 400,
                 b"\x15\x03\x03\0\x02\x02\x28", b"\0" * 600):
        with world.mta() as peer:
            peer.hello().say("STARTTLS", 220)
            answer = b""
            try:
                peer.send(junk)
                peer.socket.shutdown(socket.SHUT_WR)
                while more := peer.socket.recv(65536):
                    answer += more
            except OSError as error:
                demand(not isinstance(error, TimeoutError), "still waits")
            demand(not answer or answer[:1] == b"\x15", junk[:20], answer)


def test_the_end_of_tls_is_the_end_of_the_connection(world):
    """CVE-2026-45185: close_notify in the middle, then plaintext."""
    for chunking in True, False:
        with world.mta() as peer:
            peer.hello().say("STARTTLS", 220)
            peer.start_tls(world.tls)
            texts = peer.say("EHLO x.example", 250)
            peer.say(f"MAIL FROM:<{ALICE}>", 250)
            peer.say(f"RCPT TO:<{BOB}>", 250)
            if chunking and "CHUNKING" not in texts:
                continue
            peer.send(b"BDAT 4000 LAST\r\n" if chunking else b"DATA\r\n")
            if not chunking:
                peer.expect(354)
            peer.send(b"From: a\r\nSubject: half\r\n\r\n")
            plain = peer.socket
            try:
                plain = peer.socket.unwrap()
            except OSError:
                pass
            try:
                plain.sendall(b"x" * 5000 + b"\r\n.\r\nNOOP\r\nQUIT\r\n")
                answer = plain.recv(65536)
            except OSError:
                answer = b""
            demand(answer == b"", "in clear it said", answer)
            plain.close()
    demand(world.new_mails() == {}, "half a message was delivered")
