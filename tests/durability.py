#!/usr/bin/env python3
"""durability.py - sends messages that prove themselves, and looks for them.

  send LEDGER COUNT [options]   sends, and notes what was answered to each
  check DIR LEDGER [--wait S]   is everything acknowledged there, and whole?
  order mda|queue TRACE         was each file flushed before its 250?
  lock FILE SECONDS             holds the write lock of an SQLite file

A message carries a token, and ends in a line with the SHA-256 of its body, so
that a piece of one is never taken for the whole.  The ledger has one line for
each message and recipient: token, recipient, outcome, reply.
"""
import argparse
import hashlib
import os
import random
import re
import socket
import sqlite3
import string
import sys
import time


def make_message(token, size):
    rng = random.Random(token)
    lines = []
    while size > 0:
        length = rng.randrange(75)
        size -= length
        lines.append("".join(rng.choices(". " + string.ascii_letters, k=length)))
    body = "\n".join(lines) + "\n"
    digest = hashlib.sha256(body.encode()).hexdigest()
    return (f"From: <alice@campus.example>\nSubject: {token}\n"
            f"Date: Sun, 22 Nov 2026 02:00:00 +0000\n"
            f"Message-ID: <{token}@campus.example>\n\n"
            f"{body}END {token} {digest}\n")


def token_of(data):
    """The token of a stored message, None if it is not one whole message."""
    text = data.decode("ascii", "replace")
    head, _, body = text.partition("\n\n")
    match = re.search(r"END (\S+) ([0-9a-f]{64})\n\Z", body)
    if not match or hashlib.sha256(body[:match.start()].encode()).hexdigest() \
            != match.group(2):
        return None
    return match.group(1)


def is_copy(data):
    """Whether it begins as what mda stores must."""
    fields = [line.split(b":")[0] for line in data.split(b"\n")[:3]]
    return fields == [b"Return-Path", b"X-Original-To", b"Delivered-To"]


class Client:
    """The least of SMTP and LMTP that sends one message."""

    def __init__(self, options):
        self.lmtp = bool(options.lmtp)
        family = socket.AF_UNIX if self.lmtp else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(options.timeout)
        self.socket.connect(options.lmtp or ("127.0.0.1", options.port))
        self.file = self.socket.makefile("rb")

    def reply(self):
        while True:
            line = self.file.readline().decode("ascii", "replace")
            if not line.endswith("\r\n"):
                raise ConnectionError("closed")
            if line[3] == " ":
                return int(line[:3]), line[4:].strip()

    def say(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.reply()

    def deliver(self, recipients, message, answers):
        """Puts the last word on each recipient into ANSWERS."""
        accepted = list(recipients)

        def refuse(reply):
            answers.update(dict.fromkeys(accepted, reply))

        for line, good in ((None, 220), ("LHLO x" if self.lmtp else "EHLO x", 250),
                           ("MAIL FROM:<alice@campus.example>", 250)):
            reply = self.say(line) if line else self.reply()
            if reply[0] != good:
                return refuse(reply)
        for recipient in recipients:
            answers[recipient] = self.say(f"RCPT TO:<{recipient}>")
            if answers[recipient][0] != 250:
                accepted.remove(recipient)
            else:
                del answers[recipient]
        if not accepted:
            return None
        reply = self.say("DATA")
        if reply[0] != 354:
            return refuse(reply)
        text = re.sub(r"^\.", "..", message, flags=re.M).replace("\n", "\r\n")
        self.socket.sendall(text.encode() + b".\r\n")
        if not self.lmtp:
            return refuse(self.reply())
        for recipient in accepted:
            answers[recipient] = self.reply()
        self.say("QUIT")
        return None


def send_one(options, token):
    recipients = options.to.split(",")
    answers = {}
    lost = 0, "no answer"
    try:
        Client(options).deliver(
            recipients, make_message(token, options.size), answers)
    except OSError as trouble:
        lost = 0, repr(trouble)
    for recipient in recipients:
        code, text = answers.get(recipient, lost)
        outcome = {2: "acked", 4: "later", 5: "never"}.get(code // 100, "lost")
        yield recipient, outcome, code, text


def send(options):
    outcomes = []
    with open(options.ledger, "a") as ledger:
        for _ in range(options.count):
            token = "t%016x" % random.SystemRandom().getrandbits(64)
            for recipient, outcome, code, text in send_one(options, token):
                print(token, recipient, outcome, code, repr(text), file=ledger)
                ledger.flush()
                outcomes.append(outcome)
    print(*(f"{outcomes.count(o)} {o}" for o in sorted(set(outcomes))), sep=", ")
    if options.expect and set(outcomes) != {options.expect}:
        sys.exit(f"expected {options.expect} only")


def read_mailbox(root, recipient):
    """Tokens with their number of copies; and what is wrong, in sentences."""
    user, domain = recipient.split("@")
    tokens, wrong = {}, []
    for folder in "new", "cur":
        path = os.path.join(root, "mail", domain, user, folder)
        for name in os.listdir(path) if os.path.isdir(path) else ():
            with open(os.path.join(path, name), "rb") as file:
                data = file.read()
            token = token_of(data)
            if token is None or not is_copy(data):
                wrong.append(f"{path}/{name} is no whole message")
                continue
            tokens[token] = tokens.get(token, 0) + 1
            sizes = f",S={len(data)},W={len(data) + data.count(10)}"
            if sizes not in name:
                wrong.append(f"{path}/{name} should say {sizes}")
    return tokens, wrong


def read_queue(root):
    """The tokens of what lies in the queue with its envelope."""
    tokens = set()
    # In the order in which a message moves.
    for folder in ("queue/incoming", "queue"):
        path = os.path.join(root, folder)
        for name in os.listdir(path):
            if name.endswith(".msg") and os.path.exists(
                    os.path.join(path, name[:-4] + ".env")):
                with open(os.path.join(path, name), "rb") as file:
                    tokens.add(token_of(file.read()))
    return tokens


def look(options):
    queued = read_queue(options.dir) if options.queue else set()
    lines = [line.split(" ", 4) for line in open(options.ledger)]
    boxes = {r: read_mailbox(options.dir, r) for r in {l[1] for l in lines}}
    wrong = [w for _, found in boxes.values() for w in found]
    missing = [f"{token} for {recipient} was acknowledged and is missing"
               for token, recipient, outcome, _, _ in lines
               if outcome == "acked" and token not in queued
               and token not in boxes[recipient][0]]
    never = [f"{token} was refused for good: {code} {text.strip()}"
             for token, _, outcome, code, text in lines if outcome == "never"]
    return lines, boxes, wrong + never, missing


def check(options):
    end = time.monotonic() + options.wait
    lines, boxes, wrong, missing = look(options)
    while missing and not wrong and time.monotonic() < end:
        time.sleep(0.1)
        lines, boxes, wrong, missing = look(options)
    outcomes = [line[2] for line in lines]
    copies = [n for tokens, _ in boxes.values() for n in tokens.values()]
    print(*(f"{outcomes.count(o)} {o}" for o in sorted(set(outcomes))),
          f"{sum(copies)} found whole", f"{sum(copies) - len(copies)} of them twice",
          sep=", ")
    if wrong or missing:
        sys.exit("\n".join((wrong + missing)[:20]))
    if options.clean:
        there = [line[0] for line in lines
                 if line[2] == "later" and line[0] in boxes[line[1]][0]]
        if there:
            sys.exit(f"refused, and there all the same: {there}")
    if "acked" not in outcomes:
        sys.exit("nothing was acknowledged, so nothing was shown")


def read_trace(path):
    """(process, call) of a strace -f -y log, with calls that were cut joined."""
    begun = {}
    for line in open(path):
        pid, _, call = line.strip().partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[pid] = call[:-len("<unfinished ...>")]
            continue
        if call.startswith("<..."):
            call = begun.pop(pid, "") + call.partition("resumed>")[2]
        if re.search(r"= \d", call):
            yield pid, call


def step_of(call, folder, target):
    """What CALL does for a file that begins in FOLDER and gets into TARGET."""
    name = call.partition("(")[0]
    if name == "openat":
        made = re.search(rf"{folder}>.*(O_CREAT|O_TMPFILE)", call)
        return "open" if made else None
    if name in ("linkat", "renameat"):
        return "link"
    if name in ("fsync", "fdatasync"):
        return "flush folder" if f"{target}>" in call else "flush"
    if f"{folder}/" in call:
        return "write" if re.match("write|sendfile|copy_file", name) else None
    return None


def order(options):
    """The steps before each 250: nothing is promised that was not flushed."""
    folder, target, promise = {
        "mda": ("/bob/tmp", "/bob/new", "> Saved"),
        "queue": ("/var/queue/incoming", "/var/queue/incoming",
                  "250 2.0.0 Ok: queued"),
    }[options.of]
    steps, seen = {}, {}
    for pid, call in read_trace(options.trace):
        done = steps.setdefault(pid, [])
        if call.startswith("sendto") and promise in call:
            shown = ", ".join(done)
            seen[shown] = seen.get(shown, 0) + 1
            if not is_durable(done):
                sys.exit(f"250 after: {shown}\n{call}")
            done.clear()
        step = step_of(call, folder, target)
        if step and (not done or done[-1] != step or step == "flush"):
            done.append(step)
    for shown, count in seen.items():
        print(f"{count} times: {shown}, then 250")
    if not seen:
        sys.exit("no 250 was seen")


def is_durable(steps):
    """Each file flushed after its last write, then named, then the folder."""
    files, named, promised = 0, 0, False
    for step in steps:
        if step == "open":
            files += 1
        elif step == "flush":
            files -= 1
        elif step == "write" and files <= 0:
            return False
        elif step == "link":
            if files > 0:
                return False
            named += 1
        promised = step == "flush folder"
    return named > 0 and promised


def lock(options):
    db = sqlite3.connect(options.file, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    print("locked", flush=True)
    time.sleep(options.seconds)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)

    p = commands.add_parser("send")
    p.set_defaults(run=send)
    p.add_argument("ledger")
    p.add_argument("count", type=int)
    p.add_argument("--port", type=int)
    p.add_argument("--lmtp", help="a Unix socket, instead of a port")
    p.add_argument("--size", type=int, default=2000)
    p.add_argument("--to", default="bob@campus.example")
    p.add_argument("--timeout", type=float, default=20)
    p.add_argument("--expect", help="acked: any other outcome is an error")

    p = commands.add_parser("check")
    p.set_defaults(run=check)
    p.add_argument("dir")
    p.add_argument("ledger")
    p.add_argument("--wait", type=float, default=0)
    p.add_argument("--clean", action="store_true",
                   help="what was answered 4xx must not be there")
    p.add_argument("--queue", action="store_true",
                   help="the queue is a place to be, too")

    p = commands.add_parser("order")
    p.set_defaults(run=order)
    p.add_argument("of", choices=("mda", "queue"))
    p.add_argument("trace")

    p = commands.add_parser("lock")
    p.set_defaults(run=lock)
    p.add_argument("file")
    p.add_argument("seconds", type=float)

    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
