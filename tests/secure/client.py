"""client.py - one connection to a daemon, and what the tests look at beside."""
import base64
import glob
import os
import socket
import ssl
import sys
import time

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
