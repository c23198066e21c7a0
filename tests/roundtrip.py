"""roundtrip.py - sends messages by SMTP, fetches them by POP3, compares.

    roundtrip.py trip BASE DIR SEED FOLDER
    roundtrip.py list BASE DIR

FOLDER has packages of Debian, unpacked: the mail they are tested with is sent,
too.  It may be empty, "".

What comes back must be what was sent, below the fields that were added on the
way (RFC 5321 4.4).  The rules for files that another program has put into the
Maildir are written down here anew, and not taken from the server: an LF, with
or without a CR in front, ends a line; another CR is a blank; the last line
gets an end.
"""
import glob
import os
import poplib
import random
import re
import smtplib
import socket
import ssl
import sys

PASSWORD = "12345pass"
GENERATED = 250
FOREIGN = 150
# A line of the wire has 64 KiB at most on its way in.
PIECES = [b".", b"..", b"...", b"\r\n", b"\r\n", b"\r\n.", b"\r\n..\r\n",
          b"\r\n.\r", b"\r\n\r\n", b"From ", b">From ", b" ", b"\t", b"=",
          b"=0D=0A", b"-", b"--x", b"\xc3\xbc", b"\xff\xfe", b"\x80", b"\x00",
          b"\x1b[2J", b"\x7f", b"\b", b"x" * 77, b"y" * 998, b"z" * 5000,
          b"Content-Length: 1\r\n", b"+OK", b"-ERR", b"QUIT\r\n", b"\r", b"\n"]


def context(folder):
    found = ssl.create_default_context(cafile=folder + "/tls/ca.pem")
    found.check_hostname = False
    return found


def pop(base, folder, user):
    poplib._MAXLINE = 1 << 20
    server = poplib.POP3_SSL("127.0.0.1", base + 995, timeout=60,
                             context=context(folder))
    server.user(user)
    server.pass_(PASSWORD)
    return server


def retrieve(server, number, command="RETR %d"):
    """The bytes between +OK and the final dot, dots undoubled."""
    server._putcmd(command % number)
    answer = server.file.readline()
    assert answer.startswith(b"+OK"), answer
    lines = []
    while True:
        line = server.file.readline()
        assert line.endswith(b"\r\n"), line
        assert line.count(b"\r") == 1, line
        if line == b".\r\n":
            break
        lines.append(line[1:] if line.startswith(b".") else line)
    return answer, b"".join(lines)


def tidy(data):
    """What SMTP takes: lines that end with CRLF, no NUL, no stray CR or LF."""
    data = data.replace(b"\x00", b"")
    data = re.sub(rb"\r+(?!\n)", b"", data)
    data = re.sub(rb"(?<!\r)\n", b"", data)
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def deep(depth):
    """Parts in parts in parts."""
    head = b"MIME-Version: 1.0\r\n"
    for level in range(depth):
        head += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n' \
            b"--b%d\r\n" % (level, level)
    return head + b"Content-Type: text/plain\r\n\r\n.\r\nend\r\n" + b"".join(
        b"--b%d--\r\n" % level for level in reversed(range(depth)))


def written():
    """Messages with a point to them."""
    yield b"Subject: empty\r\n\r\n"
    yield b"Subject: header alone\r\n"
    yield b"\r\nno header\r\n"
    yield b"Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.x\r\nx.\r\n . \r\n.\r\n"
    yield b"Subject: bytes\r\n\r\n" + bytes(
        b for b in range(1, 256) if b not in (10, 13)) + b"\r\n"
    yield b"Subject: folded\r\n " + b"x" * 990 + b"\r\n\r\nbody\r\n"
    yield b"".join(b"X-%d: %s\r\n" % (i, b"v" * 900) for i in range(300)) \
        + b"\r\nhuge header\r\n"
    yield deep(5)
    yield deep(200)
    yield b"Subject: long line\r\n\r\n" + b"x" * 60000 + b"\r\n"
    yield b"Subject: many lines\r\n\r\n" + b".\r\n" * 50000
    # A piece of the server's buffers ends within a line end, or a dot.
    for size in range(65530, 65540):
        head = b"Subject: %d\r\n\r\n" % size
        yield head + b"x" * 700 + b"\r\n" + (b"y" * 70 + b"\r\n") * (
            (size - 720) // 72) + b"z" * ((size - 720) % 72) + b"\r\n.\r\n..\r\n"


def found(patterns):
    """Real and malformed messages, in files."""
    for name in sorted(sum((glob.glob(p, recursive=True) for p in patterns),
                           [])):
        with open(name, "rb") as file:
            yield tidy(re.sub(rb"\r?\n", b"\r\n", file.read()))


def of_packages(folder):
    return list(found([folder + "/**/testdata/**/*.raw",
                       folder + "/**/testdata/encode/*.golden",
                       folder + "/**/test_email/data/*.txt"]))


def stored(data):
    """Delivery puts its own in place of a Return-Path (RFC 5321 4.4)."""
    field = rb"[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*"
    head = re.match(rb"(?:%s)*" % field, data).group()
    return b"".join(
        one for one in re.findall(field, head)
        if not re.match(rb"return-path[ \t]*:", one, re.I)) + data[len(head):]


def generated(chance, count):
    for number in range(count):
        body = b"".join(chance.choices(PIECES, k=chance.randrange(1, 60)))
        head = b"" if number % 10 == 9 else b"Subject: %d\r\n\r\n" % number
        yield tidy(head + body)


def send(base, folder, messages):
    smtp = smtplib.SMTP("127.0.0.1", base + 25, "localhost", timeout=60)
    smtp.ehlo()
    for data in messages:
        smtp.mail("sender@far.example")
        code, text = smtp.rcpt("alice@campus.example")
        assert code == 250, text
        code, text = smtp.docmd("DATA")
        assert code == 354, text
        smtp.send(re.sub(rb"(?m)^\.", b"..", data) + b".\r\n")
        code, text = smtp.getreply()
        assert code == 250, (text, data[:200])
    smtp.quit()


def check_sent(server, number, data, size):
    data = stored(data)
    answer, back = retrieve(server, number)
    assert len(back) == size, "LIST says %d, RETR gives %d" % (size, len(back))
    assert answer == b"+OK %d octets\r\n" % size, answer
    assert back.endswith(data), "message %d: sent %r, back %r" % (
        number, data[:500], back[:1500])
    added = back[:len(back) - len(data)]
    assert re.fullmatch(
        rb"((Return-Path|Delivered-To|X-Original-To|Received):[^\n]*\n"
        rb"([ \t][^\n]*\n)*)+(\r\n)?", added), added
    lines = number % 7
    _, top = retrieve(server, number, "TOP %%d %d" % lines)
    head, blank, body = back.partition(b"\r\n\r\n")
    wanted = head + blank + b"".join(
        line + b"\r\n" for line in body.split(b"\r\n")[:-1][:lines])
    assert top == wanted, "TOP of message %d" % number


def wire_of(data):
    """How a file of another program goes out."""
    if data.endswith(b"\r"):
        data += b"\n"  # a line end that was cut
    lines = re.split(rb"\r?\n", data)
    if lines[-1] == b"":
        lines.pop()
    return b"".join(line.replace(b"\r", b" ") + b"\r\n" for line in lines)


def trip(base, folder, seed, packages):
    chance = random.Random(seed)
    real = of_packages(packages) if packages else []
    assert len(real) > 100 or not packages, "where is Debian's mail?"
    messages = list(written()) + list(found(["tests/mail/*.eml"])) + real \
        + list(generated(chance, GENERATED))
    send(base, folder, messages)
    server = pop(base, folder, "alice")
    listed = [int(row.split()[1]) for row in server.list()[1]]
    assert len(listed) == len(messages), (len(listed), len(messages))
    assert server.stat() == (len(listed), sum(listed))
    for number, data in enumerate(messages, 1):
        check_sent(server, number, data, listed[number - 1])
    server.quit()
    print("%d messages there and back, %d of them of Debian's packages" %
          (len(messages), len(real)))
    foreign(base, folder, chance)


def foreign(base, folder, chance):
    """Files with any bytes, as programs that are not ours leave them."""
    box = folder + "/mail/campus.example/bob/"
    owner = os.stat(folder)
    for part in "", "tmp", "new", "cur":
        os.makedirs(box + part, exist_ok=True)
        os.chown(box + part, owner.st_uid, owner.st_gid)
    files = [b"", b"\n", b"\r", b"\r\n", b".", b".\n.", b"x\r\r\ny", b"a\rb",
             b"no end", b"\r\n.\r\n", b"nul\x00nul\n"]
    files += [b"".join(chance.choices(PIECES, k=chance.randrange(1, 40)))
              for _ in range(FOREIGN)]
    for number, data in enumerate(files):
        name = box + "new/%d.M%d.elsewhere" % (1000000000 + number, number)
        with open(name, "wb") as file:
            file.write(data)
        os.chown(name, owner.st_uid, owner.st_gid)
    server = pop(base, folder, "bob")
    listed = [int(row.split()[1]) for row in server.list()[1]]
    assert len(listed) == len(files), (len(listed), len(files))
    for number, data in enumerate(files, 1):
        _, back = retrieve(server, number)
        assert back == wire_of(data), (number, data[:300], back[:300])
        assert len(back) == listed[number - 1], (number, data[:300])
    server.quit()
    print("%d files of others" % len(files))


def count_lists(base, folder):
    server = pop(base, folder, "alice")
    count, octets = server.stat()
    assert count > GENERATED
    assert sum(int(row.split()[1]) for row in server.list()[1]) == octets
    ids = [row.split()[1] for row in server.uidl()[1]]
    assert len(set(ids)) == count
    retrieve(server, 1)
    server.quit()


def main():
    what, base, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    socket.setdefaulttimeout(60)
    if what == "trip":
        trip(base, folder, int(sys.argv[4]), sys.argv[5])
    else:
        count_lists(base, folder)


main()
