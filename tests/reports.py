#!/usr/bin/env python3
"""reports.py PORT-BASE PASSWORD - asks for delivery reports and reads them.

The reports are parsed by Python's email package; what they must say stands in
RFC 3464 (fields), RFC 6522 (the three parts) and RFC 3461 6 (who gets one).
"""
import email, email.policy, poplib, smtplib, sys, time
from proof import check, fail

base, password = int(sys.argv[1]), sys.argv[2]
HOST = "mail.campus.example"


def send(recipients, octets=200, mail_options=(), sender="alice@campus.example"):
    """Recipients: (address, options).  The queue id."""
    text = f"From: {sender}\r\nSubject: letter\r\nX-Mark: 1\r\n\r\n"
    while len(text) < octets:
        text += "The body of the letter, which may come back or not.\r\n"
    with smtplib.SMTP("127.0.0.1", base + 25, timeout=20) as smtp:
        smtp.ehlo("desk")
        check("EHLO offers DSN", smtp.has_extn("dsn"), True)
        check("MAIL", smtp.mail(sender, mail_options)[0], 250)
        for address, options in recipients:
            check("RCPT", smtp.rcpt(address, options)[0], 250)
        code, words = smtp.data(text)
        check("DATA", code, 250)
        return words.decode().split()[-1]


def fetch():
    """All of alice's messages, taken away."""
    box = poplib.POP3("127.0.0.1", base + 110, timeout=20)
    box.user("alice")
    box.pass_(password)
    found = []
    for number in range(1, box.stat()[0] + 1):
        lines = box.retr(number)[1]
        found.append(b"\r\n".join(lines) + b"\r\n")
        box.dele(number)
    box.quit()
    return found


def await_report():
    for _ in range(300):
        found = fetch()
        if len(found) > 1:
            fail(f"{len(found)} reports at once")
        if found:
            return email.message_from_bytes(found[0],
                                            policy=email.policy.default)
        time.sleep(0.2)
    fail("no report came")


def read(report):
    """(fields of the message, fields of each recipient, third part)"""
    check("Return-Path", report["Return-Path"], "<>")
    check("To", report["To"], "alice@campus.example")
    check("Auto-Submitted", report["Auto-Submitted"], "auto-replied")
    if not report["From"].startswith(f"MAILER-DAEMON@{HOST}"):
        fail("From:", report["From"])
    check("type", report.get_content_type(), "multipart/report")
    check("report-type", report.get_param("report-type"), "delivery-status")
    check("defects", report.defects, [])
    words, status, returned = report.get_payload()
    check("first part", words.get_content_type(), "text/plain")
    check("second part", status.get_content_type(), "message/delivery-status")
    blocks = status.get_payload()
    check("Reporting-MTA", blocks[0]["Reporting-MTA"], f"dns; {HOST}")
    if email.utils.parsedate_tz(blocks[0]["Arrival-Date"]) is None:
        fail("Arrival-Date:", blocks[0]["Arrival-Date"])
    return blocks[0], blocks[1:], returned


def check_recipient(block, address, action, status):
    check("Final-Recipient", block["Final-Recipient"], f"rfc822;{address}")
    check("Action", block["Action"], action)
    check("Status", block["Status"], status)


def success():
    send([("bob@campus.example",
           ["NOTIFY=SUCCESS", "ORCPT=rfc822;Bob+2Bx@Campus.Example"])],
         mail_options=["RET=FULL", "ENVID=QQ+2B314"])
    message, recipients, returned = read(await_report())
    check("Original-Envelope-Id", message["Original-Envelope-Id"], "QQ+314")
    check("recipients", len(recipients), 1)
    check_recipient(recipients[0], "bob@campus.example", "delivered", "2.0.0")
    check("Original-Recipient", recipients[0]["Original-Recipient"],
          "rfc822;Bob+x@Campus.Example")
    # RFC 3461 6.2: no body comes back with good news.
    check("third part", returned.get_content_type(), "text/rfc822-headers")
    text = returned.get_content()
    if "X-Mark: 1" not in text or "The body" in text:
        fail("the third part is not the header:", text)


def expanded():
    """RFC 3461 5.2.7.3 (c): of an alias one report, of its members failures."""
    send([("staff@campus.example",
           ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;all@far.example"])],
         octets=5000)
    # bob has it, tiny has no room: both are said at once.
    _, recipients, _ = read(await_report())
    check("recipients", len(recipients), 2)
    by_action = {block["Action"]: block for block in recipients}
    check_recipient(by_action["expanded"], "staff@campus.example", "expanded",
                    "2.0.0")
    check_recipient(by_action["failed"], "tiny@campus.example", "failed",
                    "5.2.2")
    for block in recipients:
        check("Original-Recipient", block["Original-Recipient"],
              "rfc822;all@far.example")
    # Who wants to hear of success alone hears nothing of a member's failure.
    send([("staff@campus.example", ["NOTIFY=SUCCESS"])], octets=5000)
    report = await_report()
    check("Subject", report["Subject"], "Successful Mail Delivery Report")
    _, recipients, returned = read(report)
    check("recipients", len(recipients), 1)
    check_recipient(recipients[0], "staff@campus.example", "expanded", "2.0.0")
    check("third part", returned.get_content_type(), "text/rfc822-headers")


def failure():
    queue_id = send([("bob@campus.example", []), ("tiny@campus.example", [])],
                    octets=5000)
    report = await_report()
    message, recipients, returned = read(report)
    check("queue id", message["X-Postlab-Queue-Id"], queue_id)
    check("recipients", len(recipients), 1)
    check_recipient(recipients[0], "tiny@campus.example", "failed", "5.2.2")
    # What was typed, where there was no ORCPT (worksheet 12).
    check("Original-Recipient", recipients[0]["Original-Recipient"],
          "rfc822;tiny@campus.example")
    if not recipients[0]["Diagnostic-Code"].startswith("smtp; 552 5.2.2"):
        fail("Diagnostic-Code:", recipients[0]["Diagnostic-Code"])
    check("third part", returned.get_content_type(), "message/rfc822")
    letter = returned.get_content()
    check("Subject", letter["Subject"], "letter")
    if "The body" not in letter.get_content():
        fail("the letter did not come back")
    if report["References"] != letter["Message-Id"]:
        fail("References:", report["References"], letter["Message-Id"])


def never():
    send([("bob@campus.example", ["NOTIFY=SUCCESS"]),
          ("tiny@campus.example", ["NOTIFY=NEVER"])], octets=5000)
    _, recipients, _ = read(await_report())
    check("recipients", len(recipients), 1)
    check_recipient(recipients[0], "bob@campus.example", "delivered", "2.0.0")


def patience():
    send([("tiny@campus.example", ["NOTIFY=NEVER"])], octets=3000)
    send([("bob@campus.example", []), ("tiny@campus.example", [])],
         octets=3000)
    message, recipients, returned = read(await_report())
    check_recipient(recipients[0], "tiny@campus.example", "delayed", "4.2.2")
    until = email.utils.parsedate_to_datetime(recipients[0]["Will-Retry-Until"])
    begun = email.utils.parsedate_to_datetime(message["Arrival-Date"])
    check("patience", (until - begun).total_seconds(), 8)
    check("third part", returned.get_content_type(), "text/rfc822-headers")
    _, recipients, returned = read(await_report())
    check_recipient(recipients[0], "tiny@campus.example", "failed", "5.4.7")
    check("third part", returned.get_content_type(), "message/rfc822")


for test in success, expanded, failure, never, patience:
    test()
    print("ok", test.__name__)
time.sleep(1)
check("reports too many", fetch(), [])
