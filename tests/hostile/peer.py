"""peer.py - a client that says any bytes, and the world it says them to.

A Peer is one connection.  What it reads are whole replies: (code, [texts]).
A World knows the state folder of the daemons, so that a test can look at what
its client has left there.
"""
import concurrent.futures
import os
import random
import re
import socket
import ssl
import struct
import time

ALICE, BOB, PASSWORD = "alice@campus.example", "bob@campus.example", "12345pass"
PATIENCE = 30  # seconds; a server that hangs is found, a busy machine is not


class Mismatch(Exception):
    """The server did something else than the test demands."""


def demand(true, *words):
    if not true:
        raise Mismatch(" ".join(str(word) for word in words))


def bytes_of(text):
    return text if isinstance(text, bytes) else text.encode()


def at_once(test, items):
    """TEST of each item, side by side: most of them wait."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(test, *item) for item in items]:
            done.result()


class Peer:
    """One connection.  SOURCE is the client's own address in 127/8."""

    def __init__(self, port, source="127.0.0.1"):
        self.socket = socket.create_connection(
            ("127.0.0.1", port), PATIENCE, (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *pieces):
        """Each piece is a segment of its own, if there are several."""
        for number, piece in enumerate(pieces):
            if number > 0:
                time.sleep(0.02)
            self.socket.sendall(bytes_of(piece))

    def line(self):
        """The next line without its CRLF, or None at the end."""
        while b"\r\n" not in self.buffer:
            try:
                more = self.socket.recv(65536)
            except (ConnectionResetError, ssl.SSLEOFError):
                more = b""
            if not more:
                demand(not self.buffer, "half a line:", self.buffer)
                return None
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def reply(self):
        """The next reply, (code, [texts]); (0, []) when the server has left."""
        texts = []
        while True:
            line = self.line()
            if line is None:
                demand(not texts, "half a reply:", texts)
                return 0, []
            demand(re.match(rb"[2345][0-9][0-9][ -][\x20-\x7e]*$", line),
                   "no reply:", line)
            texts.append(line[4:].decode())
            if line[3:4] == b" ":
                return int(line[:3]), texts

    def rest(self):
        """The codes of all that is still to come, up to the end."""
        codes = []
        while True:
            code = self.reply()[0]
            if code == 0:
                return codes
            codes.append(code)

    def expect(self, code, *words):
        got = self.reply()
        demand(got[0] == code, *words, "expected", code, "and got", got)
        return got[1]

    def say(self, line, code):
        self.send(bytes_of(line) + b"\r\n")
        return self.expect(code, repr(line[:60]) + ":")

    def hello(self):
        self.expect(220)
        self.say("EHLO client.example", 250)
        return self

    def begin(self, sender=ALICE, recipient=BOB):
        """A transaction up to the 354."""
        self.say(f"MAIL FROM:<{sender}>", 250)
        self.say(f"RCPT TO:<{recipient}>", 250)
        self.say("DATA", 354)

    def start_tls(self, context):
        self.socket = context.wrap_socket(self.socket)
        self.buffer = b""

    def reset(self):
        """Ends with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
        self.socket.close()


class World:
    """The daemons of one state folder.  STRICT: the leniency of port 25."""

    def __init__(self, base, folder, strict):
        self.base, self.folder, self.strict = base, folder, strict
        self.tls = ssl.create_default_context()
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE
        self.log_read = 0
        self.mails_seen = set()
        self.new_mails()
        self.new_log()

    def mta(self, **arguments):
        return Peer(self.base + 25, **arguments)

    def msa(self, **arguments):
        return Peer(self.base + 587, **arguments)

    def msas(self, **arguments):
        peer = Peer(self.base + 465, **arguments)
        peer.start_tls(self.tls)
        return peer

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def files(self, *names):
        """Every file below a folder, as a path from it."""
        top = self.path(*names)
        return sorted(os.path.relpath(os.path.join(folder, name), top)
                      for folder, _, found in os.walk(top) for name in found)

    def new_mails(self):
        """{path: content} of the mail that has come since the last call."""
        here = {name for name in self.files("mail")
                if re.search("/(new|cur)/", name)}
        new, self.mails_seen = here - self.mails_seen, here
        mails = {}
        for name in new:
            with open(self.path("mail", name), "rb") as file:
                mails[name] = file.read()
        return mails

    def new_log(self):
        """The lines of the log since the last call."""
        with open(self.path("log", "postlab.log"), "rb") as file:
            file.seek(self.log_read)
            new = file.read()
        whole = new[:new.rfind(b"\n") + 1]
        self.log_read += len(whole)
        return whole.split(b"\n")

    def queue_is_empty(self):
        return [name for name in self.files("queue")
                if name != "manager.lock"] == []

    def wait(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            demand(time.monotonic() < end, "in vain waited for:", what)
            time.sleep(0.05)

    def check(self):
        """What must be true after every test, whatever its client did."""
        with self.mta() as peer:
            peer.hello().begin()
            token = f"token-{random.getrandbits(64):x}"
            peer.say(f"From: <{ALICE}>\r\nSubject: {token}\r\n\r\nx\r\n.", 250)
            peer.say("QUIT", 221)
        mails = self.new_mails()
        demand(len(mails) == 1 and token.encode() in list(mails.values())[0],
               "the usual message came with, or as:", list(mails))
        for line in self.new_log():
            demand(not re.search(rb" level=error |panic|Sanitizer|runtime error",
                                 line), "in the log:", line)
            demand(re.match(rb"[\x20-\x7e]*$", line), "raw bytes logged:", line)
        self.wait(self.queue_is_empty, "an empty queue")
        boxes = {tuple(name.split("/")[:2]) for name in self.files("mail")}
        demand(boxes <= {("campus.example", "alice"), ("campus.example", "bob")},
               "mailboxes:", boxes)
        demand(sorted(os.listdir(os.path.dirname(self.folder)))
               == ["init.out", "var"], "files beside the state folder")
