#!/usr/bin/env python3
"""envelopes.py - what a client says does not become a line of an envelope.

  envelopes.py BASE FOLDER

mda must be away, so that every message is queued.  docs/QUEUE.md has the form
of the files; a client would like to write a line of its own into one: a
recipient, a result, the "end".
"""
import glob
import os
import re
import sys

from peer import ALICE, BOB, Peer, demand

KEYS = ("postlab-queue id arrived size sender parameters peer helo login uid "
        "protocol message-id rcpt").split()
LINE = "end", "rcpt 9 eve@campus.example local", "result 0 1 250 2.0.0 Ok"

# (what stands for the sender, for the recipient, for the Message-Id)
SPOILT = [("<a@x.example>", f"<{BOB}>", "<1@x.example>")]
for line in LINE:
    coded = line.replace(" ", "+20").replace("@", "+40")
    SPOILT += [
        (f'<"a\v{line}"@x.example>', f"<{BOB}>", ""),
        (f'<"{line}"@x.example>', f"<{BOB}>", ""),
        (f"<a@x.example> ENVID=x+0A{coded}", f"<{BOB}>", ""),
        (f"<a@x.example> ENVID=x+20{coded}", f"<{BOB}>", ""),
        (f"<a@x.example> AUTH=x+0D+0A{coded}", f"<{BOB}>", ""),
        ("<a@x.example>", f'<"bob+{line}"@campus.example>', ""),
        ("<a@x.example>", f"<{BOB}> ORCPT=rfc822;x+0A{coded}", ""),
        ("<a@x.example>", f"<{BOB}> ORCPT=rfc822;x+20{coded}", ""),
        ("<a@x.example>", f"<{BOB}> ORCPT=utf-8;x\\x{{A}}{coded}", ""),
        ("<a\u2028b@x.example> SMTPUTF8", f"<{BOB}>", ""),
        ("<a\u0085b@x.example> SMTPUTF8", f"<{BOB}>", ""),
        ("<a@x.example>", f"<{BOB}>", f"<1@x>\r\n {line}\r\n\t{line}"),
        ("<a@x.example>", f"<{BOB}>", f"<{line}>"),
        ("<a@x.example>", f"<{BOB}>", "<" + "1" * 60000 + "@x>"),
    ]


def envelopes(folder):
    """In the order in which they move: each is seen once at least."""
    arriving = set(glob.glob(os.path.join(folder, "queue/incoming/*.env")))
    return arriving | set(glob.glob(os.path.join(folder, "queue/*.env")))


def ids(folder):
    return {os.path.basename(name) for name in envelopes(folder)}


def look_at(folder, name):
    """The envelope, wherever the manager has taken it by now."""
    for place in "queue/incoming", "queue", "queue":
        try:
            with open(os.path.join(folder, place, name), "rb") as file:
                text = file.read()
            break
        except FileNotFoundError:
            continue
    demand(re.match(rb"[\x20-\x7e\n\x80-\xff]*$", text), name, text)
    lines = text.decode().split("\n")
    head, rest = lines[:lines.index("end")], lines[lines.index("end") + 1:]
    demand(all(line.split(" ")[0] in KEYS for line in head), name, head)
    demand([line.split(" ")[:2] for line in head if line.startswith("rcpt")]
           == [["rcpt", "0"]], name, head)
    demand(head[-1].startswith("rcpt 0 bob@campus.example local"), name, head)
    demand("end" not in rest, name, rest)
    demand(not any(line.startswith("result") and " 250 " in line
                   for line in rest), name, rest)


def offer(base, sender, recipient, message_id):
    """Whether it was taken."""
    with Peer(base + 25) as peer:
        peer.hello()
        peer.send(f"MAIL FROM:{sender}\r\nRCPT TO:{recipient}\r\nNOOP\r\n")
        codes = [peer.reply()[0] for _ in range(3)]
        demand(codes[2] == 250, codes)
        if codes[:2] != [250, 250]:
            return False
        peer.say("DATA", 354)
        peer.send(f"From: <{ALICE}>\r\nMessage-Id: {message_id}\r\n\r\nx\r\n.\r\n")
        peer.expect(250, sender, recipient)
        return True


def main():
    base, folder = int(sys.argv[1]), sys.argv[2]
    taken = 0
    for case in SPOILT:
        before = ids(folder)
        if not offer(base, *case):
            continue
        taken += 1
        new = ids(folder) - before
        demand(len(new) == 1, case, "made", new)
        look_at(folder, new.pop())
    demand(taken > len(SPOILT) / 3, "taken were only", taken)
    print(f"passed   envelopes keep their lines ({taken} of {len(SPOILT)} taken)")


if __name__ == "__main__":
    main()
