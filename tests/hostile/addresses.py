"""addresses.py - addresses and parameters that mean to be something else.

A path, a line of a header, a line of an envelope file, a second recipient.
"""
import re

from peer import ALICE, BOB, demand

HERE = "@campus.example"

# None of them is a mailbox here, and none may become a file.
NOBODY = [
    "../../etc/passwd", "..", ".", "/", "/x", "/etc/passwd", "a/b", "bob/..",
    "bob/new", "../bob", "bob/", "./bob", "bob.", ".bob", "bob..bob", "~",
    "~root", "%2e%2e%2f%2e%2e", "bob%2f..", "bob%00", "-f", "-", "|/bin/sh",
    "$(id)", "`id`", "*", "?", "[bob]", "{bob}", "bob;id", "bob\\", "&",
    "index.sqlite", "new", "cur", "tmp", '"../../etc/passwd"', '"."', '".."',
    '"/x"', '"a/b"', '"bob/../alice"', '"bob\\/"', '"bob "', '" bob"', '""',
    '"bob\\"', '"bob@far.example"', '"bob',  'bob"', '"a"b', "b\\ob",
    '"<bob>"', '"bob>,<alice"', "bob,alice", "bob alice", "bob\talice",
    "bob:alice", "(c)bob", "bob(c", "a" * 64, "a" * 65, "a" * 300, "a/" * 30,
    "../" * 20, '"' + "a" * 63 + '"', "%s%s%n", "b\u00f3b", "\u202ebob",
    "bob\ufeff", "\uff42ob", "..\u2215x", "b\u0301ob",
]

WRONG_DOMAINS = [
    "../../campus.example", "campus.example/", "campus.example/../x", "..",
    "/", "", ".", ".campus.example", "campus..example", "campus.example..",
    "campus.example\\", "campus.example%00", "-campus.example", "[../..]",
    "[127.0.0.1", "[::1]", "[IPv6:zz]", "[campus.example]", "a" * 300,
    "x." * 126 + "example", "campus.example@campus.example",
    "campus.example,far.example", "*.example", "campus_example",
    "c\u0430mpus.example", "campus\u3002example",
]

# Bytes that no command may hold, wherever they stand.
BREAKS = [b"\0", b"\n", b"\r", b"\r\r\n", b"\n\r", b"\n\n"]


def answers(peer, command):
    """Its code; on a connection of its own, for wrong ones are counted."""
    peer.hello()
    if command[:4].upper() == b"RCPT":
        peer.say(f"MAIL FROM:<{ALICE}>", 250)
    peer.send(command + b"\r\n")
    code = peer.reply()[0]
    peer.say("RSET", 250)
    peer.say("QUIT", 221)
    return code


def test_who_is_no_mailbox_gets_nothing(world):
    for local in NOBODY:
        for path in f"<{local}{HERE}>", f"<@far.example:{local}{HERE}>":
            with world.mta() as peer:
                code = answers(peer, f"RCPT TO:{path}".encode())
            demand(500 <= code < 560, path, "gave", code)


def test_a_domain_that_is_none_gets_nothing(world):
    for domain in WRONG_DOMAINS:
        with world.mta() as peer:
            code = answers(peer, f"RCPT TO:<bob@{domain}>".encode())
        demand(500 <= code < 560, domain, "gave", code)


def test_what_stands_behind_the_plus_is_no_path(world):
    for detail in ("../../alice", "/etc/passwd", "..", "a/b", "%2e%2e", "-x",
                   "new", "|id"):
        with world.mta() as peer:
            peer.hello().say(f"MAIL FROM:<{ALICE}>", 250)
            peer.send(f'RCPT TO:<"bob+{detail}"{HERE}>\r\nRSET\r\n')
            code = peer.reply()[0]
            demand(code in (250, 550), detail, "gave", code)
            peer.expect(250)
            if code == 250:
                peer.begin(recipient=f'"bob+{detail}"{HERE}')
                peer.say(f"From: <{ALICE}>\r\n\r\nx\r\n.", 250)
        names = list(world.new_mails())
        demand(len(names) == (code == 250), detail, names)
        demand(all(re.match("campus.example/bob/new/[^/]*$", name)
                   for name in names), detail, "is in", names)


def test_a_break_ends_no_command(world):
    """What stands behind it is not run: no second MAIL, no recipient."""
    for junk in BREAKS:
        for command in (b"MAIL FROM:<alice" + junk + b"@x.example>",
                        b"MAIL FROM:<alice@x.example> SIZE=1" + junk,
                        b"MAIL FROM:<alice@x.example> BODY=8BIT" + junk + b"MIME",
                        b"MAIL FROM:<\"a" + junk + b"b\"@x.example>",
                        b"EHLO a" + junk + b"b"):
            # Classrooms end a command at a bare LF: the rest is then the next.
            if not world.strict and b"\n" in junk:
                continue
            with world.mta() as peer:
                peer.hello()
                peer.send(command + b"\r\n")
                codes = [peer.reply()[0]]
                peer.send(b"QUIT\r\n")
                codes += peer.rest()
            demand(all(400 <= code < 600 for code in codes[:-1])
                   and codes[-1] == 221, command, "gave", codes)


def test_a_quoted_break_is_no_address(world):
    """In a quoted string and behind a backslash: RFC 5321 has qtext only."""
    for code_point in [*range(1, 10), 11, 12, *range(14, 32), 127]:
        byte = bytes([code_point])
        for local in b'"a' + byte + b'b"', b'"a\\' + byte + b'b"', b"a" + byte:
            with world.mta() as peer:
                code = answers(peer, b"RCPT TO:<" + local + HERE.encode() + b">")
            demand(500 <= code < 560, local, "gave", code)




def test_nothing_a_client_says_becomes_a_line_of_the_header(world):
    """In clear, in xtext and in quotes; the mail is looked at afterwards."""
    mails = [
        (b"EHLO x)\x0bInjected: 1", b"", b""),
        (b"EHLO x (Injected: 1", b"", b""),
        (b"HELO \"x\\", b"", b""),
        (b"EHLO x;\tInjected: 1", b"", b""),
        (b"EHLO x", b"<\"a b>Injected: 1\"@x.example>", b""),
        (b"EHLO x", b"<\"Injected: 1\"@x.example>", b""),
        (b"EHLO x", b"", b"<\"bob+Injected: 1\"@campus.example>"),
        (b"EHLO x", b"<a@x.example> ENVID=a+0D+0AInjected:+201", b""),
        (b"EHLO x", b"<a@x.example> ENVID=a+00b", b""),
        (b"EHLO x", b"<a@x.example> AUTH=a+0D+0AInjected:+201", b""),
        (b"EHLO x", b"", b"<bob@campus.example> "
         b"ORCPT=rfc822;a+0D+0AInjected:+201@x.example"),
        (b"EHLO x", b"", b"<bob@campus.example> "
         b"ORCPT=rfc822;a+0AInjected:+201@x.example"),
        (b"EHLO x", b"", b"<bob@campus.example> ORCPT=utf-8;a\\x{0A}Injected:1@x"),
        (b"EHLO x", b"", b"<bob@campus.example> NOTIFY=NEVER+0AInjected:"),
    ]
    for hello, sender, recipient in mails:
        with world.mta() as peer:
            peer.expect(220)
            peer.send(hello + b"\r\nMAIL FROM:" + (sender or b"<a@x.example>")
                      + b"\r\nRCPT TO:" + (recipient or f"<{BOB}>".encode())
                      + b"\r\nNOOP\r\n")
            codes = [peer.reply()[0] for _ in range(4)]
            demand(codes[3] == 250, codes)
            if codes[:3] == [250] * 3:
                peer.say("DATA", 354)
                peer.say(f"From: <{ALICE}>\r\n\r\nx\r\n.", 250)
        for name, mail in world.new_mails().items():
            header = mail.split(b"\n\n")[0]
            demand(not re.search(rb"(^|\n)Injected", header), name, header)
            demand(re.match(rb"[\x20-\x7e\n\t]*$", header), name, header)
