#!/usr/bin/env python3
"""hops.py FOLDER PORT PASSWORD BIN - what hops.sh has started.

All hosts listen on PORT: desk 127.0.3.1, hub .2, far .3, spare .4; the sink is
here, on .8, and nobody is on .9.
"""
import email, glob, gzip, json, os, re, signal, smtplib, socket
import subprocess, sys, threading, time
from proof import check, eventually, fail

place, port, password, programs = sys.argv[1:5]
port = int(port)
ADDRESS = {"desk": "127.0.3.1", "hub": "127.0.3.2", "far": "127.0.3.3",
           "spare": "127.0.3.4"}
serial = 0


def postlab(host, *words):
    return subprocess.run([programs + "/postlab", "-d", f"{place}/{host}",
                           *words], capture_output=True, text=True)


def token():
    global serial
    serial += 1
    return f"token-{os.getpid()}-{serial:05}"


def letter(name):
    return (f"Subject: {name}\r\nMessage-Id: <{name}@desk.example>\r\n\r\n"
            "Hello.\r\n")


def login(host, user):
    smtp = smtplib.SMTP(ADDRESS[host], port, timeout=30)
    smtp.ehlo("desk")
    smtp.user, smtp.password = f"{user}@{host}.example", password
    smtp.auth("PLAIN", smtp.auth_plain)
    return smtp


def send(host, user, recipient, name=None):
    name = name or token()
    with login(host, user) as smtp:
        smtp.sendmail(f"{user}@{host}.example", [recipient], letter(name))
    return name


def box(host, user, name):
    found = []
    for path in glob.glob(f"{place}/{host}/mail/{host}.example/{user}/new/*"):
        with open(path) as file:
            text = file.read()
        if name in text:
            found.append(email.message_from_string(text))
    return found


def log(host):
    with open(f"{place}/{host}/log/postlab.log") as file:
        return file.read().splitlines()


def hops(message):
    """The hosts that Received names, the first one first, and their ids."""
    lines = message.get_all("Received")[::-1]
    return ([re.search(r"by mail\.(\w+)", line).group(1) for line in lines],
            [re.search(r"id ([0-9A-F]{14})", line).group(1)
             for line in lines])


def three_hops_with_an_id_each():
    name = send("desk", "alice", "zoe@far.example")
    eventually("it is far away", lambda: box("far", "zoe", name))
    message, = box("far", "zoe", name)
    hosts, ids = hops(message)
    check("hosts", hosts, ["desk", "hub", "far"])
    check("ids", len(set(ids)), 3)
    check("Message-Id", message["Message-Id"], f"<{name}@desk.example>")
    # Every line that is about it says so.
    for host, queue_id in zip(hosts, ids):
        lines = [line for line in log(host) if name in line]
        check(f"lines at {host}", bool(lines), True)
        for line in lines:
            if f" id={queue_id}" not in line:
                fail("without its id:", line)


def a_backup_keeps_it_for_the_first():
    postlab("far", "down")
    name = send("hub", "hans", "zoe@far.example")
    eventually("the backup has it and waits", lambda: "4.4.1" in postlab(
        "spare", "queue", "list").stdout)
    time.sleep(1.5)
    check("far away while it is down", box("far", "zoe", name), [])
    check("up", postlab("far", "up", "--detach").returncode, 0)
    eventually("the backup hands it on", lambda: box("far", "zoe", name))
    message, = box("far", "zoe", name)
    check("hosts", hops(message)[0], ["hub", "spare", "far"])
    eventually("and forgets it", lambda: postlab(
        "spare", "queue", "list").stdout == "")
    # It is a backup of nobody else.
    with smtplib.SMTP(ADDRESS["spare"], port, timeout=30) as smtp:
        smtp.ehlo("desk")
        smtp.mail("x@y.example")
        check("relaying", smtp.rcpt("x@sink.example")[0], 554)


def told(host, *words):
    """What postlab trace says: (host, id) of each story in turn, and all."""
    text = postlab(host, "trace", *words).stdout
    return re.findall(r"^host (\S+)\nmessage (\S+)$", text, re.M), text


def a_trace_follows_it_over_all_hosts():
    name = send("desk", "alice", "zoe@far.example")
    eventually("it is far away", lambda: box("far", "zoe", name))
    hosts, ids = hops(box("far", "zoe", name)[0])
    path = {host: f"{place}/{host}" for host in hosts + ["spare"]}
    whole = [(path[host], queue_id) for host, queue_id in zip(hosts, ids)]
    # From any hop, in any order of the logs, and by the Message-Id.
    asked = [("desk", ids[0], path["hub"], path["far"]),
             ("hub", ids[1], path["far"], path["desk"]),
             ("far", ids[2], path["desk"], path["hub"]),
             ("hub", f"<{name}@desk.example>", path["far"], path["desk"])]
    for host, *words in asked:
        eventually(f"the trace at {host}",
                   lambda: told(host, *words)[0] == whole)
    # Times do not go back from host to host; who has it says so at the end.
    text = eventually("the last word", lambda: (
        lambda text: "stored for zoe@far.example" in text and text)(
            told("desk", *asked[0][1:])[1]))
    when = re.findall(r"^  when +(\S+ \S+)$", text, re.M)
    check("times", (len(when), sorted(when)), (3, when))
    for words in ("handed in by +alice@desk.example, who had logged in",
                  r"zoe@far.example was handed on to mail\.hub\.example\["
                  f"{ADDRESS['hub']}.*"
                  f"queued as {ids[1]}",
                  f"queued as {ids[2]}", "to +zoe@far.example: relayed"):
        if not re.search(words, text):
            fail("trace does not say:", words, text)
    # A log file, compressed; nothing is known of the host between, so that
    # the Message-Id joins; and a host that has never heard of it says so.
    with open(f"{path['far']}/log/postlab.log", "rb") as file, \
            gzip.open(f"{place}/far.gz", "wb") as packed:
        packed.write(file.read())
    stories, text = told("desk", ids[0], f"{place}/far.gz", path["spare"])
    check("joined by Message-Id", stories,
          [whole[0], (f"{place}/far.gz", ids[2])])
    if f"host {path['spare']}: nothing is known of it" not in text:
        fail("spare knows something:", text)
    found = json.loads(postlab("hub", "trace", "--json", ids[1], path["far"],
                               path["desk"]).stdout)
    check("JSON", sorted((m["host"], m["id"]) for m in found["messages"]),
          sorted(whole))
    check("no log", postlab("hub", "trace", ids[1], "/nowhere").returncode, 66)


class Sink(threading.Thread):
    """Takes all mail while OPEN; each message costs PAUSE seconds."""
    def __init__(self):
        super().__init__(daemon=True)
        self.server = socket.create_server(("127.0.3.8", port), backlog=100)
        self.pause = 0.2
        self.open = threading.Event()
        self.names = []     # in the order of their coming
        self.sessions = 0

    def run(self):
        while True:
            client, _ = self.server.accept()
            self.sessions += 1
            threading.Thread(target=self.talk, args=(client,),
                             daemon=True).start()

    def talk(self, client):
        file = client.makefile("rwb")
        say = lambda words: (file.write(words.encode() + b"\r\n"),
                             file.flush())
        try:
            say("220 mail.sink.example ESMTP")
            for line in file:
                verb = line[:4].upper()
                if verb == b"EHLO":
                    say("250 mail.sink.example")
                elif verb == b"DATA":
                    say("354 go on")
                    text = b""
                    for line in file:
                        if line == b".\r\n":
                            break
                        text += line
                    else:
                        return
                    self.open.wait()
                    time.sleep(self.pause)
                    self.names += re.findall(rb"^Subject: (\S+)", text, re.M)
                    say("250 2.0.0 Ok")
                elif verb == b"QUIT":
                    say("221 Bye")
                    return
                else:
                    say("250 Ok")
        except OSError:
            pass

    def has(self, name):
        return self.names.count(name.encode())


def one_message_among_many(sink):
    """500 of one sender, then one of another: it goes out among the first."""
    with login("hub", "hans") as smtp:
        for _ in range(500):
            smtp.sendmail("hans@hub.example", ["x@sink.example"],
                          letter("mass"))
    name = send("hub", "ida", "x@sink.example")
    sink.open.set()
    eventually("it is there", lambda: sink.has(name))
    behind = sink.names.index(name.encode())
    if behind > 60:
        fail("it had to wait for", behind, "messages")
    sink.pause = 0
    eventually("all are there", lambda: len(sink.names) == 501)
    check("copies", sink.has("mass"), 500)
    if sink.sessions > 60:
        fail("connections are not used again:", sink.sessions)


def pids_of(role):
    """smtpd's of the hub."""
    status = postlab("hub", "status", "--json").stdout
    return [process["pid"] for process in json.loads(status)["processes"]
            if (process["program"], process["role"]) == ("smtpd", role)]


def kill_in_a_loop(stop, killed):
    roles = ["queue", "delivery", "delivery", "queue", "delivery", "delivery",
             "master", "delivery"]
    while not stop.is_set():
        role = roles[len(killed) % len(roles)]
        for pid in pids_of(role)[:1]:
            try:
                os.kill(pid, signal.SIGKILL)
                killed.append(role)
            except ProcessLookupError:
                pass
        stop.wait(0.1)


def killed_processes_lose_nothing(sink):
    stop, killed, taken = threading.Event(), [], []
    sink.pause = 0.01
    killer = threading.Thread(target=kill_in_a_loop, args=(stop, killed))
    killer.start()
    begin = time.monotonic()
    # For four seconds, and on a busy machine until enough has happened.
    while (spent := time.monotonic() - begin) < 4 or (
            spent < 60 and (not taken or len(killed) < 5)):
        try:
            with login("hub", "hans") as smtp:
                for _ in range(20):
                    name = token()
                    smtp.sendmail("hans@hub.example", ["x@sink.example"],
                                  letter(name))
                    taken.append(name)
        except (OSError, smtplib.SMTPException):
            time.sleep(0.05)
    stop.set()
    killer.join()
    sink.pause = 0
    lost = lambda: [name for name in taken if not sink.has(name)]
    eventually("what was taken has arrived", lambda: not lost())
    twice = sum(sink.has(name) - 1 for name in taken)
    print(f"{len(taken)} taken, {len(killed)} killed "
          f"({killed.count('master')} masters), 0 lost, {twice} twice")
    if not taken or len(killed) < 5:
        fail("nothing was tried")


def patience_ends(names):
    """With time_scale = 3600: a notice after 3 s, the end after 8 s."""
    for name in names:
        delayed, failed = eventually(
            "both reports", lambda: len(box("hub", "hans", name)) > 1 and
            sorted(box("hub", "hans", name), key=lambda m: m["Subject"]))
        check("first", delayed["Subject"], "Delayed Mail (still being retried)")
        check("last", failed["Subject"], "Undelivered Mail Returned to Sender")
        if "5.4.7" not in failed.as_string():
            fail("why it has failed:", failed.as_string())
    lines = [line for line in log("hub") if "never.example" in line]
    tried = [line for line in lines if "event=deferred" in line and
             "address=" in line]
    spared = [line for line in lines if "event=deferred" in line and
              "not tried" in line]
    # The host is asked once in a while, not for each message.
    if len(tried) > len(spared) or not spared:
        fail(len(tried), "connections,", len(spared), "spared")


def run(test, *arguments):
    start = time.monotonic()
    test(*arguments)
    print(f"{test.__name__}: {time.monotonic() - start:.1f} s", flush=True)


sink = Sink()
sink.start()
hopeless = [send("hub", "hans", "x@never.example") for _ in range(10)]
run(three_hops_with_an_id_each)
run(a_trace_follows_it_over_all_hosts)
run(a_backup_keeps_it_for_the_first)
run(one_message_among_many, sink)
run(patience_ends, hopeless)
run(killed_processes_lose_nothing, sink)
