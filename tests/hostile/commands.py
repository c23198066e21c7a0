"""commands.py - too long, too many, too early, or no SMTP at all."""
import json
import os
import random
import signal
import ssl
import subprocess
import time

from peer import ALICE, BOB, Peer, at_once, demand

RECIPIENTS = 1000  # the limit of a transaction, as LIMITS RCPTMAX says


def line_of(octets, start=b"NOOP "):
    """A command line of so many octets, with its CRLF."""
    return start.ljust(octets - 2, b"x") + b"\r\n"


def test_a_command_line_has_512_octets(world):
    with world.mta() as peer:
        peer.hello()
        for octets, code in ((511, 250), (512, 250), (513, 500), (2048, 500),
                             (65536, 500), (1 << 20, 500), (512, 250)):
            peer.send(line_of(octets))
            peer.expect(code, octets, "octets:")


def test_a_long_line_in_pieces_is_one_mistake(world):
    with world.mta() as peer:
        peer.hello()
        peer.send(b"NOOP ", *[b"x" * 300] * 20, b"\r\n")
        peer.expect(500)
        # Its end is no command of its own.
        peer.send(b"NOOP ".ljust(70000) + b"QUIT\r\nNOOP\r\n")
        peer.expect(500)
        peer.expect(250)


def test_a_long_argument_is_refused(world):
    with world.mta() as peer:
        peer.hello()
        for line in (b"HELO " + b"h" * 600, b"MAIL FROM:<" + b"a" * 65 + b"@x.example>",
                     b"MAIL FROM:<a@" + b"d." * 130 + b"example>",
                     b"MAIL FROM:<" + b"a" * 20000 + b">",
                     b"STARTTLS " + b"x" * 600, b"x" * 512):
            peer.send(line + b"\r\n")
            code = peer.reply()[0]
            demand(500 <= code < 560, line[:30], "gave", code)


def test_twenty_bad_commands_end_the_session_slowly(world):
    def pester(bad, answer):
        with world.mta() as peer:
            peer.hello().say(f"MAIL FROM:<{ALICE}>", 250)
            start = time.monotonic()
            peer.send(bad * 30)
            codes = peer.rest()
            seconds = time.monotonic() - start
        demand(codes == [answer] * 19 + [421], bad, "gave", codes)
        demand(seconds >= 8, "ended after", seconds, "seconds")

    at_once(pester, ((b"FNORD\r\n", 500), (b"MAIL FROM:<x>\r\n", 503),
                     (b"RCPT TO:<nobody@campus.example>\r\n", 550)))


def test_the_recipient_one_too_many_is_told_so(world):
    with world.mta() as peer:
        peer.hello().say(f"MAIL FROM:<{ALICE}>", 250)
        for number in range(RECIPIENTS):
            peer.send(f"RCPT TO:<{BOB}>\r\n")
        for number in range(RECIPIENTS):
            peer.expect(250, "recipient", number + 1)
        texts = peer.say(f"RCPT TO:<{BOB}>", 452)
        demand(texts[0].startswith("4.5.3 "), texts)
        peer.say("DATA", 354)
        peer.say(f"From: <{ALICE}>\r\n\r\nx\r\n.", 250)
    demand(len(world.new_mails()) == 1, "not one copy for one mailbox")


def test_ten_thousand_recipients_hurt_nobody(world):
    with world.mta() as peer:
        peer.hello().say(f"MAIL FROM:<{ALICE}>", 250)
        codes = {250: 0, 452: 0}
        for _ in range(0, 10001, 73):
            peer.send(f"RCPT TO:<{BOB}>\r\n" * 73)
            for _ in range(73):
                code = peer.reply()[0]
                demand(code in codes, code)
                codes[code] += 1
        demand(codes[250] == RECIPIENTS, codes)
        peer.say("RSET", 250)
        peer.begin()
        peer.say(f"From: <{ALICE}>\r\n\r\nx\r\n.", 250)
    demand(len(world.new_mails()) == 1, "not one message")


def test_a_web_browser_is_sent_away(world):
    for request in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n"
                    b"EHLO x\r\nMAIL FROM:<a@b.example>\r\n",
                    b"CONNECT mail:25 HTTP/1.1\r\n\r\nEHLO x\r\n"):
        with world.mta() as peer:
            peer.expect(220)
            peer.send(request)
            codes = peer.rest()
            demand(codes == [421], request[:20], "gave", codes)


def client_hello():
    """The first flight of a TLS client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(
        incoming, outgoing, server_hostname="mail.campus.example")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def foreign_talk():
    yield "TLS", client_hello()
    yield "SMB", (b"\0\0\0\x85\xffSMB\x72\0\0\0\0\x18\x53\xc8" + bytes(20)
                  + b"\x02NT LM 0.12\0\r\n")
    yield "SSH", b"SSH-2.0-OpenSSH_9.2\r\n"
    yield "RDP", b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0\r\n"
    yield "SIP", b"OPTIONS sip:nm SIP/2.0\r\n\r\n"
    yield "socks", b"\x05\x01\0\r\n\x04\x01\0\x19\x7f\0\0\x01\0\r\n"
    random.seed(25)
    for octets in 1, 100, 5000, 200000:
        yield f"{octets} random bytes", random.randbytes(octets) + b"\r\n"
    yield "CRs", b"\r" * 3000 + b"\n"
    yield "LFs", b"\n" * 300
    yield "NULs", b"\0" * 3000 + b"\r\n"
    yield "telnet", b"\xff\xfa\x18" + b"x" * 9000 + b"\r\n\xff\xf0\r\n"


def test_foreign_talk_gets_errors_and_no_more(world):
    def chatter(name, talk):
        with world.mta() as peer:
            peer.hello()
            try:
                peer.send(talk + b"\r\nQUIT\r\n")
                codes = peer.rest()
            except OSError:
                return  # it has hung up on us, which is well
        codes = [code for code in codes if code != 221]
        demand(all(400 <= code < 600 for code in codes), name, codes)
        demand(len(codes) <= 20, name, "got", len(codes), "answers")

    at_once(chatter, foreign_talk())


def test_foreign_talk_is_no_tls_handshake(world):
    def chatter(talk):
        with Peer(world.base + 465) as peer:
            try:
                peer.send(talk)
                # An alert, perhaps, then the end.
                while peer.socket.recv(65536):
                    pass
            except OSError as error:
                demand(not isinstance(error, TimeoutError), "still waits")

    at_once(chatter, [(talk,) for name, talk in foreign_talk()
                      if name != "TLS"])


def processes(world):
    """smtpd's.  Who they are is not to be read in /proc by who is not root."""
    status = subprocess.run(
        [os.environ["BIN"] + "/postlab", "-d", world.folder, "status", "--json"],
        stdout=subprocess.PIPE, check=False).stdout
    return [process["pid"] for process in json.loads(status)["processes"]
            if process["program"] == "smtpd"]


def test_who_cannot_wait_for_the_greeting(world):
    """The server is stopped while its client speaks: it is early for sure."""
    stopped = processes(world)
    demand(stopped, "no process of smtpd is found")
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        peer = world.mta()
        peer.send(f"EHLO x.example\r\nMAIL FROM:<{ALICE}>\r\n"
                  f"RCPT TO:<{BOB}>\r\nDATA\r\nFrom: a\r\n\r\nx\r\n.\r\nQUIT\r\n")
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    with peer:
        codes = peer.rest()
    if world.strict:
        demand(codes == [521], codes)
        demand(world.new_mails() == {}, "it was delivered")
    else:
        demand(codes == [220, 250, 250, 250, 354, 250, 221], codes)
        demand(len(world.new_mails()) == 1, "it was not delivered")


def test_text_lines_end_somewhere(world):
    start = b"From: <alice@campus.example>\r\n"
    for text, code in ((b"\r\n" + b"x" * 998, 250),
                       (b"\r\n" + b"x" * 65536, 250),
                       (b"\r\n" + b"x" * 65537, 554),
                       (b"\r\n" + b"x" * 900000, 554),
                       (b"X-Long: " + b"x" * 65536 + b"\r\n", 554)):
        with world.mta() as peer:
            peer.hello().begin()
            peer.send(start + text + b"\r\n.\r\n")
            peer.expect(code, len(text), "octets:")
            peer.say("NOOP", 250)
        demand(len(world.new_mails()) == (code == 250), len(text), "octets")

def test_a_header_has_a_mebibyte(world):
    field = b"X-A: b\r\n"
    for count, codes in ((1 << 16, [250]), (1 << 18, [552, 554])):
        with world.mta() as peer:
            peer.hello().begin()
            peer.send(field * count + b"From: <a@b.example>\r\n\r\nx\r\n.\r\n")
            code = peer.reply()[0]
            demand(code in codes, count, "fields:", code)
            peer.say("NOOP", 250)
        demand(len(world.new_mails()) == (code == 250), count, "fields")
