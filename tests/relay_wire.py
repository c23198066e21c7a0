"""relay_wire.py - what is said to other hosts: with which extensions, in which
writes, and what becomes of a message that they cannot take as it is.
"""
import email, email.message, email.policy, os, re, subprocess

from relay_world import (ALICE, check, delete, eventually, fail, heard, letter,
                         log_of, matches, peer_gets, place, report, send,
                         sessions)


def what_others_lack_is_done_without():
    for domain, first in ("noehlo", "HELO mail.campus.example"), \
            ("old", "EHLO mail.campus.example"), \
            ("starttls", "EHLO mail.campus.example"), \
            ("tls454", "EHLO mail.campus.example"):
        token, text = letter()
        send([f"a@{domain}.example", f"b@{domain}.example"], text,
             options=["RET=HDRS"], rcpt_options=["NOTIFY=FAILURE"])
        session = peer_gets(token)
        if first not in session["lines"]:
            fail(domain, session["lines"])
        mail = [l for l in session["lines"] if l.startswith("MAIL")][0]
        check(f"DSN to {domain}", "RET=" in mail,
              domain in ("starttls", "tls454"))


def in_one_way(content):
    """A text with LF line ends; other content as it is."""
    return content.replace("\r\n", "\n") if isinstance(content, str) \
        else content


def eight_bits_go_where_they_are_known():
    token, text = letter("Grüße\r\n")
    send(["a@good.example"], text, options=["BODY=8BITMIME"])
    mail = [l for l in peer_gets(token)["lines"] if l.startswith("MAIL")][0]
    matches("MAIL", mail, "BODY=8BITMIME")
    # who does not know them gets them encoded, and they are the same
    parts = email.message.EmailMessage(policy=email.policy.SMTP)
    parts["From"] = ALICE
    parts.set_content("Grüße = .\r\nFrom here  \r\n" + "ü" * 200,
                      cte="8bit")
    parts.add_attachment("naïve\r\n", subtype="html", cte="8bit",
                         filename="a.html")
    parts.add_attachment(bytes(range(256)), "image", "png")
    token, _ = letter()
    parts["Subject"] = token
    send(["a@old.example"], parts.as_bytes().decode())
    session = peer_gets(token)
    check("what was said", "BODY" in " ".join(session["lines"]), False)
    message = session["messages"][0].removesuffix(".\r\n")
    check("bytes above 127", message.isascii(), True)
    got = email.message_from_string(re.sub(r"^\.", "", message, flags=re.M),
                                    policy=email.policy.SMTP)
    for sent, come in zip(parts.walk(), got.walk()):
        check("type", come.get_content_type(), sent.get_content_type())
        if not sent.is_multipart():
            check("content", in_one_way(come.get_content()),
                  in_one_way(sent.get_content()))
    check("defects", got.defects, [])
    # in a header they cannot be; the second host can do what the first cannot
    token, text = letter()
    text = text.replace("Subject: ", "Subject: Grüße ")
    send(["a@old.example"], text)
    check("Status", report(token)[2][0]["Status"], "5.6.7")
    token, text = letter()
    text = text.replace("Subject: ", "Subject: Grüße ")
    send(["a@both.example"], text)
    check("address", peer_gets(token)["address"], "127.0.1.1")


LONG = "".join(f".line {i} of a message\r\n" for i in range(20000))


def a_chunk_is_the_message():
    for body in "Hello.\r\n.\r\n..two\r\n", LONG:
        token, text = letter(body)
        send(["a@chunks.example", "550.b@chunks.example"], text)
        session = peer_gets(token)
        verbs = [line[:4] for line in session["lines"]]
        check("commands", verbs, ["EHLO", "MAIL", "RCPT", "RCPT", "BDAT",
                                  "QUIT"])
        head, _, got = session["messages"][0].partition("\r\n\r\n")
        matches("head", head, rf"^Received: .*^Subject: {token}")
        check("body", got == body, True)
    # nobody is accepted: nothing is sent
    token, text = letter()
    send([f"550.{token}@chunks.example"], text)
    report(token)
    session = [s for s in sessions() if f"550.{token}" in str(s)][0]
    check("chunks", [l for l in session["lines"] if l.startswith("BDAT")], [])
    # who offers it and does not know it gets it by DATA, in the same attempt
    token, text = letter()
    queue_id = send(["a@nochunks.example"], text)
    session = peer_gets(token)
    check("commands", [line[:4] for line in session["lines"]][:4],
          ["EHLO", "MAIL", "RCPT", "DATA"])
    log = eventually("it has gone", lambda: [
        l for l in log_of("campus", queue_id) if "event=relayed" in l] and
        log_of("campus", queue_id))
    check("attempts put off", [l for l in log if "event=deferred" in l], [])


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return file.read().split()


def queue_processes():
    """The manager and its workers."""
    with open(place + "/campus/run/smtpd.pid") as file:
        master = file.read().strip()
    for child in children(master):
        with open(f"/proc/{child}/cmdline") as command:
            if "queue" in command.read():
                return [child] + children(child)
    fail("there is no queue manager")


def writes_to(domain):
    """What a worker writes to a host, by strace, a text a write."""
    trace = place + "/writes"
    pids = queue_processes()
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-s", "200", "-e",
         "trace=sendto,write,writev,sendmsg,setsockopt", "-o", trace,
         *(word for pid in pids for word in ("-p", pid))],
        stderr=subprocess.DEVNULL)
    eventually("strace", lambda: not any(
        "TracerPid:\t0\n" in open(f"/proc/{pid}/status").read()
        for pid in pids if os.path.exists(f"/proc/{pid}/status")))
    token, text = letter()
    send([f"a@{domain}.example", f"b@{domain}.example"], text)
    eventually("a session", lambda: heard(token))
    tracer.terminate()
    tracer.wait()
    with open(trace) as file:
        lines = file.read().splitlines()
    first = [i for i, line in enumerate(lines) if '"EHLO ' in line][-1]
    pid, fd = re.match(r"(\d+) +\w+\((\d+),", lines[first]).groups()
    nodelay = [line for line in lines[:first] if line.startswith(pid + " ")
               and f"setsockopt({fd}, SOL_TCP, TCP_NODELAY, [1]" in line]
    check("TCP_NODELAY", len(nodelay) > 0, True)
    return [line.split('"')[1] for line in lines[first:] if
            re.match(rf"{pid} +(sendto|write|writev|sendmsg)\({fd}, \"", line)]


def a_group_of_commands_is_one_write():
    if subprocess.run(["which", "strace"], capture_output=True).returncode:
        return print("strace is not installed")
    if os.geteuid() != 0:
        return print("only root may trace the daemons")
    for domain, third in ("good", "[A-Z][A-Za-z-]*: "), ("chunks", "BDAT "):
        writes = writes_to(domain)
        check("writes", len(writes), 4)
        matches("second", writes[1], "^MAIL .*RCPT .*RCPT ")
        check("DATA at its end", writes[1].endswith("DATA\\r\\n"),
              domain == "good")
        matches("third", writes[2], "^" + third)


def letters_of_the_world():
    token, text = letter()
    send(["jörg@good.example"], text, options=["SMTPUTF8", "BODY=8BITMIME"])
    lines = peer_gets(token)["lines"]
    matches("MAIL", " ".join(lines), "SMTPUTF8.*<jörg@good")
    token, text = letter()
    send(["jörg@old.example"], text, options=["SMTPUTF8", "BODY=8BITMIME"])
    fields = report(token)[2]
    check("Status", fields[0]["Status"], "5.6.7")
