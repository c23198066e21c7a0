"""relay_denied.py - who has not logged in reaches nobody on another host, by
whatever trick of the address or of the session.
"""
import smtplib, time

from relay_world import ALICE, campus, check, fail, login, sessions


TRICKS = ["a@good.example", "<@campus.example:a@good.example>",
          "<@campus.example,@x.example:a@good.example>",
          "a%good.example@campus.example", "good.example!a@campus.example",
          "\"a@good.example\"@campus.example", "a@good.example@campus.example",
          "a@campus.example@good.example", "\"bob@campus.example\"@good.example",
          "bob%campus.example@good.example", "a@[127.0.1.1]",
          "a@[IPv6:::ffff:127.0.1.1]", "a@127.0.1.1", "a@sub.campus.example",
          "a@campus.example.good.example", "a@good.example.", "a@localhost",
          "a@mail.campus.example", "postmaster@good.example",
          "<bob@campus.example>,<a@good.example>",
          "<bob@campus.example> <a@good.example>",
          "bob@campus.example\0@good.example", "abuse@[campus.example]"]


def try_tricks(sender, tricks):
    with smtplib.SMTP("127.0.0.1", campus + 25, timeout=30) as smtp:
        smtp.ehlo("mail.campus.example")
        check("MAIL", smtp.mail(sender)[0], 250)
        for trick in tricks:
            named = trick if trick.startswith("<") else f"<{trick}>"
            code, words = smtp.docmd("RCPT", "TO:" + named)
            if code // 100 != 5:
                fail("an open relay:", sender, trick, code, words)
            check(f"NOOP behind {trick}", smtp.docmd("NOOP")[0], 250)


def nobody_relays_without_a_login():
    before = len(sessions())
    for sender in ALICE, "", "a@good.example", "root@localhost":
        for i in range(0, len(TRICKS), 5):
            try_tricks(sender, TRICKS[i:i + 5])
    # a login that failed is none; what a client says of others counts nothing
    with smtplib.SMTP("127.0.0.1", campus + 587, timeout=30) as smtp:
        smtp.ehlo("desk")
        for line in "AUTH PLAIN AGFsaWNlAHdyb25n", \
                "XCLIENT LOGIN=alice@campus.example ADDR=127.0.0.1", \
                "XFORWARD LOGIN=alice@campus.example":
            if smtp.docmd(line)[0] // 100 != 5:
                fail("taken:", line)
        smtp.mail(ALICE, ["AUTH=alice@campus.example"])
        check("MSA", smtp.rcpt("a@good.example")[0] // 100, 5)
    # a login ends with STARTTLS and with the connection
    with login() as smtp:
        check("with a login", smtp.docmd("MAIL", f"FROM:<{ALICE}>")[0], 250)
        check("with a login", smtp.docmd("RCPT", "TO:<a@good.example>")[0],
              250)
        smtp.docmd("RSET")
    time.sleep(1)
    check("sessions with others", len(sessions()), before)
