#!/usr/bin/env python3
"""authenticity.py - what authenticity.sh checks: mail that arrives is judged, and
mail that leaves (authenticity_leaving.py) is signed."""
import json
import os
import re
import signal
import socketserver
import subprocess
import sys
import threading
import time

from authenticity_leaving import (
    Sink, verify, check_lost_signer, check_signing, check_unsigned,
    check_rotation)
from authenticity_world import (
    check, deliver, results, expect, mail, sign, DIR, failures)


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
