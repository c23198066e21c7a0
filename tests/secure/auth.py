"""auth.py - AUTH, as a client sees it."""
import base64

from client import PASSWORD, Client, b64, delivered, log_text, submission, test


@test("homelab")
def passwords_are_asked_for_under_tls_only():
    client = submission(tls=False)
    offered = client.say("EHLO client.example")
    assert "SCRAM-SHA-256" in offered, offered
    assert "PLAIN" not in offered and "LOGIN" not in offered, offered
    client.expect("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}"), "538 5.7.11")
    client.expect("AUTH LOGIN", "538 5.7.11")
    client.expect("AUTH CRAM-MD5", "504 5.5.4")
    client.starttls()
    assert "PLAIN LOGIN" in client.say("EHLO client.example")
    client.expect("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}"), "235 2.7.0")


@test("homelab", "classroom")
def the_fifth_failure_ends_the_connection():
    client = submission()
    for _ in range(2):
        client.expect("AUTH PLAIN " + b64("\0alice\0wrong"), "535")
    # Neither a failure that is none nor a new EHLO begins anew.
    client.expect("AUTH PLAIN not-base64", "501")
    client.expect("EHLO client.example", "250-")
    for _ in range(2):
        client.expect("AUTH PLAIN " + b64("\0nobody\0wrong"), "535")
    client.expect("AUTH PLAIN " + b64("\0alice\0wrong"), "421 4.7.0")
    assert client.ended()


@test("homelab", "classroom")
def starttls_does_not_forget_failures():
    client = submission(tls=False)
    scram = b64("n,,n=alice,r=abcdefgh")
    for _ in range(3):
        challenge = client.expect("AUTH SCRAM-SHA-256 " + scram, "334 ")
        nonce = base64.b64decode(challenge[4:]).decode().split(",")[0]
        client.expect(b64(f"c=biws,{nonce},p={'A' * 43}="), "535")
    client.starttls()
    client.expect("EHLO client.example", "250-")
    client.expect("AUTH PLAIN " + b64("\0alice\0wrong"), "535")
    client.expect("AUTH PLAIN " + b64("\0alice\0wrong"), "421")
    assert client.ended()


@test("homelab", "classroom")
def pop3_ends_after_the_fifth_failure_too():
    pop = Client(995, implicit=True)
    for i in range(5):
        pop.expect("USER alice", "+OK")
        pop.send("PASS wrong\r\n")
        answer = pop.file.readline()
        assert answer.startswith(b"-ERR [AUTH]"), answer
    assert pop.ended()


@test("classroom")
def in_a_class_others_may_log_in_while_one_guesses():
    clients = [submission() for _ in range(24)]
    for client in clients:
        client.send("AUTH PLAIN " + b64("\0mallory\0wrong") + "\r\n")
    codes = [client.reply()[:3] for client in clients]
    assert codes.count("535") == 20 and codes.count("454") == 4, codes
    submission().expect("AUTH PLAIN " + b64(f"\0bob\0{PASSWORD}"), "235")


@test("classroom")
def a_login_in_one_burst_with_ehlo_and_a_mail():
    client = Client(587)
    client.send("EHLO client.example\r\n"
                "AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}") + "\r\n"
                "MAIL FROM:<alice@campus.example>\r\n"
                "RCPT TO:<bob@campus.example>\r\nDATA\r\n"
                "Subject: in one burst\r\n\r\nx\r\n.\r\nQUIT\r\n")
    codes = [client.reply()[:3] for _ in range(7)]
    assert codes == ["250", "235", "250", "250", "354", "250", "221"], codes
    assert len(delivered("in one burst")) == 1


@test("classroom")
def what_follows_a_challenge_is_the_response():
    """Pipelined behind AUTH, a command is a response, and no base64."""
    client = submission(tls=False)
    client.send("AUTH LOGIN\r\nRSET\r\nNOOP\r\n")
    assert client.reply().startswith("334")
    # "RSET" is base64 of three bytes, and so a name.
    assert client.reply().startswith("334")
    # And "NOOP" is a password.
    assert client.reply().startswith("535")
    client.expect("NOOP", "250")


@test("classroom")
def mechanisms_can_be_changed_in_one_connection():
    """CVE-2011-1720: each attempt has a SASL handle of its own."""
    mechanisms = ["DIGEST-MD5", "CRAM-MD5", "LOGIN", "PLAIN", "SCRAM-SHA-1",
                  "SCRAM-SHA-256"]
    client = submission(tls=False)
    for first in mechanisms:
        for second in mechanisms:
            client.expect("AUTH " + first, "334")
            client.expect("*", "501 5.7.0")
            client.expect("AUTH " + second, "334")
            reply = client.say(b64("garbage" * 300))
            if reply.startswith("334"):
                reply = client.say("*")
            assert reply[:3] in ("501", "535", "421"), (second, reply)
            if reply[:3] == "421" or reply[:3] == "535":
                client.close()
                client = submission(tls=False)
            client.say("RSET")
        client.close()
        client = submission(tls=False)
    client.expect("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}"), "235")
    assert "worker-died" not in log_text() and "helper-died" not in log_text()


@test("classroom")
def odd_responses_get_the_answers_of_rfc_4954():
    client = submission(tls=False)
    for line, code in (
            ("AUTH PLAIN =", "501 5.5.4"),
            ("AUTH PLAIN " + b64("alice"), "501 5.5.4"),
            ("AUTH PLAIN " + b64("bob\0alice\0" + PASSWORD), "535 5.7.8"),
            ("AUTH PLAIN " + b64("\0alice\0" + PASSWORD + "\0"), "5"),
            ("AUTH CRAM-MD5 " + b64("alice"), "501"),
            ("AUTH PLAIN a b", "501"),
            ("AUTH " + "X" * 100, "504 5.5.4"),
            ("AUTH PLAIN " + "A" * 12000, "501"),
            ("AUTH PLAIN " + "A" * 13000, "500")):
        reply = client.say(line)
        assert reply[:1] == "5" and code in reply, (line[:40], reply)
    client.expect("AUTH LOGIN", "334")
    reply = client.say("A" * 13000)
    assert "5.5.6" in reply, reply
    client.expect("AUTH PLAIN " + b64(f"\0ALICE@campus.EXAMPLE\0{PASSWORD}"), "235")
