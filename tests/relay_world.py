"""relay_world.py - the Postlabs and peers of relay.py: mail is sent, looked for
in mailboxes, logs, queues and at the peers.

It reads the command line of relay.py, where it is described.
"""
import email, email.policy, glob, json, os, re, smtplib, ssl, subprocess, sys, time
from proof import check, eventually, fail, matches

place, campus, hub, far, password, programs = sys.argv[1:7]
campus, hub, far = int(campus), int(hub), int(far)
ALICE = "alice@campus.example"
serial = 0


def login(base=campus, user=ALICE):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    smtp = smtplib.SMTP("127.0.0.1", base + 587, timeout=30)
    smtp.ehlo("desk")
    smtp.starttls(context=context)
    smtp.ehlo("desk")
    smtp.login(user, password)
    return smtp


def letter(body="Hello.\r\n.\r\n..two\r\n"):
    """A message with a token by which it is found again."""
    global serial
    serial += 1
    token = f"token-{os.getpid()}-{serial}"
    return token, (f"From: {ALICE}\r\nSubject: {token}\r\n"
                   f"Message-Id: <{token}@desk.example>\r\n\r\n{body}")


def send(recipients, text, sender=ALICE, options=(), rcpt_options=()):
    """Its queue id; everybody must be taken."""
    with login() as smtp:
        check("MAIL", smtp.mail(sender, list(options))[0], 250)
        for one in recipients:
            code, words = smtp.rcpt(one, list(rcpt_options))
            check(f"RCPT {one}: {words}", code, 250)
        code, words = smtp.data(text.encode())
        check(f"DATA: {words}", code, 250)
        return words.decode().split()[-1]


def box(host, address, token):
    """The messages of a mailbox that hold TOKEN."""
    user, domain = address.split("@")
    found = []
    for name in glob.glob(f"{place}/{host}/mail/{domain}/{user}/new/*"):
        try:
            with open(name, "rb") as file:
                text = file.read()
        except FileNotFoundError:
            continue
        if token.encode() in text:
            found.append(text)
    return found


def arrived(host, address, token):
    found = eventually(f"{token} for {address}",
                       lambda: box(host, address, token))
    check("copies", len(found), 1)
    return email.message_from_bytes(found[0], policy=email.policy.default)


def sessions():
    try:
        with open(place + "/peer.log") as log:
            # A line may be on its way to the file.
            return [json.loads(line) for line in log if line.endswith("\n")]
    except FileNotFoundError:
        return []


def heard(token):
    """The sessions in which the peers got the message."""
    return [s for s in sessions() if any(token in m for m in s["messages"])]


def peer_gets(token, count=1):
    found = eventually(f"{token} at a peer", lambda: heard(token))
    check("sessions with the message", len(found), count)
    return found[0]


def as_text(payload):
    """RFC 6533: Python's parser does not know this type."""
    if isinstance(payload, list):
        payload = "".join(part.as_string() for part in payload)
    return payload.replace("\r\n", "\n")


def report(token, host="campus", address=ALICE):
    """(words, fields of the message, fields of the recipients, returned)"""
    message = arrived(host, address, token)
    check("Return-Path", message["Return-Path"], "<>")
    check("type", message.get_content_type(), "multipart/report")
    words, status, returned = message.get_payload()
    blocks = status.get_payload()
    if status.get_content_type() == "message/global-delivery-status":
        blocks = [email.message_from_string(part) for part in
                  as_text(blocks).strip().split("\n\n")]
    return words.get_content(), blocks[0], blocks[1:], returned


def log_of(host, queue_id):
    with open(f"{place}/{host}/log/postlab.log") as log:
        return [line for line in log if f" id={queue_id} " in
                line.replace("\n", " ")]


def queue(host):
    return subprocess.run([programs + "/postlab", "-d", f"{place}/{host}",
                           "queue", "list"], capture_output=True,
                          text=True).stdout


def is_gone(host, queue_id):
    eventually(f"{queue_id} leaves the queue of {host}",
               lambda: any("event=removed" in line
                           for line in log_of(host, queue_id)))


def delete(host, queue_id):
    for _ in range(100):
        done = subprocess.run(
            [programs + "/postlab", "-d", f"{place}/{host}", "queue",
             "delete", queue_id], capture_output=True, text=True)
        if done.returncode == 0:
            return
        time.sleep(0.3)
    fail("cannot delete", queue_id, done.stderr)
