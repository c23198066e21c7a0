#!/usr/bin/env python3
"""neighbours.py - one mailbox, and everybody who works on it.

  neighbours.py BASE PASSWORD MAILDIR MBSYNC NEAR

SMTP and POP3 are ours, IMAP is Dovecot's, MBSYNC a command that synchronises
NEAR with it.  Says what it saw; exit status 1 at the first thing that is not
as it must be.
"""
import imaplib
import os
import poplib
import smtplib
import subprocess
import sys
import threading

base, password, maildir, mbsync, near = sys.argv[1:]
base = int(base)


def send(subject, to="bob@campus.example"):
    with smtplib.SMTP("127.0.0.1", base + 25, "desk.campus.example") as smtp:
        smtp.sendmail("alice@campus.example", [to],
                      f"Subject: {subject}\r\n\r\n{subject}\r\n")


def imap():
    box = imaplib.IMAP4("127.0.0.1", base + 26)
    box.login("bob", password)
    return box


def uidls():
    """{subject: unique id}, as POP3 has them now."""
    pop = poplib.POP3("127.0.0.1", base + 110)
    pop.user("bob")
    pop.pass_(password)
    listed = {}
    for line in pop.uidl()[1]:
        number, uid = line.decode().split()
        lines = pop.top(int(number), 0)[1]
        subject = next(line for line in lines if line.startswith(b"Subject:"))
        listed[subject.decode()[9:]] = uid
        octets = int(pop.list(int(number)).split()[2])
        came = len(b"\r\n".join(pop.retr(int(number))[1])) + 2
        # Dovecot's W= counts no line end where the last line has none.
        assert octets == came or (b": put" in subject and octets == came - 2)
    pop.quit()
    return listed


def remove_by_pop3(subject):
    pop = poplib.POP3("127.0.0.1", base + 110)
    pop.user("bob")
    pop.pass_(password)
    for line in pop.uidl()[1]:
        number = int(line.split()[0])
        if f"Subject: {subject}".encode() in pop.top(number, 0)[1]:
            pop.dele(number)
    pop.quit()


def subjects(box, folder="INBOX"):
    """{subject: flags}, as IMAP has them now."""
    status, _ = box.select(folder)
    assert status == "OK", folder
    _, rows = box.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    found = {}
    for row in rows:
        if isinstance(row, tuple):
            subject = row[1].decode().strip()[9:]
            found[subject] = imaplib.ParseFlags(row[0])
    return found


def number_of(box, subject):
    return box.search(None, "SUBJECT", f'"{subject}"')[1][0].split()[0].decode()


def check(truth, what):
    print(("ok   " if truth else "NOT  ") + what)
    if not truth:
        sys.exit(1)


def one_after_another():
    for i in range(12):
        send(f"m{i:02}")
    before = uidls()
    check(len(before) == 12, "POP3 shows what SMTP has brought")
    box = imap()
    check(set(subjects(box)) == set(before), "IMAP shows the same")
    for i in range(4):
        box.store(number_of(box, f"m{i:02}"), "+FLAGS", r"(\Seen \Flagged)")
    for i in range(4, 7):
        box.store(number_of(box, f"m{i:02}"), "+FLAGS", r"(\Deleted)")
    box.expunge()
    box.append("INBOX", "", None, b"Subject: put\r\n\r\nby IMAP, no end")
    after = uidls()
    check(set(after) == set(before) - {"m04", "m05", "m06"} | {"put"},
          "POP3 sees what IMAP removed and put there")
    check(all(before[s] == after[s] for s in after if s in before),
          "no unique id has changed, flags or not")
    remove_by_pop3("m07")
    check("m07" not in subjects(box), "IMAP sees what POP3 removed")
    flags = subjects(box)
    check(rb"\Flagged" in flags["m02"] and rb"\Seen" not in flags["m08"],
          "flags are still those IMAP has set")
    box.logout()


def folders():
    box = imap()
    status, _ = box.create("lists.linux")
    check(status == "OK", "IMAP makes a folder")
    send("list", "bob+lists.linux@campus.example")
    send("nowhere", "bob+lists.windows@campus.example")
    check(set(subjects(box, "lists.linux")) == {"list"},
          "mail for bob+lists.linux is in it")
    check("nowhere" in subjects(box) and "list" not in subjects(box),
          "mail for a folder that is not there is in INBOX")
    check("list" not in uidls(), "POP3 shows INBOX alone")
    box.logout()


def synchronise():
    subprocess.run(mbsync, shell=True, check=True)


def with_mbsync():
    synchronise()
    inbox = near + "/INBOX"
    files = [f"{inbox}/{part}/{name}" for part in ("new", "cur")
             for name in os.listdir(f"{inbox}/{part}")]
    check(len(files) == len(uidls()), "mbsync has fetched all of it")
    wanted = [name for name in files
              if "Subject: m09" in open(name, encoding="utf-8").read()]
    os.unlink(wanted[0])
    synchronise()
    check("m09" not in uidls(), "what was removed there is gone here")
    send("late")
    synchronise()
    check(any("Subject: late" in open(f"{inbox}/{part}/{name}",
                                      encoding="utf-8").read()
              for part in ("new", "cur")
              for name in os.listdir(f"{inbox}/{part}")),
          "what comes later is fetched")


def all_at_once():
    """Deliveries, IMAP and POP3 at the same time: nothing is lost."""
    stop = threading.Event()
    trouble = []

    def flag():
        box = imap()
        while not stop.is_set():
            box.select("INBOX")
            box.store("1:*", "+FLAGS", r"(\Seen)")
            box.store("1:*", "-FLAGS", r"(\Seen)")
        box.logout()

    def fetch():
        while not stop.is_set():
            try:
                uidls()
            except poplib.error_proto as error:
                # IMAP may have moved one between the list and us; and then we
                # left without QUIT.
                if b" is gone" not in error.args[0] and \
                        b"[IN-USE]" not in error.args[0]:
                    raise

    def watched(work):
        try:
            work()
        except Exception as error:
            trouble.append(repr(error))

    before = set(uidls())
    others = [threading.Thread(target=watched, args=[work])
              for work in (flag, fetch)]
    for other in others:
        other.start()
    for i in range(60):
        send(f"busy{i:02}")
    stop.set()
    for other in others:
        other.join()
    check(not trouble, f"neither IMAP nor POP3 had trouble {trouble}")
    wanted = before | {f"busy{i:02}" for i in range(60)}
    check(set(uidls()) == wanted, "all of it came, once")
    box = imap()
    check(set(subjects(box)) == wanted, "and IMAP has it")
    box.logout()
    count = sum(len(os.listdir(f"{maildir}/{part}")) for part in ("new", "cur"))
    check(count == len(wanted), "in as many files")


one_after_another()
folders()
with_mbsync()
all_at_once()
