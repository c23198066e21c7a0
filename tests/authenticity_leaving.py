"""authenticity_leaving.py - mail that leaves: who signs it, and with what."""
import os
import re
import signal
import smtplib
import socketserver
import ssl
import subprocess
import time

from authenticity_world import (
    check, deliver, results, expect, mail, sign, PLACE, DIR, BASE, HOST)


class Sink(socketserver.StreamRequestHandler):
    """The host of far.example: refuses nobody@, keeps the rest."""
    kept = []

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 far.example ESMTP")
        message, taken = [], False
        for line in self.rfile:
            if line[:4] in (b"MAIL", b"RCPT"):
                taken = line[:4] == b"RCPT" and b"<nobody@" not in line
            if line[:4] == b"DATA" and not taken:
                self.say("554 nobody")
            elif line[:4] == b"EHLO":
                self.say("250-far.example\r\n250-8BITMIME\r\n250 PIPELINING")
            elif line[:4] == b"DATA":
                self.say("354 go on")
                for line in iter(self.rfile.readline, b".\r\n"):
                    message.append(line[1:] if line[:1] == b"." else line)
                Sink.kept.append(b"".join(message))
                message = []
                self.say("250 taken")
            else:
                self.say("550 5.1.1 no" if b"<nobody@" in line else "250 ok")


def wait_for(count):
    for _ in range(300):
        if len(Sink.kept) >= count:
            break
        time.sleep(0.1)
    taken, Sink.kept = Sink.kept, []
    check("%d messages went out" % count, len(taken) == count, taken)
    return taken


def submit(sender, recipient, text):
    with smtplib.SMTP("127.0.0.1", BASE + 587) as s:
        s.starttls(context=ssl._create_unverified_context())
        s.login("alice@campus.example", os.environ["PASSWORD"])
        s.sendmail(sender, [recipient], text.replace("\n", "\r\n").encode())


def keys():
    found = {}
    with open(PLACE + "/campus.keys") as lines:
        for line in lines:
            if not line.startswith(";"):
                found[line.split()[0]] = "".join(re.findall('"([^"]*)"', line))
    return found


def verify(message):
    """By dkimpy; "pass" or "fail" of each signature."""
    import dkim
    found = []
    for i in range(message.count(b"DKIM-Signature:")):
        try:
            good = dkim.DKIM(message).verify(
                idx=i, dnsfunc=lambda name, timeout=5: keys().get(
                    name.decode()).encode())
        except dkim.DKIMException as fault:
            good = str(fault)
        found.append("pass" if good is True else "fail")
    return found


def verify_by_perl(message):
    program = """
        use Mail::DKIM::Verifier; use Net::DNS::RR;
        no warnings 'redefine';
        my %keys = @ARGV;
        *Mail::DKIM::DNS::query = sub { my $v = $keys{"$_[0]."};
            return map { Net::DNS::RR->new(name => $_[0], type => 'TXT',
                txtdata => $_) } grep { defined } $v; };
        my $d = Mail::DKIM::Verifier->new;
        while (<STDIN>) { $d->PRINT($_); }
        $d->CLOSE;
        print join("\\n", map { $_->algorithm . " " . $_->result_detail }
            $d->signatures);"""
    pairs = [word for pair in keys().items() for word in pair]
    return subprocess.run(["perl", "-e", program] + pairs, input=message,
                          stdout=subprocess.PIPE, check=True).stdout.decode()


def verify_by_opendkim(message):
    """By opendkim-testmsg, which asks DNS itself and says what is wrong."""
    if "NO_RESOLVER" in os.environ:
        return
    said = lambda text: subprocess.run(
        ["opendkim-testmsg"], input=text, capture_output=True, text=True)
    text = message.decode().replace("\r\n", "\n")
    good = said(text)
    check("opendkim-testmsg takes it", good.returncode == 0 and
          good.stderr == "", good)
    for was, now in ("wide", "wyde"), ("a long", "a wrong"):
        bad = said(text.replace(was, now))
        check("opendkim-testmsg sees " + now, bad.returncode != 0, bad)


def check_lost_signer():
    """A helper that is started anew costs a message no attempt."""
    status = subprocess.run(
        [os.environ["POSTLAB"], "-d", DIR, "status", "--json"],
        stdout=subprocess.PIPE, check=True, text=True).stdout
    pid = int(re.search(r'"role": ?"sign", ?"pid": ?(\d+)', status).group(1))
    os.kill(pid, signal.SIGKILL)
    submit("alice@campus.example", "x@far.example",
           "From: alice@campus.example\nSubject: killed\n\nx\n")
    message = wait_for(1)[0]
    check("it is signed", verify(message) == ["pass", "pass"], message)
    with open(DIR + "/log/postlab.log") as log:
        check("at once", "event=not-signed" not in log.read())


def check_signing():
    text = ("From: Alice <alice@campus.example>\nTo: x@far.example\n"
            "Subject: a long\n\tone \n\n.dots\n\nwide   gaps \nna\u00efve\n\n\n")
    submit("alice@campus.example", "x@far.example", text)
    message = wait_for(1)[0]
    check("dkimpy takes both", verify(message) == ["pass", "pass"], message)
    verify_by_opendkim(message)
    said = verify_by_perl(message)
    check("Mail::DKIM takes the RSA one", "rsa-sha256 pass" in said, said)
    head, body = message.decode().split("\r\n\r\n", 1)
    check("what is signed", re.search(
        r"h=From:[^;]*\bSubject[^;]*\bFrom;", re.sub(r"\s", "", head)) and
        "c=relaxed/relaxed" in head and "Received" not in
        "".join(re.findall(r"\bh=[^;]*", head)), head)
    check("who sent it", "Authentication-Results: mail.campus.example;\r\n\t"
          "auth=pass smtp.auth=alice@campus.example" in head, head)
    for was, now in ("wide", "wyde"), ("a long", "a wrong"), (
            "From: Alice", "From: Eve <e@x.example>\r\nFrom: Alice"):
        check("changed: " + now, verify(
            message.decode().replace(was, now).encode()) == ["fail", "fail"])
    # And the way back: we know our own signatures, both of them.
    header = deliver("alice@campus.example", message, "192.0.2.1",
                     HOST)
    expect("our own mail", header, "header.a=rsa-sha256",
           "header.a=ed25519-sha256", "dmarc=pass (p=none)")
    check("our own mail passes twice", results(header).count("dkim=pass") == 2,
          header)


def check_unsigned():
    submit("alice@campus.example", "x@far.example",
           "From: eve@soft.example\nSubject: not ours\n\nx\n")
    check("another's author is not signed for",
          b"DKIM-Signature" not in wait_for(1)[0])
    # A report of ours goes out from <>, and is signed too.
    submit("x@far.example", "nobody@far.example",
           "From: x@far.example\nSubject: will come back\n\nx\n")
    report = wait_for(1)[0]
    check("a report is signed", b"multipart/report" in report and
          verify(report) == ["pass", "pass"], report)


def check_rotation():
    postlab = [os.environ["POSTLAB"], "-d", DIR, "dkim"]
    subprocess.run(postlab + ["add", "campus.example", "--selector", "next"],
                   stdout=subprocess.DEVNULL, check=True)
    text = "From: alice@campus.example\nSubject: x\n\nx\n"
    submit("alice@campus.example", "x@far.example", text)
    check("a new key signs at once, beside the others",
          wait_for(1)[0].count(b"DKIM-Signature:") == 3)
    for selector in "next", *[k.split(".")[0] for k in keys()]:
        subprocess.run(postlab + ["remove", "campus.example", selector],
                       stdout=subprocess.DEVNULL, check=True)
    submit("alice@campus.example", "x@far.example", text)
    check("without keys nothing is signed",
          b"DKIM-Signature" not in wait_for(1)[0])
