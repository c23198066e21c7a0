"""authenticity_world.py - the other side of authenticity.py, and what it looks
at: the environment has the place, the state folder, its ports and its password."""
import glob
import os
import re
import smtplib
import subprocess

PLACE, DIR, BASE = os.environ["PLACE"], os.environ["DIR"], int(os.environ["BASE"])
HOST = "mail.campus.example"
failures = []   # the names of what did not hold


def check(name, good, *what):
    if not good:
        failures.append(name)
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
