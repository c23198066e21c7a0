"""smuggling.py - what looks like the end of DATA and is not.

SMTP smuggling (SEC Consult, December 2023; CVE-2023-51764, -51765, -51766):
behind something that another server might take for the end stands a forged
transaction.  Ours must see one message or none, never two, and what it keeps
must be what was sent.
"""
from peer import ALICE, BOB, demand

FORGED = (f"MAIL FROM:<admin@campus.example>\r\nRCPT TO:<{BOB}>\r\nDATA\r\n"
          "From: admin@campus.example\r\nSubject: smuggled\r\n\r\n"
          "click here\r\n").encode()

# No end in the eyes of RFC 5321: CR, LF or NUL where they may not be.
FAULTY = [
    b"\n.\n", b"\n.\r\n", b"\n.\r", b"\r.\r", b"\r.\n", b"\r.\r\n",
    b"\r\n.\n", b"\r\n.\r", b"\r\n.\r\r\n", b"\r\r\n.\r\r\n", b"\n\r.\r\n",
    b"\r\n\r.\r\n", b"\r\n\n.\r\n", b"\r\n.\n\r\n", b"\n\n.\n\n", b"\r\r.\r\r",
    b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\0\n.\r\n", b"\r\n.\r\0\n",
    b"\0.\0", b"\r\n.\0\n", b"\n\0.\r\n",
]

# Text like any other: the line, and what is left when its dot is unstuffed.
PLAIN = {
    b"\r\n..\r\n": b"\n.\n",
    b"\r\n .\r\n": b"\n .\n",
    b"\r\n. \r\n": b"\n \n",
    b"\r\n.\t\r\n": b"\n\t\n",
    b"\r\n\t.\r\n": b"\n\t.\n",
    b"\r\n.\x1a\r\n": b"\n\x1a\n",
    b"\r\n.\x0b\r\n": b"\n\x0b\n",
    b"\r\n\x08.\r\n": b"\n\x08.\n",
    b"\x0b.\x0b": b"\x0b.\x0b",
    b"\x0c.\x0c": b"\x0c.\x0c",
    b"\x1e.\x1e": b"\x1e.\x1e",
    b"\x85.\x85": b"\x85.\x85",
    b"\xe2\x80\xa8.\xe2\x80\xa8": b"\xe2\x80\xa8.\xe2\x80\xa8",
    b"\r\n=2E\r\n": b"\n=2E\n",
    b"\\r\\n.\\r\\n": b"\\r\\n.\\r\\n",
}


def smuggle(peer, end, split):
    """One message with END in it; the codes up to the answer to NOOP."""
    text = b"From: alice@campus.example\r\nSubject: outer\r\n\r\ntext"
    peer.begin()
    if split:
        peer.send(text, *(end[i:i + 1] for i in range(len(end))),
                  FORGED + b".\r\n")
    else:
        peer.send(text + end + FORGED + b".\r\n")
    first = peer.reply()[0]
    if first == 0:
        return [0]
    try:
        peer.send(b"NOOP\r\n")
    except OSError:
        return [first, 0]
    return [first, peer.reply()[0]]


def ways(world):
    """The same by other roads: whole, in many segments, under TLS."""
    for split in False, True:
        with world.mta() as peer:
            yield split, peer.hello()
    with world.mta() as peer:
        peer.hello().say("STARTTLS", 220)
        peer.start_tls(world.tls)
        peer.say("EHLO client.example", 250)
        yield False, peer


def test_what_resembles_the_end_of_data_ends_nothing(world):
    for end in FAULTY:
        for split, peer in ways(world):
            codes = smuggle(peer, end, split)
            # LF . LF: where the text ends nobody knows; the server hangs up.
            demand(codes in ([550, 250], [550, 0]), end, "gave", codes)
            demand(codes[1] == 250 or b"\n.\n" in end, end, "ended the session")
        demand(world.new_mails() == {}, end, "was delivered")


def test_unusual_text_is_delivered_once_as_it_was_sent(world):
    kept = FORGED.replace(b"\r\n", b"\n")
    for end, left in PLAIN.items():
        for split, peer in ways(world):
            codes = smuggle(peer, end, split)
            demand(codes == [250, 250], end, "gave", codes)
            mails = list(world.new_mails().values())
            demand(len(mails) == 1, end, "came", len(mails), "times")
            demand(mails[0].endswith(b"\n\ntext" + left + kept),
                   end, "was changed:", mails[0])


def test_the_end_may_come_in_pieces(world):
    text = b"From: alice@campus.example\r\nSubject: pieces\r\n\r\nx"
    for cut in range(6):
        with world.mta() as peer:
            end = b"\r\n.\r\n"
            peer.hello().begin()
            peer.send(text + end[:cut], end[cut:])
            peer.expect(250, "cut at", cut)
            peer.say("NOOP", 250)
    with world.mta() as peer:
        peer.hello().begin()
        peer.send(text, b"\r", b"\n", b".", b"\r", b"\n")
        peer.expect(250)
    demand(len(world.new_mails()) == 7, "not seven messages")


def test_a_dot_at_the_very_start_ends_an_empty_message(world):
    with world.mta() as peer:
        peer.hello().begin()
        peer.send(b".\r\nNOOP\r\n")
        peer.expect(250)
        peer.expect(250)
    demand(len(world.new_mails()) == 1, "not one message")
    for start in b".\n", b".\r", b"\n.\r\n", b"\0.\r\n", b".\0\r\n":
        with world.mta() as peer:
            peer.hello().begin()
            peer.send(start + FORGED + b".\r\n")
            peer.expect(550, start)
        demand(world.new_mails() == {}, start, "was delivered")


def test_the_fault_is_forgotten_with_the_message(world):
    with world.mta() as peer:
        peer.hello().begin()
        peer.send(b"Subject: a\r\n\r\nx\ry\r\n.\r\n")
        peer.expect(550)
        peer.begin(ALICE, BOB)
        peer.send(b"From: <alice@campus.example>\r\n\r\nx\r\n.\r\n")
        peer.expect(250)
    demand(len(world.new_mails()) == 1, "not one message")


def test_a_refused_data_leaves_its_text_to_the_command_reader(world):
    """The text of a client that did not wait is commands: none delivers."""
    with world.mta() as peer:
        peer.hello()
        peer.send(f"MAIL FROM:<{ALICE}>\r\nRCPT TO:<nobody@campus.example>\r\n"
                  "DATA\r\nFrom: a\r\nSubject: outer\r\n.\r\nNOOP\r\n")
        codes = [peer.reply()[0] for _ in range(7)]
        demand(codes == [250, 550, 554, 500, 500, 500, 250], codes)
