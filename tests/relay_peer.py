#!/usr/bin/env python3
"""relay_peer.py PORT LOG - other mail servers, as they come, in one process.

It listens on all of 127.0.0.0/8; which address is connected to says what kind
of server it is, the local part of a recipient what it thinks of him.  Each
session is a line of JSON in LOG: address, commands, message, encrypted.

  127.0.1.1   a good one: PIPELINING, SIZE, 8BITMIME, DSN, SMTPUTF8
  127.0.1.2   554 as its greeting
  127.0.1.3   knows no EHLO
  127.0.1.4   offers STARTTLS and closes in the handshake
  127.0.1.5   from before all extensions
  127.0.1.6   closes after the dot
  127.0.1.7   is silent after the dot
  127.0.1.8   421 as its greeting
  127.0.1.9   450 to MAIL
  127.0.1.10  offers AUTH, without TLS
  127.0.1.11  is silent from the beginning
  127.0.1.12  answers with what is no SMTP
  127.0.1.13  454 to STARTTLS
  127.0.1.14  451 after the dot
  127.0.1.15  closes at RCPT
  127.0.1.16  closes after the dot, the first time only
  127.0.1.17  as the good one, and CHUNKING
  127.0.1.18  offers CHUNKING and does not know BDAT

On the UDP port of the same number it is a name server, which knows
mx.example alone: its first MX is 127.0.1.2, its second one 127.0.1.1.

  450.NAME 450, 550.NAME 550, later.NAME 450 the first time, else 250
"""
import json
import socket
import socketserver
import struct
import sys
import threading

GOOD = ["PIPELINING", "SIZE 1000000", "8BITMIME", "DSN", "SMTPUTF8"]
lock = threading.Lock()
seen = {}


def first_time(what):
    with lock:
        seen[what] = seen.get(what, 0) + 1
        return seen[what] == 1


class Peer(socketserver.StreamRequestHandler):
    def say(self, *lines):
        for i, line in enumerate(lines):
            if i + 1 < len(lines):
                line = line[:3] + "-" + line[4:]
            self.wfile.write(line.encode() + b"\r\n")

    def ehlo(self):
        if self.kind == 3:
            return self.say("502 what?")
        offers = list(GOOD)
        if self.kind == 5:
            offers = []
        if self.kind in (4, 13):
            offers.append("STARTTLS")
        if self.kind == 10:
            offers.append("AUTH PLAIN LOGIN")
        if self.kind in (17, 18):
            offers.append("CHUNKING")
        self.say("250 peer.example", *("250 " + offer for offer in offers))

    def rcpt(self, line):
        name = line[line.index("<") + 1:].split("@")[0]
        if self.kind == 15:
            return False
        if self.kind == 9:
            self.say("503 5.5.1 MAIL first")
        elif name.startswith("450.") or (name.startswith("later.") and
                                       first_time(name)):
            self.say("450 4.2.0 come again, %s" % name)
        elif name.startswith("550."):
            self.say("550 5.1.1 no %s here" % name)
        else:
            self.taken += 1
            self.say("250 2.1.5 Ok")
        return True

    def data(self):
        if self.taken == 0:
            self.say("554 5.5.1 no recipients")
            return True
        self.say("354 go on")
        text = b""
        while not (b"\r\n" + text).endswith(b"\r\n.\r\n"):
            line = self.rfile.readline()
            if not line:
                return False
            text += line
        self.log["messages"].append(text.decode("utf-8", "replace"))
        if self.kind == 6 or (self.kind == 16 and first_time("close")):
            return False
        if self.kind == 7:
            self.be_silent()
            return False
        self.taken = 0
        self.say("451 4.3.0 not today" if self.kind == 14
                 else "250 2.0.0 thanks")
        return True

    def chunk(self, line):
        size, last = line.split()[1:]
        text = self.rfile.read(int(size))
        if last.upper() != "LAST" or len(text) != int(size):
            return False
        if self.taken == 0:
            self.say("503 5.5.1 no recipients")
            return True
        self.taken = 0
        self.log["messages"].append(text.decode("utf-8", "replace"))
        self.say("250 2.0.0 thanks")
        return True

    def be_silent(self):
        """Until the client has gone, for 20 s at most."""
        self.connection.settimeout(20)
        self.rfile.read(1)

    def command(self, line):
        verb = line[:4].upper()
        if verb == "EHLO":
            self.ehlo()
        elif verb == "RCPT":
            return self.rcpt(line)
        elif verb == "DATA":
            return self.data()
        elif verb == "BDAT" and self.kind == 17:
            return self.chunk(line)
        elif verb == "BDAT":
            self.say("502 5.5.1 BDAT?")
        elif verb == "STAR":
            if self.kind == 13:
                self.say("454 4.7.0 no TLS today")
                return True
            self.say("220 go on")
            self.rfile.read(1)
            return False
        elif verb == "MAIL" and self.kind == 9:
            self.say("450 4.3.2 no mail now")
        elif verb == "QUIT":
            self.say("221 bye")
            return False
        elif verb == "AUTH":
            self.say("235 2.7.0 welcome")
        else:
            self.say("250 2.0.0 Ok")
        return True

    def handle(self):
        address = self.connection.getsockname()[0]
        self.kind = int(address.split(".")[3])
        self.taken = 0
        self.log = {"address": address, "lines": [], "messages": []}
        try:
            self.talk()
        except OSError:
            pass
        with lock, open(sys.argv[2], "a") as log:
            log.write(json.dumps(self.log) + "\n")

    def talk(self):
        if self.kind == 11:
            self.be_silent()
            return
        if self.kind in (2, 8, 12):
            self.say({2: "554 5.3.2 no mail here", 8: "421 4.3.2 come again",
                      12: "HTTP/1.1 400 Bad Request"}[self.kind])
            self.rfile.readline()
            return
        self.say("220 peer.example ESMTP")
        while line := self.rfile.readline():
            self.log["lines"].append(line.decode("utf-8", "replace").strip())
            if not self.command(self.log["lines"][-1]):
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50


A, MX = 1, 15
RECORDS = {
    ("mx.example", MX): [(10, "one.mx.example"), (20, "two.mx.example")],
    ("one.mx.example", A): ["127.0.1.2"],
    ("two.mx.example", A): ["127.0.1.1"],
}


def encode_name(name):
    labels = (bytes([len(part)]) + part.encode() for part in name.split("."))
    return b"".join(labels) + b"\0"


def answer(query):
    """RFC 1035 4: the question comes back with what there is."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
        at += query[at] + 1
    kind = struct.unpack("!H", query[at + 1:at + 3])[0]
    name = ".".join(labels)
    records = RECORDS.get((name, kind), [])
    known = any(("." + known).endswith("." + name) for known, _ in RECORDS)
    text = query[:2] + struct.pack("!5H", 0x8180 if known else 0x8183, 1,
                                   len(records), 0, 0) + query[12:at + 5]
    for record in records:
        data = socket.inet_aton(record) if kind == A else \
            struct.pack("!H", record[0]) + encode_name(record[1])
        text += struct.pack("!HHHIH", 0xc00c, kind, 1, 60, len(data)) + data
    return text


def serve_names(port):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", port))
    while True:
        query, client = server.recvfrom(4096)
        server.sendto(answer(query), client)


if __name__ == "__main__":
    threading.Thread(target=serve_names, args=(int(sys.argv[1]),),
                     daemon=True).start()
    Server(("0.0.0.0", int(sys.argv[1])), Peer).serve_forever()
