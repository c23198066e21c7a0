#!/usr/bin/env python3
"""python.py - Python's smtplib and poplib as clients.

  python.py names WORLD            lists the tests
  python.py NAME WORLD BASE CA     runs one; exit status 0 when it passed

WORLD is classroom or homelab, BASE the port base of the server, CA the file
with its authority.
"""
import email.message
import email.policy
import poplib
import smtplib
import ssl
import sys

ALICE, BOB, PASSWORD = "alice@campus.example", "bob@campus.example", "12345pass"
TEXT = "From: <alice@campus.example>\r\nSubject: {}\r\n\r\n{}\r\n"


class Server:
    def __init__(self, world, base, ca):
        self.world = world
        self.base = base
        self.context = ssl.create_default_context(cafile=ca)

    def mta(self):
        return smtplib.SMTP("localhost", self.base + 25, "client.example", timeout=120)

    def submission(self):
        smtp = smtplib.SMTP("localhost", self.base + 587, "client.example", timeout=120)
        smtp.starttls(context=self.context)
        return smtp

    def submissions(self):
        return smtplib.SMTP_SSL("localhost", self.base + 465, "client.example",
                                context=self.context, timeout=120)

    def pop_before_login(self):
        pop = poplib.POP3("localhost", self.base + 110, timeout=120)
        pop.stls(context=self.context)
        return pop

    def pop(self, user=BOB):
        pop = self.pop_before_login()
        pop.user(user)
        pop.pass_(PASSWORD)
        return pop


def only(world):
    """A test of the one world."""
    def mark(test):
        test.world = world
        return test
    return mark


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
        names = ["plain", "login"]
        if server.world == "classroom":
            names.append("cram_md5")
        for name in names:
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


@only("classroom")
def test_smtplib_logs_in_in_clear(server):
    with smtplib.SMTP("localhost", server.base + 587, timeout=120) as smtp:
        smtp.login(ALICE, PASSWORD)
        smtp.sendmail(BOB, [BOB], TEXT.format("clear", "x"))
    delivered(server, "clear")


@only("homelab")
def test_smtplib_finds_no_mechanism_in_clear(server):
    with smtplib.SMTP("localhost", server.base + 587, timeout=120) as smtp:
        expect(smtplib.SMTPException, smtp.login, ALICE, PASSWORD)
        smtp.user, smtp.password = ALICE, PASSWORD
        raised = expect(smtplib.SMTPAuthenticationError, smtp.auth, "PLAIN",
                        smtp.auth_plain)
        equal(raised.smtp_code, 538)


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


@only("homelab")
def test_smtplib_cannot_forge_another_login(server):
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


def test_smtplib_sends_a_message_with_letters_of_all_kinds(server):
    message = email.message.EmailMessage(policy=email.policy.SMTPUTF8)
    message["From"] = "Jörg <jörg@bücher.example>"
    message["To"] = BOB
    message["Subject"] = "utf8"
    message["X-Word"] = "Grüße"
    message.set_content("Camión\n")
    with server.mta() as smtp:
        equal(smtp.send_message(message), {})
    lines = delivered(server, "utf8")
    assert "X-Word: Grüße".encode() in lines, lines
    assert "From: Jörg <jörg@bücher.example>".encode() in lines, lines
    assert lines[0].startswith("Return-Path: <jörg@".encode()), lines[0]


def test_smtplib_asks_for_reports(server):
    with server.mta() as smtp:
        refused = smtp.sendmail(
            ALICE, [BOB], TEXT.format("dsn", "x"),
            ["RET=HDRS", "ENVID=a+2Bb"], ["NOTIFY=NEVER"])
        equal(refused, {})
        refused = expect(smtplib.SMTPRecipientsRefused, smtp.sendmail, ALICE,
                         [BOB], TEXT.format("x", "x"), [],
                         ["NOTIFY=NEVER,SUCCESS"])
        equal(refused.recipients[BOB][0], 501)
    delivered(server, "dsn")


def test_smtplib_talks_without_mail(server):
    with server.mta() as smtp:
        equal(smtp.noop()[0], 250)
        equal(smtp.ehlo()[0], 250)
        equal(smtp.rset()[0], 250)
        equal(smtp.help()[:3], b"2.0")
        equal(smtp.vrfy("bob")[0], 252 if server.world == "homelab" else 250)
        equal(smtp.vrfy("nobody")[0],
              252 if server.world == "homelab" else 550)
        equal(smtp.expn("postmaster")[0],
              502 if server.world == "homelab" else 250)


def test_smtplib_speaks_lmtp(server):
    with smtplib.LMTP("127.0.0.1", server.base + 24, timeout=120) as lmtp:
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
    pop = poplib.POP3("localhost", server.base + 110, timeout=120)
    assert "STLS" in pop.capa()
    pop.stls(context=server.context)
    pop.user(BOB)
    pop.pass_(PASSWORD)
    pop.quit()
    pop = poplib.POP3_SSL("localhost", server.base + 995,
                          context=server.context, timeout=120)
    pop.user("bob")
    pop.pass_(PASSWORD)
    pop.quit()


def test_poplib_cannot_open_a_mailbox_twice(server):
    pop = server.pop()
    second = server.pop_before_login()
    second.user(BOB)
    raised = expect(poplib.error_proto, second.pass_, PASSWORD)
    assert b"[IN-USE]" in raised.args[0], raised
    second.close()
    pop.quit()


def test_poplib_is_told_a_wrong_password(server):
    pop = server.pop_before_login()
    pop.user(BOB)
    raised = expect(poplib.error_proto, pop.pass_, "no")
    assert b"[AUTH]" in raised.args[0], raised
    pop.quit()


def names(world):
    """{name: test} of those that are made in WORLD."""
    return {name[5:]: test for name, test in globals().items()
            if name.startswith("test_")
            and getattr(test, "world", world) == world}


def main(name, world, *arguments):
    if name == "names":
        print("\n".join(names(world)))
    else:
        base, ca = arguments
        names(world)[name](Server(world, int(base), ca))


if __name__ == "__main__":
    main(*sys.argv[1:])
