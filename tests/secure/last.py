"""last.py - what locks this address out for a while, and so comes last."""
import time
from client import PASSWORD, Client, b64, submission, test, until

LEAK = 3    # seconds after which there is room for one more


def fail(count):
    """So many failures at the same time; the codes they get."""
    clients = [submission() for _ in range(count)]
    for client in clients:
        client.send("AUTH PLAIN " + b64("\0alice\0wrong") + "\r\n")
    return [client.reply()[:3] for client in clients]


def is_locked_out(user):
    # The bucket is filled again, however slow this machine is.
    fail(4)
    reply = submission().say("AUTH PLAIN " + b64(f"\0{user}\0{PASSWORD}"))
    return reply.startswith("454 4.7.0")


@test("homelab")
def twenty_failures_a_minute_lock_an_address_out_over_all_connections():
    # Those before this test count; so many at the same time do not leak away.
    began = time.monotonic()
    codes = fail(24)
    room = 20 + (time.monotonic() - began) / LEAK
    assert set(codes) == {"535", "454"}, codes
    assert codes.count("535") <= room, (room, codes)
    until(lambda: is_locked_out("alice"))
    until(lambda: is_locked_out("bob"))
    # A bucket that leaks.
    until(lambda: submission().say(
        "AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}")).startswith("235"))


def is_locked_out_of_pop3():
    fail(4)
    pop = Client(995, implicit=True)
    pop.expect("USER bob", "+OK")
    pop.send(f"PASS {PASSWORD}\r\n")
    return pop.file.readline().startswith(b"-ERR [SYS/TEMP]")


@test("homelab")
def failures_at_smtpd_lock_out_of_pop3d():
    until(is_locked_out_of_pop3)
