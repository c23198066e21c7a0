#!/usr/bin/env python3
"""relay_tls.py PLACE BASE PORT PASSWORD - one mail to each domain, and what the
log says of it.  See relay_tls.sh for the records of the domains.

The mail servers: 127.0.2.1 with STARTTLS, 127.0.2.2 without, 127.0.2.3 breaks
off in the handshake.
"""
import re
import smtplib
import socketserver
import ssl
import sys
import threading
import time

PLACE, BASE, PORT, PASSWORD = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(PLACE + "/chain.pem", PLACE + "/mail.key")


class Server(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def ehlo(self, offers):
        self.say("250-peer.example" + ("\r\n250 STARTTLS" if offers else
                                       "\r\n250 PIPELINING"))

    def data(self):
        self.say("354 go on")
        while self.rfile.readline() not in (b".\r\n", b""):
            pass
        self.say("250 2.0.0 taken")

    def start_tls(self):
        self.say("220 go on")
        if self.kind == 3:
            self.rfile.read(1)
            return False
        self.connection = context.wrap_socket(self.connection,
                                              server_side=True)
        self.setup_streams()
        return True

    def setup_streams(self):
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)

    def handle(self):
        self.kind = int(self.connection.getsockname()[0].split(".")[3])
        try:
            self.talk()
        except (OSError, ValueError):
            pass

    def talk(self):
        secret = False
        self.say("220 peer.example ESMTP")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.ehlo(not secret and self.kind != 2)
            elif verb == b"STAR":
                secret = True
                if not self.start_tls():
                    return
            elif verb == b"DATA":
                self.data()
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 2.0.0 Ok")


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


TLS = r'tls="?TLS1\.\d.*'
CASES = {
    # DANE-EE: by key, by the stronger of two, by the whole certificate
    "ee.example": ("relayed", TLS + "verified by DANE"),
    "ee512.example": ("relayed", TLS + "verified by DANE"),
    "full.example": ("relayed", TLS + "verified by DANE"),
    "wrong.example": ("deferred", "not what TLSA records say"),
    # DANE-TA: the certificate must have the host's name, or the domain's
    "ta.example": ("relayed", TLS + "verified by DANE"),
    "domain.example": ("relayed", TLS + "verified by DANE"),
    "tawrong.example": ("deferred", "not what TLSA records say"),
    # records that mail cannot use: TLS, with any certificate
    "unusable.example": ("relayed", r'tls="?TLS1\.(?!.*verified)'),
    "none.example": ("relayed", r'tls="?TLS1\.(?!.*verified)'),
    # TLS is promised and not offered
    "clear.example": ("deferred", "offers no TLS, which is required"),
    # the first host is a false one, the second is not
    "two.example": ("relayed", r"mx\.ee\.example.*verified by DANE"),
    "alias.example": ("relayed", TLS + "verified by DANE"),
    "tlsa.spoiled": ("deferred", "do not say whether .* has TLSA records"),
    # without DNSSEC the same records are nothing
    "wrong.unsigned": ("relayed", r'tls="?TLS1\.(?!.*verified)'),
    "handshake.unsigned": ("relayed", "tls=no "),
    # tls = verify
    "good.lab": ("relayed", TLS + ", verified\""),
    "bad.lab": ("deferred", "4.7.5 TLS with bad.lab"),
    "handshake.lab": ("deferred", "4.7.5 TLS with handshake.lab"),
}


def send():
    with smtplib.SMTP("127.0.0.1", int(BASE) + 587) as client:
        client.starttls()
        client.login("alice@campus.example", PASSWORD)
        for domain in CASES:
            client.sendmail("alice@campus.example", ["x@" + domain],
                            "Subject: to %s\r\n\r\nHello\r\n" % domain)


def find(domain):
    pattern = re.compile(r"event=(relayed|deferred|bounced) .*"
                         r"to=\S*x@%s\b" % re.escape(domain))
    with open(PLACE + "/var/log/postlab.log") as log:
        for line in log:
            match = pattern.search(line)
            if match:
                return match.group(1), line
    return None, ""


def main():
    for last in 1, 2, 3:
        server = Listener(("127.0.2.%d" % last, int(PORT)), Server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    send()
    failed = 0
    end = time.monotonic() + 120
    for domain, (event, words) in CASES.items():
        while find(domain)[0] is None and time.monotonic() < end:
            time.sleep(0.2)
        found, line = find(domain)
        if found != event or not re.search(words, line):
            print("%s: expected %s %s\n  %s" % (domain, event, words, line))
            failed += 1
    print("%d of %d domains as expected" % (len(CASES) - failed, len(CASES)))
    sys.exit(1 if failed else 0)


main()
