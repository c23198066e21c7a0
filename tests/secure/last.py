"""last.py - what locks this address out for a while, and so comes last."""
from client import PASSWORD, Client, b64, submission, test, until


@test("homelab")
def twenty_failures_a_minute_lock_an_address_out_over_all_connections():
    # Those before this test count; so many at the same time do not leak away.
    clients = [submission() for _ in range(24)]
    for client in clients:
        client.send("AUTH PLAIN " + b64("\0alice\0wrong") + "\r\n")
    codes = [client.reply()[:3] for client in clients]
    assert set(codes) == {"535", "454"}, codes
    assert codes.count("535") <= 20, codes
    client.expect("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}"), "454 4.7.0")
    client.expect("AUTH PLAIN " + b64(f"\0bob\0{PASSWORD}"), "454 4.7.0")
    # A bucket that leaks: in three seconds there is room for one more.
    until(lambda: submission().say(
        "AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}")).startswith("235"))


def is_locked_out_of_pop3():
    # Filled again each time, however slow this machine is.
    for client in [submission() for _ in range(4)]:
        client.send("AUTH PLAIN " + b64("\0alice\0wrong") + "\r\n")
        client.reply()
    pop = Client(995, implicit=True)
    pop.expect("USER bob", "+OK")
    pop.send(f"PASS {PASSWORD}\r\n")
    return pop.file.readline().startswith(b"-ERR [SYS/TEMP]")


@test("homelab")
def failures_at_smtpd_lock_out_of_pop3d():
    until(is_locked_out_of_pop3)
