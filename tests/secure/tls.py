"""tls.py - STARTTLS, TLS and certificates, as a client sees them."""
import os
import re
import signal
import socket
import ssl
import time

from client import (DIR, PASSWORD, WORLD, Client, b64, delivered, log_text,
                    master, send_mail, submission, test, tls_context, until)


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
    """40 ms for each command if both sides waited, and never less."""
    spent = []
    for _ in range(100):
        client = Client(25)
        client.expect("EHLO x", "250")
        client.starttls()
        start = time.monotonic()
        client.expect("EHLO x", "250")
        spent.append(time.monotonic() - start)
        client.close()
    # Some take long where much else goes on.
    assert sorted(spent)[25] < 0.035, spent


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
