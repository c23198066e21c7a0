#!/usr/bin/env python3
"""interop.py - Python's smtplib and poplib as clients.

  interop.py names                 lists the tests
  interop.py NAME BASE CA          runs one; exit status 0 when it passed

BASE is the port base of the server, CA the file with its authority.
"""
import poplib
import smtplib
import ssl
import sys

ALICE, BOB, PASSWORD = "alice@campus.example", "bob@campus.example", "12345pass"
TEXT = "From: <alice@campus.example>\r\nSubject: {}\r\n\r\n{}\r\n"


class Server:
    def __init__(self, base, ca):
        self.base = base
        self.context = ssl.create_default_context(cafile=ca)

    def mta(self):
        return smtplib.SMTP("localhost", self.base + 25, "client.example", timeout=20)

    def submission(self):
        smtp = smtplib.SMTP("localhost", self.base + 587, "client.example", timeout=20)
        smtp.starttls(context=self.context)
        return smtp

    def submissions(self):
        return smtplib.SMTP_SSL("localhost", self.base + 465, "client.example",
                                context=self.context, timeout=20)

    def pop(self, user=BOB):
        pop = poplib.POP3("localhost", self.base + 110, timeout=20)
        pop.user(user)
        pop.pass_(PASSWORD)
        return pop


def expect(exception, call, *arguments):
    """The exception that CALL must raise."""
    try:
        call(*arguments)
    except exception as raised:
        return raised
    raise AssertionError(f"no {exception.__name__}")


def equal(got, expected):
    assert got == expected, f"{got!r} is not {expected!r}"


def delivered(server, subject):
    """The only message of that subject, fetched and deleted."""
    pop = server.pop()
    found = [n for n in range(1, len(pop.list()[1]) + 1)
             if f"Subject: {subject}".encode() in pop.top(n, 0)[1]]
    equal(len(found), 1)
    lines = pop.retr(found[0])[1]
    pop.dele(found[0])
    pop.quit()
    return lines


def test_smtplib_to_port_25(server):
    with server.mta() as smtp:
        equal(smtp.sendmail(ALICE, [BOB], TEXT.format("py25", "..\r\n.")), {})
    equal(delivered(server, "py25")[-3:], [b"", b"..", b"."])


def test_smtplib_logs_in_by_each_mechanism(server):
    for connect in server.submission, server.submissions:
        for name in "cram_md5", "plain", "login":
            with connect() as smtp:
                smtp.ehlo_or_helo_if_needed()
                smtp.user, smtp.password = ALICE, PASSWORD
                code, _ = smtp.auth(name.upper().replace("_", "-"),
                                    getattr(smtp, "auth_" + name))
                equal(code, 235)
                equal(smtp.sendmail(ALICE, [BOB], TEXT.format(name, "x")), {})
            delivered(server, name)


def test_smtplib_login_chooses_by_itself(server):
    with server.submission() as smtp:
        smtp.login(ALICE, PASSWORD)
        smtp.sendmail(ALICE, [BOB], TEXT.format("chosen", "x"))
    delivered(server, "chosen")


def test_smtplib_is_told_a_wrong_password(server):
    with server.submission() as smtp:
        raised = expect(smtplib.SMTPAuthenticationError, smtp.login, ALICE, "no")
        equal(raised.smtp_code, 535)


def test_smtplib_is_told_who_was_refused(server):
    with server.mta() as smtp:
        refused = smtp.sendmail(ALICE, [BOB, "nobody@campus.example"],
                                TEXT.format("partly", "x"))
        equal(list(refused), ["nobody@campus.example"])
        equal(refused["nobody@campus.example"][0], 550)
        raised = expect(smtplib.SMTPRecipientsRefused, smtp.sendmail,
                        ALICE, ["who@far.example"], TEXT.format("x", "x"))
        equal(raised.recipients["who@far.example"][0], 554)
    delivered(server, "partly")


def test_smtplib_is_told_that_it_must_log_in(server):
    with server.submission() as smtp:
        raised = expect(smtplib.SMTPSenderRefused, smtp.sendmail,
                        ALICE, [BOB], TEXT.format("x", "x"))
        equal(raised.smtp_code, 530)


def test_smtplib_cannot_forge_another_login(server):
    # Port 465 is strict here; in a class one may send as anybody.
    with server.submissions() as smtp:
        smtp.login(ALICE, PASSWORD)
        raised = expect(smtplib.SMTPSenderRefused, smtp.sendmail,
                        BOB, [BOB], TEXT.format("x", "x"))
        equal(raised.smtp_code, 553)


def test_smtplib_is_told_the_size_limit(server):
    big = "x" * 70 + "\r\n"
    with server.mta() as smtp:
        raised = expect(smtplib.SMTPSenderRefused, smtp.sendmail,
                        ALICE, [BOB], TEXT.format("big", big * 150000))
        equal(raised.smtp_code, 552)
        equal(smtp.sendmail(ALICE, [BOB], TEXT.format("less", big * 100000)), {})
    equal(len(delivered(server, "less")[-100001:]), 100001)


def test_smtplib_sends_eight_bits(server):
    text = TEXT.format("eight", "Camión").encode("latin-1")
    with server.mta() as smtp:
        smtp.sendmail(ALICE, [BOB], text, ["BODY=8BITMIME"])
    equal(delivered(server, "eight")[-1], "Camión".encode("latin-1"))


def test_smtplib_speaks_lmtp(server):
    with smtplib.LMTP("127.0.0.1", server.base + 24, timeout=20) as lmtp:
        equal(lmtp.sendmail(ALICE, [BOB], TEXT.format("lmtp", "x")), {})
        refused = expect(smtplib.SMTPRecipientsRefused, lmtp.sendmail, ALICE,
                         ["nobody@campus.example"], TEXT.format("x", "x"))
        equal(refused.recipients["nobody@campus.example"][0], 550)
    delivered(server, "lmtp")


def test_poplib_sees_what_rfc_1939_says(server):
    with server.mta() as smtp:
        for name in "pop1", "pop2":
            smtp.sendmail(ALICE, [ALICE], TEXT.format(name, "one\r\ntwo"))
    pop = server.pop(ALICE)
    count, octets = pop.stat()
    sizes = [int(line.split()[1]) for line in pop.list()[1]]
    equal((count, octets), (len(sizes), sum(sizes)))
    for n in range(1, count + 1):
        lines, size = pop.retr(n)[1:]
        equal((sum(len(line) + 2 for line in lines), size), (sizes[n - 1],) * 2)
    equal(len(pop.top(count, 1)[1]), len(lines) - 1)
    ids = [line.split()[1] for line in pop.uidl()[1]]
    equal(len(set(ids)), count)
    pop.dele(count)
    expect(poplib.error_proto, pop.retr, count)
    pop.rset()
    pop.retr(count)
    pop.dele(count)
    pop.quit()

    pop = server.pop(ALICE)
    equal([line.split()[1] for line in pop.uidl()[1]], ids[:-1])
    expect(poplib.error_proto, pop.retr, 0)
    expect(poplib.error_proto, pop.retr, count)
    pop.quit()


def test_poplib_without_quit_deletes_nothing(server):
    with server.mta() as smtp:
        smtp.sendmail(ALICE, [ALICE], TEXT.format("stays", "x"))
    pop = server.pop(ALICE)
    count, _ = pop.stat()
    pop.dele(1)
    pop.close()
    pop = server.pop(ALICE)
    equal(pop.stat()[0], count)
    pop.quit()


def test_poplib_over_tls(server):
    pop = poplib.POP3("localhost", server.base + 110, timeout=20)
    assert "STLS" in pop.capa()
    pop.stls(context=server.context)
    pop.user(BOB)
    pop.pass_(PASSWORD)
    pop.quit()
    pop = poplib.POP3_SSL("localhost", server.base + 995,
                          context=server.context, timeout=20)
    pop.user("bob")
    pop.pass_(PASSWORD)
    pop.quit()


def test_poplib_cannot_open_a_mailbox_twice(server):
    pop = server.pop()
    second = poplib.POP3("localhost", server.base + 110, timeout=20)
    second.user(BOB)
    raised = expect(poplib.error_proto, second.pass_, PASSWORD)
    assert b"[IN-USE]" in raised.args[0], raised
    second.close()
    pop.quit()


def test_poplib_is_told_a_wrong_password(server):
    pop = poplib.POP3("localhost", server.base + 110, timeout=20)
    pop.user(BOB)
    raised = expect(poplib.error_proto, pop.pass_, "no")
    assert b"[AUTH]" in raised.args[0], raised
    pop.quit()


TESTS = {name[5:]: test for name, test in globals().items()
         if name.startswith("test_")}

if __name__ == "__main__":
    if sys.argv[1:] == ["names"]:
        print("\n".join(TESTS))
    else:
        TESTS[sys.argv[1]](Server(int(sys.argv[2]), sys.argv[3]))
