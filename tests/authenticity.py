#!/usr/bin/env python3
"""authenticity.py - what authenticity.sh checks: the environment has the place,
the state folder, its ports and its password."""
import glob
import json
import os
import re
import signal
import smtplib
import socketserver
import ssl
import subprocess
import sys
import threading
import time

PLACE, DIR, BASE = os.environ["PLACE"], os.environ["DIR"], int(os.environ["BASE"])
HOST = "mail.campus.example"
failures = 0


def check(name, good, *what):
    global failures
    if not good:
        failures += 1
        print("FAILED:", name, *what, sep="\n  ")


# --- the other side ------------------------------------------------------

def delivered():
    """The messages in bob's mailbox, which is emptied."""
    found = []
    for file in glob.glob(DIR + "/mail/campus.example/bob/new/*"):
        with open(file, "rb") as message:
            found.append(message.read().decode("latin-1"))
        os.unlink(file)
    return found


def deliver(sender, text, source="192.0.2.10", helo="mx.other.example",
            port=25):
    """Sends it; returns its header fields as delivered, or the refusal."""
    to = "2001:db8::1" if ":" in source else "192.0.2.1"
    if isinstance(text, str):
        text = text.replace("\n", "\r\n").encode()
    with smtplib.SMTP(to, BASE + port, helo, source_address=(source, 0)) as s:
        try:
            s.sendmail(sender, ["bob@campus.example"], text)
        except smtplib.SMTPDataError as refusal:
            return "%d %s" % (refusal.smtp_code, refusal.smtp_error.decode())
    found = delivered()
    if len(found) != 1:
        return "%d messages" % len(found)
    return found[0].split("\n\n", 1)[0]


def results(header):
    """What our own Authentication-Results says; its place is checked."""
    fields = re.split(r"\n(?![ \t])", header)
    ours = [f for f in fields
            if f.startswith("Authentication-Results: " + HOST)]
    names = [f.split(":")[0].lower() for f in fields]
    check("one field of ours, above Received", len(ours) == 1 and
          names.index("authentication-results") < names.index("received"),
          header)
    return re.sub(r"\s+", " ", ours[0]) if ours else header


def expect(name, header, *words):
    said = results(header)
    for word in words:
        check(name + ": " + word, word in said, said)


def mail(author="joe@other.example", body="hello\n", extra=""):
    return ("%sFrom: Joe <%s>\nTo: bob@campus.example\nSubject: greetings\n"
            "Date: Sun, 22 Nov 2026 10:00:00 +0000\n"
            "Message-ID: <1@other.example>\n\n%s" % (extra, author, body))


def sign(text, domain="other.example", selector="sel", method="relaxed"):
    """By Perl's Mail::DKIM."""
    program = """
        use Mail::DKIM::Signer;
        my $s = Mail::DKIM::Signer->new(Algorithm => 'rsa-sha256',
            Method => $ARGV[3], Domain => $ARGV[0], Selector => $ARGV[1],
            KeyFile => $ARGV[2]);
        while (<STDIN>) { s/\\n/\\r\\n/; $s->PRINT($_); }
        $s->CLOSE;
        print $s->signature->as_string, "\\n";"""
    field = subprocess.run(
        ["perl", "-e", program, domain, selector, PLACE + "/other.pem", method],
        input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
    return field.replace("\r\n", "\n") + text


# --- arriving ------------------------------------------------------------

def check_dkim():
    good = sign(mail())
    expect("signed by Mail::DKIM", deliver("joe@other.example", good),
           "dkim=pass (2048-bit key) header.d=other.example header.s=sel "
           "header.a=rsa-sha256", "spf=pass smtp.mailfrom=other.example",
           "dmarc=pass (p=reject) header.from=other.example")
    expect("simple", deliver("joe@other.example",
                             sign(mail(), method="simple/simple")),
           "dkim=pass")
    big = sign(mail(body="a line of some length, again and again\n" * 4000))
    expect("a large one", deliver("joe@other.example", big), "dkim=pass")
    expect("a byte of the body", deliver(
        "joe@other.example", good.replace("hello", "hallo"), "192.0.2.66"),
        "dkim=fail (body hash did not verify)", "spf=fail",
        "dmarc=fail (p=reject)")
    expect("a byte of the header", deliver(
        "joe@other.example", good.replace("greetings", "greetingz")),
        "dkim=fail (signature did not verify)", "spf=pass", "dmarc=pass")
    expect("no key", deliver("joe@other.example", sign(mail(), selector="no")),
           "dkim=permerror (no key in DNS)")
    expect("revoked", deliver("joe@other.example",
                              sign(mail(), selector="old")),
           "dkim=permerror (key was revoked)")
    expect("a name server that does not answer",
           deliver("joe@silent.example",
                   sign(mail("joe@silent.example"), "silent.example")),
           "dkim=temperror (DNS does not answer)", "spf=temperror",
           "dmarc=temperror")
    expect("a part of the text", deliver("joe@other.example", re.sub(
        r"DKIM-Signature: v=1", "DKIM-Signature: v=1; l=3", good)),
        "dkim=fail")


def check_spf():
    for domain, source, said in [
            ("other", "192.0.2.10", "pass"), ("other", "192.0.2.66", "fail"),
            ("other", "2001:db8::10", "pass"),
            ("soft", "192.0.2.66", "softfail"),
            ("neutral", "192.0.2.10", "neutral"),
            ("mx", "192.0.2.66", "pass"), ("mx", "192.0.2.10", "pass"),
            ("far", "192.0.2.10", "pass"), ("far", "192.0.2.66", "fail"),
            ("loop", "192.0.2.10", "permerror"),
            ("odd", "192.0.2.10", "permerror"),
            ("two", "192.0.2.10", "permerror"),
            ("plain", "192.0.2.10", "none"), ("nobody", "192.0.2.10", "none"),
            ("silent", "192.0.2.10", "temperror")]:
        sender = "joe@%s.example" % domain
        expect("SPF of %s for %s" % (domain, source),
               deliver(sender, mail(sender), source), "spf=%s" % said,
               "smtp.mailfrom=%s.example" % domain)
    expect("the HELO name", deliver("", mail(), helo="other.example"),
           "spf=pass smtp.helo=other.example")
    expect("no name at all", deliver("", mail(), helo="[192.0.2.10]"),
           "spf=none")


def check_forged():
    """Row 24 of the exercises."""
    header = deliver("joe@soft.example", mail("ceo@other.example"))
    expect("a forged author", header, "dkim=none", "spf=pass",
           "dmarc=fail (p=reject) header.from=other.example")
    trace = subprocess.run(
        [os.environ["POSTLAB"], "-d", DIR, "trace",
         re.search(r"id ([0-9A-F]{14})", header).group(1)],
        stdout=subprocess.PIPE, text=True, check=True).stdout
    check("trace tells it", "SPF pass, DKIM none, DMARC fail" in trace, trace)
    expect("of a domain below", deliver("joe@soft.example",
                                        mail("ceo@x.other.example")),
           "dmarc=fail (p=quarantine)")
    expect("two authors", deliver("joe@other.example", mail(
        extra="From: eve@soft.example\n")), "dmarc=permerror")
    refusal = deliver("joe@other.example", mail(
        extra="From: eve@soft.example\n"), port=26)
    check("two authors, enforced", refusal.startswith("550 5.6.0 "), refusal)
    # several in one From: the strictest policy of those that fail
    both = mail("eve@soft.example>, Ceo <ceo@other.example")
    expect("two authors in one", deliver("joe@soft.example", both),
           "dmarc=fail (p=reject) header.from=other.example")
    refusal = deliver("joe@soft.example", both, port=26)
    check("two authors in one, enforced", refusal.startswith("550 5.7.26 "),
          refusal)
    refusal = deliver("joe@soft.example", mail(
        "eve@soft.example> <ceo@other.example"), port=26)
    check("nobody can read it", refusal.startswith("550 5.6.0 "), refusal)
    refusal = deliver("joe@soft.example", mail("ceo@other.example"), port=26)
    check("enforced", refusal.startswith("550 5.7.26 "), refusal)
    expect("enforced, and good", deliver("joe@other.example", mail(), port=26),
           "dmarc=pass")
    expect("quarantine is not refused", deliver(
        "joe@soft.example", mail("ceo@x.other.example"), port=26),
        "dmarc=fail")


def check_forged_results():
    ours = [
        "Authentication-Results: mail.campus.example; dkim=pass",
        "authentication-RESULTS: MAIL.Campus.Example; dkim=pass",
        "Authentication-Results :\n\tmail.campus.example 1; dkim=pass",
        "Authentication-Results: (a (nested\\)) comment)\n"
        " \"mail.campus.example\"; dkim=pass",
        "Authentication-Results: mail.campus.example.; dkim=pass",
        "Authentication-Results: (without an end; dkim=pass",
    ]
    foreign = "Authentication-Results: mx.other.example; none"
    header = deliver("joe@other.example",
                     mail(extra="\n".join(ours + [foreign]) + "\n"))
    check("what has our name is ours",
          header.count("dkim=pass") == 0 and foreign in header, header)
    expect("forged results", header, "dkim=none")


def check_hostile():
    start = time.time()
    field = sign(mail())[:-len(mail())]
    expect("a thousand signatures",
           deliver("joe@other.example", field * 1000 + mail()),
           "dkim=pass", "dkim=policy (more signatures than are looked at)")
    odd = ["", "v=1", "v=1; a=rsa-sha256; a=rsa-sha256", ";;;;=;",
           "v=1; a=rsa-sha256; d=..; s=..; b=AAAA; bh=AAAA; h=from",
           "v=1; a=rsa-sha256; d=%s; s=%s; b=%s; bh=A; h=from" %
           ("x." * 400 + "example", "y" * 900, "Z" * 9000),
           "v=1; a=rsa-sha256; d=other.example; s=sel; c=relaxed/relaxed; "
           "h=%s; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=AAAA"
           % ":".join(["from"] * 5000),
           "v=1; a=rsa-sha256; d=other.example; s=(\n\t; h=from; b=\t;"]
    header = deliver("joe@other.example", mail(extra="".join(
        "DKIM-Signature: %s\n" % value for value in odd)))
    expect("odd signatures", header, "dmarc=pass")
    check("odd signatures do not pass", "dkim=pass" not in results(header),
          header)
    expect("nothing but a header", deliver("joe@other.example", field), "spf=")
    check("in time", time.time() - start < 30)


def check_dead_helper():
    status = json.loads(subprocess.run(
        [os.environ["POSTLAB"], "-d", DIR, "status", "--json"],
        stdout=subprocess.PIPE, check=True).stdout)
    pids = [int(pid) for pid in re.findall(
        r'"role": ?"judge", ?"pid": ?(\d+)', json.dumps(status))]
    check("the helper is known", len(pids) == 1, json.dumps(status))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    expect("a helper that sleeps", deliver("joe@other.example", mail()),
           "dkim=temperror; spf=temperror; dmarc=temperror")
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    expect("a helper that is gone", deliver("joe@other.example", mail()),
           "spf=")


# --- leaving -------------------------------------------------------------

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


def main():
    sink = socketserver.ThreadingTCPServer(("127.0.0.1", 9025), Sink)
    sink.daemon_threads = True
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    for part in (check_dkim, check_spf, check_forged, check_forged_results,
                 check_hostile, check_signing, check_unsigned,
                 check_lost_signer, check_rotation,
                 check_dead_helper):
        part()
    sys.exit(1 if failures else 0)


main()
