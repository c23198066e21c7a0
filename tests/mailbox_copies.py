#!/usr/bin/env python3
"""mailbox_copies.py - what mailbox export writes, and import makes of it.

    mailbox_copies.py POSTLAB DIR SCRATCH

DIR is a state folder with the mailboxes alice (which is filled here), bob and
carl.  Every message must come back byte for byte, with its name, its flags and
its time.
"""
import glob
import mailbox
import os
import random
import re
import signal
import subprocess
import sys
import time

POSTLAB, DIR, SCRATCH = sys.argv[1:]
FOLDERS = "new", "cur", ".Sent/new", ".Sent/cur"
FROM = b"From a@b.example Sun Nov 22 04:13:17 2026\n"
ODD = [
    b"", b"\n", b"x", b"F", b">", b"Fro\n>Fro", b"\r\n", FROM, FROM + FROM,
    b"Subject: a\n\nFrom me\n>From you\n>>From us\n" + FROM,
    FROM + b"Subject: q\n\nno end", b"A: b\n\n\n\n\n",
    b"A: b\n\nnul\0here\r\ncr\ralone\n\xff\xfe",
    b"Status: RO\nX-Status: A\nSubject: x\n\nbody\n",
    b"X-Postlab-File: cur/evil\nStatus: R\n\nx\n",
    b"A: b\n\n" + b">" * 9000 + b"From x\n" + b">" * 8187 + b"From y",
    b"A: b\nContent-Length: 100000\n\nx\n", b"A: b\n\n" + b"y" * 3000000,
]


def postlab(*arguments, status=0):
    run = subprocess.run([POSTLAB, "-d", DIR, *arguments],
                         capture_output=True, text=True)
    assert run.returncode == status, (arguments, run)
    return run.stdout + run.stderr


def folder(person):
    return f"{DIR}/mail/campus.example/{person}"


def wire_octets(data):
    octets = len(data) + len(re.findall(rb"(?<!\r)\n", data))
    if data and not data.endswith(b"\n"):
        octets += 1 if data.endswith(b"\r") else 2
    return octets


def own(path):
    st = os.stat(DIR)
    for top, folders, files in os.walk(path):
        for name in [""] + files:
            os.chown(os.path.join(top, name), st.st_uid, st.st_gid,
                     follow_symlinks=False)


def contents(person):
    """Name, bytes and time of each message."""
    found = {}
    for name in FOLDERS:
        for path in glob.glob(f"{folder(person)}/{name}/*"):
            with open(path, "rb") as file:
                found[path[len(folder(person)):]] = (
                    file.read(), int(os.stat(path).st_mtime))
    return found


def fill(person):
    chance = random.Random(1)
    messages = list(ODD)
    for path in sorted(glob.glob("tests/mail/*.eml")):
        with open(path, "rb") as file:
            messages.append(file.read())
    for name in FOLDERS + (".Sent/tmp",):
        os.makedirs(f"{folder(person)}/{name}", 0o700, exist_ok=True)
    for i, data in enumerate(messages):
        place = chance.choice(FOLDERS)
        name = f"{1700000000 + i}.M{i}P1.host"
        if i % 7 == 3:
            name = f"{1700000000 + i}.\033[2J% \303\244{i}"
        name += f",S={len(data)},W={wire_octets(data)}"
        if "cur" in place:
            flags = sorted(chance.sample("DFPRSTab", chance.randrange(6)))
            name += ":2," + "".join(flags)
        path = f"{folder(person)}/{place}/{name}"
        with open(path, "wb") as file:
            file.write(data)
        os.utime(path, (1700000000 + i, 1700000000 + i))
    own(folder(person))
    return len(messages)


def same(want, got):
    for name in sorted(set(want) | set(got)):
        assert want.get(name) == got.get(name), name


def round_trips(count):
    want = contents("alice")
    assert len(want) == count
    mbox = f"{SCRATCH}/alice.mbox"
    assert f"{count} messages written" in postlab(
        "mailbox", "export", "alice", "--mbox", mbox)
    assert os.stat(mbox).st_mode & 0o777 == 0o600
    assert not os.path.exists(mbox + ".new")
    assert "there already; nothing was changed" in postlab(
        "mailbox", "export", "alice", "--mbox", mbox, status=73)
    # The same by a Maildir as by an mbox, and nothing the second time.
    for person, source in ("bob", mbox), ("carl", folder("alice")):
        assert f"\timported\t{count} messages, 0 were" in postlab(
            "mailbox", "import", person, source)
        same(want, contents(person))
        assert f"\timported\t0 messages, {count} were" in postlab(
            "mailbox", "import", person, source)
        same(want, contents(person))
    assert "wrong-size" not in postlab("mailbox", "check", "bob", status=65)
    # Another program reads what we write.
    assert len(mailbox.mbox(mbox)) == count
    return mbox


def killed(mbox, count):
    """An import that dies anywhere leaves whole messages, and goes on."""
    want = contents("alice")
    for after in 0.01, 0.03, 0.06:
        subprocess.run(["rm", "-rf", folder("bob")], check=True)
        process = subprocess.Popen(
            [POSTLAB, "-d", DIR, "mailbox", "import", "bob", mbox],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for name, message in contents("bob").items():
            assert want[name] == message, name
        postlab("mailbox", "import", "bob", mbox)
        same(want, contents("bob"))


def foreign():
    """Two messages that are alike are two; and they are when done again."""
    mbox = f"{SCRATCH}/foreign.mbox"
    with open(mbox, "wb") as file:
        file.write((FROM + b"A: b\nStatus: RO\n\nsame\n\n") * 2)
        file.write(FROM + b"A: c\n\nother\n\n")
    subprocess.run(["rm", "-rf", folder("bob")], check=True)
    for answer in "3 messages, 0 were", "0 messages, 3 were":
        assert answer in postlab("mailbox", "import", "bob", mbox)
        assert sorted(m[0] for m in contents("bob").values()) == [
            b"A: b\n\nsame\n", b"A: b\n\nsame\n", b"A: c\n\nother\n"]
        assert {m[1] for m in contents("bob").values()} == {1795320797}


def never_over_another():
    """A name that is taken by other bytes: both are there afterwards."""
    mbox = f"{SCRATCH}/taken.mbox"
    subprocess.run(["rm", "-rf", folder("bob")], check=True)
    for text, answer in ((b"one\n", "1 messages, 0"), (b"two\n", "1 messages"),
                         (b"two\n", "0 messages, 1"), (b"one\n", "0 messages")):
        with open(mbox, "wb") as file:
            file.write(FROM + b"X-Postlab-File: cur/1.a.x:2,S\nStatus: RO\n"
                       b"X-Status: \n" + text + b"\n")
        assert answer in postlab("mailbox", "import", "bob", mbox)
    assert sorted(m[0] for m in contents("bob").values()) == [
        b"one\n", b"two\n"]


def named_twice():
    """One name several times in one file: what is the same comes once, others
    get names of their own, as many as there are."""
    mbox = f"{SCRATCH}/twice.mbox"
    name = b"X-Postlab-File: cur/1.b.x:2,S\nStatus: RO\nX-Status: \n"
    subprocess.run(["rm", "-rf", folder("bob")], check=True)
    with open(mbox, "wb") as file:
        for text in b"one\n", b"one\n", b"two\n", b"two\n":
            file.write(FROM + name + text + b"\n")
    assert "\t3 messages, 1 were" in postlab("mailbox", "import", "bob", mbox)
    assert sorted(m[0] for m in contents("bob").values()) == [
        b"one\n", b"two\n", b"two\n"]
    assert "\t0 messages, 4 were" in postlab("mailbox", "import", "bob", mbox)


def hostile_maildir():
    """Links, fifos and folders in a Maildir are not followed."""
    box = f"{SCRATCH}/hostile"
    for name in "new", "cur", "tmp", ".real/cur":
        os.makedirs(f"{box}/{name}")
    os.symlink("/etc/passwd", f"{box}/new/1.link.x")
    os.symlink("/etc", f"{box}/.link")
    os.symlink(f"{box}/.real", f"{box}/.link2")
    os.mkfifo(f"{box}/cur/1.fifo.x")
    os.mkdir(f"{box}/cur/1.folder.x")
    with open(f"{box}/.real/cur/1.a.x:2,", "wb") as file:
        file.write(b"A: b\n\nx\n")
    with open(f"{box}/new/.hidden", "wb") as file:
        file.write(b"A: b\n\nx\n")
    subprocess.run(["rm", "-rf", folder("bob")], check=True)
    assert "\t1 messages, 0" in postlab("mailbox", "import", "bob", box)
    assert os.listdir(f"{folder('bob')}/.real/cur") == [
        "1.a.x,S=8,W=11:2,"]
    # A subfolder of ours that is a link is no place for mail.
    os.symlink("/tmp", f"{folder('carl')}/.real")
    assert ".real is no folder" in postlab(
        "mailbox", "import", "carl", box, status=74)
    os.unlink(f"{folder('carl')}/.real")


def mistakes():
    postlab("mailbox", "export", "all", status=64)
    postlab("mailbox", "export", "alice", "--mbox", status=64)
    postlab("mailbox", "import", "alice", status=64)
    postlab("mailbox", "import", "nobody", "/dev/null", status=66)
    postlab("mailbox", "import", "alice", f"{SCRATCH}/nothing", status=66)
    postlab("mailbox", "import", "nobody", folder("carl"), status=67)
    postlab("mailbox", "export", "nobody", "--mbox", f"{SCRATCH}/n",
            status=67)
    assert glob.glob(f"{SCRATCH}/n*") == []
    assert "that is no mbox" in postlab(
        "mailbox", "import", "alice", "README.md", status=65)


def main():
    count = fill("alice")
    mbox = round_trips(count)
    killed(mbox, count)
    foreign()
    never_over_another()
    named_twice()
    hostile_maildir()
    mistakes()


main()
