"""connections.py - clients that leave, dawdle, or come all at once."""
import glob
import os
import random
import socket
import time

from commands import processes
from peer import ALICE, BOB, Peer, at_once, demand

TEXT = b"From: <alice@campus.example>\r\nSubject: half\r\n\r\n"


def held_files(world):
    """What smtpd's processes hold below queue/ that has no name any more."""
    held = []
    for pid in processes(world):
        for name in glob.glob(f"/proc/{pid}/fd/*"):
            try:
                target = os.readlink(name)
            except OSError:
                continue
            if "/queue/" in target and target.endswith(" (deleted)"):
                held.append(target)
    return held


def nothing_is_left(world):
    world.wait(world.queue_is_empty, "an empty queue")
    world.wait(lambda: not held_files(world), "the spool to be given back")
    demand(world.new_mails() == {}, "half a message was delivered")


def leave_by_reset(peer):
    peer.reset()


def leave_by_close(peer):
    peer.socket.close()


def leave_by_half(peer):
    """No more from us; the server may still say something."""
    peer.socket.shutdown(socket.SHUT_WR)
    while (answer := peer.reply())[0] != 0:
        demand("queued" not in answer[1][-1], "half a message was taken")


def test_who_leaves_in_the_middle_leaves_nothing(world):
    for leave in leave_by_reset, leave_by_close, leave_by_half:
        for sent in b"", TEXT, TEXT + b"x\r\n.", TEXT + b"x" * 5000000:
            with world.mta() as peer:
                peer.hello().begin()
                peer.send(sent)
                leave(peer)
        nothing_is_left(world)


def test_who_leaves_in_the_middle_of_a_chunk_leaves_nothing(world):
    for leave in leave_by_reset, leave_by_close, leave_by_half:
        for sent in (b"BDAT 100\r\n", b"BDAT 100 LAST\r\nFrom: a",
                     b"BDAT 5\r\nFrom:", b"BDAT 5000000\r\n" + b"x" * 4999999):
            with world.mta() as peer:
                texts = peer.hello().say("EHLO x.example", 250)
                if "CHUNKING" not in texts:
                    return
                peer.say(f"MAIL FROM:<{ALICE}>", 250)
                peer.say(f"RCPT TO:<{BOB}>", 250)
                peer.send(sent)
                leave(peer)
        nothing_is_left(world)


def test_who_leaves_between_two_commands_leaves_nothing(world):
    for leave in leave_by_reset, leave_by_close:
        for lines in ([], ["EHLO x.example"], [f"MAIL FROM:<{ALICE}>"],
                      [f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{BOB}>"]):
            with world.mta() as peer:
                peer.hello()
                for line in lines:
                    peer.say(line, 250)
                leave(peer)
    nothing_is_left(world)


def test_who_has_said_all_may_close_that_half(world):
    with world.mta() as peer:
        peer.hello()
        peer.send(f"MAIL FROM:<{ALICE}>\r\nRCPT TO:<{BOB}>\r\nDATA\r\n".encode()
                  + TEXT + b"x\r\n.\r\nQUIT\r\n")
        peer.socket.shutdown(socket.SHUT_WR)
        codes = peer.rest()
    demand(codes == [250, 250, 354, 250, 221], codes)
    demand(len(world.new_mails()) == 1, "not one message")


def test_who_leaves_behind_the_dot_gets_one_message(world):
    """It does not wait for the 250: the message is there, once, or is not."""
    for _ in range(20):
        with world.mta() as peer:
            peer.hello().begin()
            peer.send(TEXT + b"x\r\n.\r\n")
            peer.reset()
    world.wait(world.queue_is_empty, "an empty queue")
    time.sleep(0.5)
    mails = list(world.new_mails().values())
    demand(len(mails) <= 20 and all(mail.endswith(b"\n\nx\n") for mail in mails),
           len(mails), "messages for twenty")


def test_who_dawdles_is_cut_off(world):
    """A byte a second: the time is that of the command, not of the byte."""
    def dawdle(first, byte, most):
        with world.mta() as peer:
            peer.hello()
            if first is not None:
                peer.begin()
            peer.send(first or b"")
            start = time.monotonic()
            codes = []
            peer.socket.settimeout(1)
            while time.monotonic() - start < 90:
                try:
                    peer.send(byte)
                    code = peer.reply()[0]
                    if code == 0:
                        break
                    codes.append(code)
                except TimeoutError:
                    continue
                except OSError:
                    break
            demand(time.monotonic() - start < 85, "nobody ended it")
            demand(codes in ([421], []), codes)
            demand(time.monotonic() - start > most / 2, "ended too soon")

    # hostile.sh sets 8 seconds for a command and 20 for DATA.
    at_once(dawdle, ((None, b"N", 8), (TEXT, b"x", 20), (TEXT, b"x\r\n", 20)))


def test_who_says_nothing_is_told_and_cut_off(world):
    def be_silent(port, greeted):
        with Peer(world.base + port) as peer:
            codes = peer.rest()
            demand(codes == ([220, 421] if greeted else []), port, codes)

    at_once(be_silent, ((25, True), (587, True), (465, False)))


def test_who_does_not_read_does_not_hold_others_up(world):
    peers = []
    for _ in range(8):
        peer = Peer(world.base + 25)
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        peer.hello()
        peer.socket.settimeout(0.2)
        try:
            for _ in range(200):
                peer.send(b"HELP\r\n" * 1000)
        except OSError:
            pass
        peers.append(peer)
    with world.mta() as other:
        other.hello().say("NOOP", 250)
    for peer in peers:
        peer.socket.close()


def test_bytes_at_random_in_the_place_of_commands(world):
    """Legal commands with a few bytes changed, from a fixed seed."""
    random.seed(3)
    script = (f"EHLO x.example\r\nMAIL FROM:<{ALICE}> SIZE=100 BODY=8BITMIME\r\n"
              f"RCPT TO:<{BOB}>\r\nDATA\r\n").encode() + TEXT + b"x\r\n.\r\nQUIT\r\n"

    def garble(seed):
        source = random.Random(seed)
        data = bytearray(script)
        for _ in range(source.randrange(1, 12)):
            data[source.randrange(len(data))] = source.choice(
                b"\0\r\n.<>:@\" \t\xff\x80=+;,ABdata09")
        try:
            with world.mta() as peer:
                peer.expect(220)
                peer.send(bytes(data))
                peer.socket.shutdown(socket.SHUT_WR)
                for code in peer.rest():
                    demand(200 <= code < 600, code)
        except OSError:
            pass

    at_once(garble, [(seed,) for seed in range(150)])
    world.wait(world.queue_is_empty, "an empty queue")
    for name, mail in world.new_mails().items():
        demand(name.startswith("campus.example/bob/"), name)
        demand(b"\r" not in mail and b"\0" not in mail, name, mail)
