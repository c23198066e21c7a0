#!/usr/bin/env python3
"""secure.py - AUTH and TLS of the running daemons, seen by a client.

  secure.py WORLD BASE DIR     runs the tests of that world, a line each

Exit status 0 when all passed.  BASE is the port base, DIR the state folder of
daemons that secure.sh has started; the accounts are alice and bob.
"""
import base64
import glob
import os
import re
import signal
import socket
import ssl
import sys
import time
import traceback

PASSWORD = "12345pass"
WORLD, BASE, DIR = sys.argv[1], int(sys.argv[2]), sys.argv[3]
TESTS = []


def test(*worlds):
    def add(function):
        if WORLD in worlds:
            TESTS.append(function)
        return function
    return add


def b64(text):
    return base64.b64encode(text.encode()).decode()


def tls_context(**options):
    context = ssl.create_default_context(cafile=DIR + "/tls/ca.pem")
    for name, value in options.items():
        setattr(context, name, value)
    return context


class Client:
    """One connection; replies are strings with all their lines.

    expect() compares the first line, be it the only one or not.
    """

    def __init__(self, port, implicit=False):
        self.socket = socket.create_connection(("127.0.0.1", BASE + port), 20)
        if implicit:
            self.wrap(tls_context())
        self.file = self.socket.makefile("rb")
        self.greeting = self.reply()

    def wrap(self, context, **options):
        self.socket = context.wrap_socket(self.socket,
                                          server_hostname="localhost", **options)
        self.file = self.socket.makefile("rb")

    def reply(self):
        lines = []
        while True:
            line = self.file.readline().decode()
            lines.append(line)
            if line[3:4] != "-":
                return "".join(lines)

    def send(self, text):
        self.socket.sendall(text.encode())

    def say(self, line):
        self.send(line + "\r\n")
        return self.reply()

    def expect(self, line, beginning):
        reply = self.say(line)
        first = reply[:3] + " " + reply[4:]
        assert first.startswith(beginning.replace("-", " ")), (line, reply)
        return reply

    def starttls(self, context=None, **options):
        self.expect("STARTTLS", "220 ")
        self.wrap(context or tls_context(), **options)

    def ended(self):
        try:
            return self.file.read() == b""
        except OSError:
            return True

    def close(self):
        self.file.close()
        self.socket.close()


def submission(tls=True):
    client = Client(587)
    client.expect("EHLO client.example", "250-")
    if tls:
        client.starttls()
        client.expect("EHLO client.example", "250-")
    return client


def log_text():
    return "".join(open(name, errors="replace").read()
                   for name in glob.glob(DIR + "/log/*") if os.path.isfile(name))


def until(what, seconds=20):
    """Waits for a condition that must come true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def master(program):
    return int(open(f"{DIR}/run/{program}.pid").read().split()[0])


def send_mail(client, subject, sender="alice@campus.example"):
    client.expect(f"MAIL FROM:<{sender}>", "250 ")
    client.expect("RCPT TO:<bob@campus.example>", "250 ")
    client.expect("DATA", "354 ")
    client.expect(f"From: <{sender}>\r\nSubject: {subject}\r\n\r\nx\r\n.", "250 ")


def delivered(subject):
    texts = [open(name, errors="replace").read() for name in
             glob.glob(DIR + "/mail/campus.example/bob/*/*") if os.path.isfile(name)]
    return [text for text in texts if f"Subject: {subject}\n" in text]


# --- AUTH -------------------------------------------------------------------

@test("homelab")
def passwords_are_asked_for_under_tls_only():
    client = submission(tls=False)
    offered = client.say("EHLO client.example")
    assert "SCRAM-SHA-256" in offered, offered
    assert "PLAIN" not in offered and "LOGIN" not in offered, offered
    client.expect("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}"), "538 5.7.11")
    client.expect("AUTH LOGIN", "538 5.7.11")
    client.expect("AUTH CRAM-MD5", "504 5.5.4")
    client.starttls()
    assert "PLAIN LOGIN" in client.say("EHLO client.example")
    client.expect("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}"), "235 2.7.0")


@test("homelab", "classroom")
def the_fifth_failure_ends_the_connection():
    client = submission()
    for _ in range(2):
        client.expect("AUTH PLAIN " + b64("\0alice\0wrong"), "535")
    # Neither a failure that is none nor a new EHLO begins anew.
    client.expect("AUTH PLAIN not-base64", "501")
    client.expect("EHLO client.example", "250-")
    for _ in range(2):
        client.expect("AUTH PLAIN " + b64("\0nobody\0wrong"), "535")
    client.expect("AUTH PLAIN " + b64("\0alice\0wrong"), "421 4.7.0")
    assert client.ended()


@test("homelab", "classroom")
def starttls_does_not_forget_failures():
    client = submission(tls=False)
    scram = b64("n,,n=alice,r=abcdefgh")
    for _ in range(3):
        challenge = client.expect("AUTH SCRAM-SHA-256 " + scram, "334 ")
        nonce = base64.b64decode(challenge[4:]).decode().split(",")[0]
        client.expect(b64(f"c=biws,{nonce},p={'A' * 43}="), "535")
    client.starttls()
    client.expect("EHLO client.example", "250-")
    client.expect("AUTH PLAIN " + b64("\0alice\0wrong"), "535")
    client.expect("AUTH PLAIN " + b64("\0alice\0wrong"), "421")
    assert client.ended()


@test("homelab", "classroom")
def pop3_ends_after_the_fifth_failure_too():
    pop = Client(995, implicit=True)
    for i in range(5):
        pop.expect("USER alice", "+OK")
        pop.send("PASS wrong\r\n")
        answer = pop.file.readline()
        assert answer.startswith(b"-ERR [AUTH]"), answer
    assert pop.ended()


@test("classroom")
def in_a_class_others_may_log_in_while_one_guesses():
    clients = [submission() for _ in range(24)]
    for client in clients:
        client.send("AUTH PLAIN " + b64("\0mallory\0wrong") + "\r\n")
    codes = [client.reply()[:3] for client in clients]
    assert codes.count("535") == 20 and codes.count("454") == 4, codes
    submission().expect("AUTH PLAIN " + b64(f"\0bob\0{PASSWORD}"), "235")


@test("classroom")
def a_login_in_one_burst_with_ehlo_and_a_mail():
    client = Client(587)
    client.send("EHLO client.example\r\n"
                "AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}") + "\r\n"
                "MAIL FROM:<alice@campus.example>\r\n"
                "RCPT TO:<bob@campus.example>\r\nDATA\r\n"
                "Subject: in one burst\r\n\r\nx\r\n.\r\nQUIT\r\n")
    codes = [client.reply()[:3] for _ in range(7)]
    assert codes == ["250", "235", "250", "250", "354", "250", "221"], codes
    assert len(delivered("in one burst")) == 1


@test("classroom")
def what_follows_a_challenge_is_the_response():
    """Pipelined behind AUTH, a command is a response, and no base64."""
    client = submission(tls=False)
    client.send("AUTH LOGIN\r\nRSET\r\nNOOP\r\n")
    assert client.reply().startswith("334")
    # "RSET" is base64 of three bytes, and so a name.
    assert client.reply().startswith("334")
    # And "NOOP" is a password.
    assert client.reply().startswith("535")
    client.expect("NOOP", "250")


@test("classroom")
def mechanisms_can_be_changed_in_one_connection():
    """CVE-2011-1720: each attempt has a SASL handle of its own."""
    mechanisms = ["DIGEST-MD5", "CRAM-MD5", "LOGIN", "PLAIN", "SCRAM-SHA-1",
                  "SCRAM-SHA-256"]
    client = submission(tls=False)
    for first in mechanisms:
        for second in mechanisms:
            client.expect("AUTH " + first, "334")
            client.expect("*", "501 5.7.0")
            client.expect("AUTH " + second, "334")
            reply = client.say(b64("garbage" * 300))
            if reply.startswith("334"):
                reply = client.say("*")
            assert reply[:3] in ("501", "535", "421"), (second, reply)
            if reply[:3] == "421" or reply[:3] == "535":
                client.close()
                client = submission(tls=False)
            client.say("RSET")
        client.close()
        client = submission(tls=False)
    client.expect("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}"), "235")
    assert "worker-died" not in log_text() and "helper-died" not in log_text()


@test("classroom")
def odd_responses_get_the_answers_of_rfc_4954():
    client = submission(tls=False)
    for line, code in (
            ("AUTH PLAIN =", "501 5.5.4"),
            ("AUTH PLAIN " + b64("alice"), "501 5.5.4"),
            ("AUTH PLAIN " + b64("bob\0alice\0" + PASSWORD), "535 5.7.8"),
            ("AUTH PLAIN " + b64("\0alice\0" + PASSWORD + "\0"), "5"),
            ("AUTH CRAM-MD5 " + b64("alice"), "501"),
            ("AUTH PLAIN a b", "501"),
            ("AUTH " + "X" * 100, "504 5.5.4"),
            ("AUTH PLAIN " + "A" * 12000, "501"),
            ("AUTH PLAIN " + "A" * 13000, "500")):
        reply = client.say(line)
        assert reply[:1] == "5" and code in reply, (line[:40], reply)
    client.expect("AUTH LOGIN", "334")
    reply = client.say("A" * 13000)
    assert "5.5.6" in reply, reply
    client.expect("AUTH PLAIN " + b64(f"\0ALICE@campus.EXAMPLE\0{PASSWORD}"), "235")


# --- STARTTLS and TLS -------------------------------------------------------

def serial(port=25):
    client = Client(port)
    client.expect("EHLO x", "250-")
    client.starttls()
    number = client.socket.getpeercert()["serialNumber"]
    client.close()
    return number


@test("homelab")
def a_listener_that_requires_tls_says_so_at_everything():
    client = Client(25)
    for line in ("MAIL FROM:<a@b.example>", "RCPT TO:<a@b.example>", "DATA",
                 "AUTH PLAIN", "VRFY alice", "EXPN alice", "ETRN b.example"):
        client.expect(line, "530 5.7.0 Must issue a STARTTLS command first")
    for line in "NOOP", "RSET", "HELO x":
        client.expect(line, "250")
    assert "250-AUTH" not in client.expect("EHLO x", "250")
    client.expect("MAIL FROM:<a@b.example>", "530 5.7.0")
    # Its octets are no commands.
    client.send("BDAT 6 LAST\r\nRSET\r\n")
    assert client.reply().startswith("503")
    client.expect("NOOP", "250")
    client.starttls()
    client.expect("EHLO x", "250")
    client.expect("MAIL FROM:<a@b.example>", "250")
    client.expect("QUIT", "221")


@test("homelab")
def pop3_that_requires_tls_has_no_login_before():
    pop = Client(110)

    def lines(command):
        pop.send(command + "\r\n")
        got = [pop.file.readline().decode().strip()]
        while got[-1] != ".":
            got.append(pop.file.readline().decode().strip())
        return got
    capabilities = lines("CAPA")
    assert "STLS" in capabilities and "USER" not in capabilities, capabilities
    assert not [one for one in capabilities if one.startswith("SASL")], capabilities
    for command in ("USER alice", "PASS x", "AUTH SCRAM-SHA-256",
                    "AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}")):
        pop.send(command + "\r\n")
        assert pop.file.readline().startswith(b"-ERR a password needs TLS"), command
    pop.send("STLS\r\n")
    assert pop.file.readline().startswith(b"+OK")
    pop.wrap(tls_context())
    pop.send(f"USER alice\r\nPASS {PASSWORD}\r\nQUIT\r\n")
    assert [pop.file.readline()[:3] for _ in range(3)] == [b"+OK"] * 3


@test("homelab", "classroom")
def a_session_is_resumed_by_another_worker():
    for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
        context = tls_context(minimum_version=version, maximum_version=version)
        session, reused = None, 0
        clients = []
        for _ in range(4):
            client = Client(25)
            client.expect("EHLO x", "250-")
            client.starttls(context, session=session)
            client.expect("EHLO x", "250-")
            reused += client.socket.session_reused
            session = client.socket.session
            # They stay, so each has a worker of its own.
            clients.append(client)
        assert reused == 3, (version, reused)


@test("homelab", "classroom")
def received_says_how_it_came():
    kinds = []
    for tls in False, True:
        client = Client(25) if WORLD == "classroom" else None
        if client is None:
            continue
        client.expect("EHLO x", "250-")
        if tls:
            client.starttls()
            client.expect("EHLO x", "250-")
        send_mail(client, f"way-{tls}")
        kinds.append((f"way-{tls}", "ESMTPS" if tls else "ESMTP", tls))
    for tls in (False, True) if WORLD == "classroom" else (True,):
        client = submission(tls)
        client.expect("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}"), "235")
        send_mail(client, f"login-{tls}")
        kinds.append((f"login-{tls}", "ESMTPSA" if tls else "ESMTPA", tls))
    for subject, word, tls in kinds:
        text, = delivered(subject)
        assert re.search(rf"\bwith {word} id ", text), (word, text[:600])
        assert ("using TLSv1.3 with cipher TLS_" in text or
                "using TLS1.3 with cipher TLS_" in text) == tls, text[:600]


@test("homelab", "classroom")
def tls_that_ends_within_a_text_ends_everything():
    """CVE-2026-45185: what comes in clear behind it is never read."""
    for how in "DATA", "BDAT 1000", "BDAT 1000 LAST":
        client = submission()
        client.expect("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}"), "235")
        client.expect("MAIL FROM:<alice@campus.example>", "250")
        client.expect("RCPT TO:<bob@campus.example>", "250")
        client.send(how + "\r\n")
        if how == "DATA":
            assert client.reply().startswith("354")
        client.send("Subject: cut off\r\n\r\nhalf\r\n")
        plain = socket.socket(fileno=os.dup(client.socket.fileno()))
        plain.settimeout(20)
        client.socket.settimeout(5)
        try:
            # close_notify; the answer of the server may be none
            client.socket.unwrap()
        except (OSError, ssl.SSLError):
            pass
        try:
            plain.sendall(b"\r\n.\r\n" + b"x" * 1000 + b"\r\nRSET\r\nNOOP\r\n"
                          b"MAIL FROM:<injected@campus.example>\r\n")
            rest = b""
            while True:
                data = plain.recv(4096)
                if not data:
                    break
                rest += data
        except OSError:
            pass
        assert b"250" not in rest, rest
        plain.close()
        client.close()
    assert delivered("cut off") == []
    assert "injected@" not in log_text()


@test("homelab", "classroom")
def text_sent_in_clear_behind_starttls_is_dropped_and_logged():
    client = Client(25)
    client.expect("EHLO x", "250-")
    client.send("STARTTLS\r\nRSET\r\nMAIL FROM:<injected2@campus.example>\r\n")
    assert client.reply().startswith("220")
    client.wrap(tls_context())
    client.expect("MAIL FROM:<a@b.example>", "503 5.5.1 Error: send HELO/EHLO first")
    client.expect("EHLO x", "250-")
    client.expect("STARTTLS", "503 5.5.1")
    until(lambda: "event=tls-injection" in log_text())
    assert "injected2@" not in log_text()


@test("homelab")
def a_failed_handshake_is_the_end():
    client = Client(25)
    client.expect("EHLO x", "250-")
    client.expect("STARTTLS", "220")
    client.send("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}") + "\r\n")
    try:
        rest = client.file.read()
    except ConnectionResetError:
        rest = b""
    assert b"235" not in rest and b"\n250" not in rest, rest


@test("classroom")
def nobody_waits_for_a_late_acknowledgement():
    """40 ms a command, where both sides wait: 6 s here if it were so."""
    spent = 0
    for _ in range(150):
        client = Client(25)
        client.expect("EHLO x", "250")
        client.starttls()
        start = time.monotonic()
        client.expect("EHLO x", "250")
        spent += time.monotonic() - start
        client.close()
    assert spent < 4, spent


@test("homelab")
def ssl_3_gets_an_alert_and_the_end():
    hello = (b"\x03\x00" + bytes(range(32)) + b"\x00" +
             b"\x00\x06\x00\x2f\x00\x35\x00\x0a" + b"\x01\x00")
    record = b"\x01" + len(hello).to_bytes(3, "big") + hello
    client = Client(25)
    client.expect("EHLO x", "250")
    client.expect("STARTTLS", "220")
    client.socket.sendall(b"\x16\x03\x00" + len(record).to_bytes(2, "big") + record)
    rest = client.file.read()
    assert rest[:1] == b"\x15" and len(rest) == 7, rest


@test("homelab", "classroom")
def new_certificates_on_sighup_and_old_sessions_go_on():
    old = Client(25)
    old.expect("EHLO x", "250-")
    old.starttls()
    before = old.socket.getpeercert()["serialNumber"]
    assert os.system(f"{os.environ['BIN']}/postlab -d {DIR} cert renew >/dev/null") == 0
    os.kill(master("smtpd"), signal.SIGHUP)
    until(lambda: serial() != before)
    old.expect("EHLO x", "250-")
    old.expect("NOOP", "250")
    old.expect("QUIT", "221")


@test("homelab")
def twenty_failures_a_minute_lock_an_address_out_over_all_connections():
    # Those before this test count; so many at the same time do not leak away.
    clients = [submission() for _ in range(24)]
    for client in clients:
        client.send("AUTH PLAIN " + b64("\0alice\0wrong") + "\r\n")
    codes = [client.reply()[:3] for client in clients]
    assert set(codes) == {"535", "454"}, codes
    assert codes.count("535") <= 20, codes
    client.expect("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}"), "454 4.7.0")
    client.expect("AUTH PLAIN " + b64(f"\0bob\0{PASSWORD}"), "454 4.7.0")
    # A bucket that leaks: in three seconds there is room for one more.
    until(lambda: submission().say(
        "AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}")).startswith("235"))


if __name__ == "__main__":
    failed = 0
    for function in TESTS:
        try:
            function()
            print(f"passed   {WORLD}: {function.__name__.replace('_', ' ')}")
        except Exception:
            failed += 1
            print(f"failed   {WORLD}: {function.__name__.replace('_', ' ')}")
            traceback.print_exc(file=sys.stdout)
    sys.exit(failed > 0 or not TESTS)
