#!/usr/bin/env bash
# evidence_pop3.sh - POP3 sessions as evidence: two processes serve one, and it
# is one session without a gap; no password is in it.
set -u
cd "$(dirname "$0")/.."
. tests/world.sh

place=$(mktemp -d "${TMPDIR:-/tmp}/evidence.XXXXXX")
chmod 755 "$place"
trap 'world_end "$place"' EXIT
mkdir "$place/class"
world_make "$place/class" classroom
world_up

python3 - "$BASE" "$DIR" "$PASSWORD" "$BIN" <<'PYTHON' || fail "python says so"
import base64, glob, json, os, poplib, signal, socket, sqlite3, ssl
import subprocess, sys, time

base, folder, password, programs = int(sys.argv[1]), *sys.argv[2:]
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE


def ask(query, *values):
    db = sqlite3.connect("file:%s/evidence.sqlite?mode=ro" % folder, uri=True,
                         timeout=10)
    try:
        return db.execute(query, values).fetchall()
    finally:
        db.close()


def await_rows(wanted, query, *values):
    for _ in range(300):
        rows = ask(query, *values)
        if rows == wanted:
            return
        time.sleep(0.1)
    sys.exit("%s\nwanted %s\ngot    %s" % (query, wanted, rows))


def pid_of(role, doing=""):
    text = subprocess.check_output([programs + "/postlab", "-d", folder,
                                    "status", "--json"])
    return [p["pid"] for p in json.loads(text)["processes"]
            if p["program"] == "pop3d" and p["role"] == role
            and doing in p["doing"]][0]


class Client:
    def __init__(self, port):
        self.s = socket.create_connection(("127.0.0.1", base + port), 30)
        self.f = self.s.makefile("rb")

    def tls(self):
        self.s = context.wrap_socket(self.s)
        self.f = self.s.makefile("rb")

    def line(self):
        return self.f.readline().decode().rstrip("\r\n")

    def say(self, text, answers=1):
        self.s.sendall(text.encode() + b"\r\n")
        return [self.line() for _ in range(answers)][-1]


def session():
    """The newest one, when it is over."""
    for _ in range(300):
        rows = ask("SELECT session FROM sessions WHERE program = 'pop3d' AND"
                   " ended IS NOT NULL ORDER BY session DESC LIMIT 1")
        if rows and rows[0][0] > session.last:
            session.last = rows[0][0]
            return session.last
        time.sleep(0.1)
    sys.exit("no session more")


session.last = 0
both = "SELECT c.text, substr(r.text, 1, 12) FROM lines c JOIN lines r" \
    " ON r.session = c.session AND r.answers = c.line" \
    " WHERE c.session = ? AND r.text LIKE '_%' GROUP BY c.line ORDER BY c.line"

# In clear, one line a packet: the front and the mailbox are one session.
c = Client(110)
assert c.line() == "+OK POP3 server ready"
c.say("NOOP")
c.say("USER alice")
c.say("wrong")
c.say("PASS wrong")
c.say("USER alice")
assert "maildrop has 0" in c.say("PASS " + password)
c.say("STAT")
c.say("RETR 1")
c.say("QUIT")
n = session()
await_rows([("NOOP", "-ERR NOOP co"), ("USER alice", "+OK now the "),
            ("***", "-ERR unknown"), ("PASS ***", "-ERR [AUTH] "),
            ("USER alice", "+OK now the "), ("PASS ***", "+OK alice ma"),
            ("STAT", "+OK 0 0"), ("RETR 1", "-ERR no such"),
            ("QUIT", "+OK POP3 ser")], both, n)
await_rows([("pop3", "127.0.0.1", os.getuid(), "quit", "alice@campus.example",
             None)], "SELECT listener, address, uid, outcome, login, tls"
           " FROM sessions WHERE session = ?", n)
await_rows([("USER", None), ("PASS", None), ("STAT", "alice@campus.example")],
           "SELECT verb, login FROM lines WHERE session = ? AND verb IN"
           " ('USER', 'PASS', 'STAT') AND line > 8", n)
await_rows([(19, 19)], "SELECT count(*), max(line) FROM lines"
           " WHERE session = ?", n)

# All in one packet.
c = Client(110)
c.line()
c.say("USER alice\r\nPASS %s\r\nSTAT\r\nNOOP\r\nQUIT" % password, 5)
n = session()
await_rows([(1, "USER PASS STAT NOOP QUIT")],
           "SELECT segment, group_concat(verb, ' ') FROM lines WHERE"
           " session = ? AND kind = 'command' GROUP BY segment", n)

# AUTH, STLS, and a message behind TLS.
mail = "From: a@b.example\nSubject: seen\n\n.dot\n"
os.makedirs(folder + "/mail/campus.example/alice/new", exist_ok=True)
path = folder + "/mail/campus.example/alice/new/1795313001.M1.desk"
with open(path, "w") as f:
    f.write(mail)
owner = os.stat(folder)
os.chown(path, owner.st_uid, owner.st_gid)
plain = base64.b64encode(("\0alice\0" + password).encode()).decode()
c = Client(110)
c.line()
c.say("AUTH PLAIN")
c.say("*")
c.say("STLS")
c.tls()
c.say("AUTH LOGIN")
c.say(base64.b64encode(b"alice").decode())
assert c.say(base64.b64encode(password.encode()).decode()).startswith("+OK")
c.say("RETR 1\r\nQUIT", 7)
n = session()
await_rows([("AUTH PLAIN", 0, "+ "), ("*", 0, "-ERR authent"),
            ("STLS", 0, "+OK begin TL"), ("AUTH LOGIN", 1, "+ VXNlcm5hbW"),
            ("***", 1, "+ UGFzc3dvcm"), ("***", 1, "+OK alice ma"),
            ("RETR 1", 1, "+OK 42 octet"), ("QUIT", 1, "+OK POP3 ser")],
           both.replace("c.text,", "c.text, c.tls,"), n)
await_rows([("..dot",)], "SELECT text FROM lines WHERE session = ? AND"
           " text LIKE '%dot'", n)
rows = ask("SELECT tls FROM sessions WHERE session = ?", n)
assert rows[0][0].startswith("TLS1"), rows
await_rows([(0,)], "SELECT count(*) FROM gaps")

# poplib over TLS from the first byte, with an initial response.
p = poplib.POP3_SSL("127.0.0.1", base + 995, context=context, timeout=30)
p._shortcmd("AUTH PLAIN " + plain)
p.quit()
n = session()
await_rows([("AUTH PLAIN ***", "+OK alice ma"), ("QUIT", "+OK POP3 ser")],
           both, n)

# The mailbox process dies: what it has said is there.
c = Client(110)
c.line()
c.say("USER alice")
c.say("PASS " + password)
c.say("NOOP")
os.kill(pid_of("session", "alice"), signal.SIGKILL)
n = session()
await_rows([("cut off", "NOOP")], "SELECT outcome, text FROM sessions JOIN"
           " lines USING (session) WHERE session = ? AND verb = 'NOOP'", n)

# The helper dies: the session goes on, and the next one is recorded.
c = Client(110)
c.line()
c.say("USER alice")
assert c.say("PASS " + password).startswith("+OK")
c.say("STAT")
await_rows([(1,)], "SELECT count(*) FROM sessions JOIN lines USING (session)"
           " WHERE ended IS NULL AND verb = 'STAT'")
helper = pid_of("evidence")
os.kill(helper, signal.SIGKILL)
for _ in range(300):
    if c.say("NOOP") != "+OK":
        sys.exit("the session stopped")
    try:
        if pid_of("evidence") != helper:
            break
    except IndexError:
        pass
    time.sleep(0.1)
assert c.say("QUIT").startswith("+OK")
n = session()
await_rows([("cut off", 1)], "SELECT outcome, count(*) FROM sessions JOIN"
           " lines USING (session) WHERE session = ? AND verb = 'STAT'", n)
c = Client(110)
c.line()
c.say("QUIT")
n = session()
await_rows([("quit",)], "SELECT outcome FROM sessions WHERE session = ?", n)

# Who may touch the file, and what is not in it.
for role in "worker", "auth":
    for fd in glob.glob("/proc/%d/fd/*" % pid_of(role)):
        try:
            assert "evidence.sqlite" not in os.readlink(fd), (role, fd)
        except OSError:
            pass
for name in glob.glob(folder + "/evidence.sqlite*"):
    data = open(name, "rb").read()
    for secret in password, plain, "wrong\0", base64.b64encode(
            password.encode()).decode():
        assert secret.encode() not in data, (name, secret)
print("all of it")
PYTHON
