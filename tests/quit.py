#!/usr/bin/env python3
"""quit.py - POP3's QUIT with a tracer that kills, or lets system calls fail.

  quit.py BASE PASSWORD DIR

In each round bob has ten messages, asks to remove some and says QUIT, while
strace (1) lets the Nth call of a kind fail, or kills the session before it.
"""
import os
import re
import socket
import subprocess
import sys
import time

base, password, state = int(sys.argv[1]), sys.argv[2], sys.argv[3]
box = state + "/mail/campus.example/bob"
MARKED = {1, 2, 5, 9, 10}


def lay_out():
    for part in ("new", "cur", "tmp"):
        os.makedirs(f"{box}/{part}", exist_ok=True)
        for name in os.listdir(f"{box}/{part}"):
            os.unlink(f"{box}/{part}/{name}")
    lay_out.round += 1
    for i in range(1, 11):
        text = f"Subject: {i}\n\n{i}\n"
        wire = len(text) + text.count("\n")
        part, flags = ("cur", ":2,S") if i % 2 else ("new", "")
        path = f"{box}/{part}/{1700000000 + i}.M{lay_out.round}P1.quit," \
               f"S={len(text)},W={wire}{flags}"
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    for root, folders, files in os.walk(box):
        for name in folders + files:
            os.chown(os.path.join(root, name), OWNER.st_uid, OWNER.st_gid)


lay_out.round = 0


def number_of(name):
    return int(name.split(".")[0]) % 100


def what_is_there():
    return {number_of(name)
            for part in ("new", "cur") for name in os.listdir(f"{box}/{part}")}


class Session:
    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", base + 110), 20)
        self.file = self.socket.makefile("rwb")
        self.line()
        self.say("USER bob")
        assert self.say(f"PASS {password}").startswith("+OK")

    def line(self):
        return self.file.readline().decode().strip()

    def say(self, line):
        self.file.write(line.encode() + b"\r\n")
        self.file.flush()
        return self.line()

    def uidl(self):
        """[(number, unique id)]: its order is not that of the names."""
        assert self.say("UIDL").startswith("+OK")
        rows = []
        while (line := self.line()) != ".":
            rows.append(line.split())
        return rows

    def close(self):
        self.file.close()
        self.socket.close()


def session_process():
    """The process that has bob's mailbox: a child of this pop3d's master."""
    with open(f"{state}/run/pop3d.pid", encoding="ascii") as file:
        master = file.read().strip()
    for _ in range(1500):
        rows = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", master],
                              capture_output=True, text=True).stdout
        for row in rows.splitlines():
            if "session: bob@" in row:
                return row.split()[0]
        time.sleep(0.02)
    sys.exit("there is no session of bob's")


def trace(pid, call, what):
    tracer = subprocess.Popen(
        ["strace", "-qqq", "-p", pid, "-e", f"trace={call}",
         "-e", f"inject={call}:{what}", "-o", TRACE],
        stderr=subprocess.DEVNULL)
    for _ in range(3000):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            if re.search(r"TracerPid:\s*[1-9]", file.read()):
                return tracer
        if tracer.poll() is not None:
            break
        time.sleep(0.01)
    print("strace cannot attach here")
    sys.exit(77)


def fail(text):
    print("NOT  " + text)
    sys.exit(1)


def one_round(call, what):
    """Whether the call was met; fails when mail is gone, or back."""
    lay_out()
    session = Session()
    for number, name in session.uidl():
        if number_of(name) in MARKED:
            assert session.say(f"DELE {number}").startswith("+OK")
    tracer = trace(session_process(), call, what)
    answer = session.say("QUIT")
    session.close()
    if "KILL" in what:
        # It ends with the session, and only then has told of it.
        try:
            tracer.wait(2)
        except subprocess.TimeoutExpired:
            pass
    tracer.terminate()
    tracer.wait()
    here = what_is_there()
    title = f"{call} {what}: {answer or 'the connection ended'}"
    if not here >= set(range(1, 11)) - MARKED:
        fail(f"{title}; a message is gone that nobody marked: {here}")
    if answer.startswith("+OK") and here & MARKED:
        fail(f"{title}; what was marked is still there: {here}")
    if answer.startswith("-ERR") and "not removed" not in answer:
        fail(title)
    # The next one finds the mailbox free, and as it is.
    session = Session()
    count = int(session.say("STAT").split()[1])
    session.say("QUIT")
    session.close()
    if count != len(here):
        fail(f"{title}; then POP3 counts {count}, and there are {len(here)}")
    with open(TRACE, encoding="utf-8", errors="replace") as file:
        text = file.read()
    return "INJECTED" in text or "killed by SIGKILL" in text


OWNER = os.stat(state + "/mail")
TRACE = os.path.dirname(state) + "/trace"
met = killed = 0
for call in ("unlinkat", "fsync", "openat", "pwrite64"):
    for error in ("EIO", "ENOSPC", "EROFS", "EACCES"):
        for n in (1, 3):
            met += one_round(call, f"error={error}:when={n}")
for call in ("unlinkat", "fsync", "openat", "pwrite64", "sendto"):
    for n in range(1, 9):
        if not one_round(call, f"signal=KILL:when={n}"):
            break
        killed += 1
if met < 12 or killed < 12:
    fail(f"only {met} calls failed and {killed} kills were met")
print(f"{met} failing calls and {killed} kills during QUIT: nothing is gone "
      "that nobody marked")
