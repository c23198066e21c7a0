"""visits.py - who comes back soon meets the process that served him before, as
long as it fits, and nobody else does.

Run by tests/visits.sh: DIR, BASE, PASSWORD and BIN are in the environment.
"""
import json, os, poplib, shutil, ssl, subprocess, time
from proof import check, eventually, fail

DIR, BIN = os.environ["DIR"], os.environ["BIN"]
PORT = int(os.environ["BASE"]) + 110
PASSWORD = os.environ["PASSWORD"]
MAIL = DIR + "/mail/campus.example/"


def postlab(*words, text=None):
    return subprocess.run([BIN + "/postlab", "-d", DIR, *words], text=True,
                          input=text, check=True, stdout=subprocess.PIPE).stdout


def sessions(doing):
    status = json.loads(postlab("status", "--json"))["processes"]
    return [p["pid"] for p in status
            if (p["program"], p["role"]) == ("pop3d", "session")
            and p["doing"] == doing]


def log_in(user, tls=False):
    pop = poplib.POP3("127.0.0.1", PORT, timeout=120)
    if tls:
        context = ssl.create_default_context(cafile=DIR + "/tls/ca.pem")
        context.check_hostname = False
        pop.stls(context)
    pop.user(user)
    pop.pass_(PASSWORD)
    return pop


def visit(user, tls=False):
    pop = log_in(user, tls)
    count = pop.stat()[0]
    check("the farewell", pop.quit()[:3], b"+OK")
    return count


def kept(user):
    """The process of USER, once it is kept; it may have ended since."""
    left = f"{user}@campus.example has left"
    return eventually(f"{user} has left",
                      lambda: visit(user) is None or sessions(left))[0]


def serving(user):
    found = sessions(f"{user}@campus.example from 127.0.0.1")
    check(f"processes that serve {user}", len(found), 1)
    return found[0]


def served_by(user, pid, tls=False):
    """Whether a visit that begins now is served by PID."""
    pop = log_in(user, tls)
    same = serving(user) == pid
    pop.quit()
    return same


def refusal(pop):
    """What it says, and why, when a message is asked for that is not there."""
    try:
        pop.retr(999)
    except poplib.error_proto as why:
        return str(why)
    fail("message 999 is there")


def new_message(folder, number):
    with open(f"{folder}/new/{1700000000 + number}.M{number}P1.far", "w") as f:
        f.write(f"Subject: number {number}\n\nHello\n")


def make_maildir(folder, count):
    for name in "tmp", "new", "cur":
        os.makedirs(f"{folder}/{name}", mode=0o700)
    for number in range(count):
        new_message(folder, number)
    owner = os.stat(MAIL)
    for at, _, files in os.walk(folder):
        for path in [at] + [f"{at}/{name}" for name in files]:
            os.chown(path, owner.st_uid, owner.st_gid)
            os.chmod(path, 0o700 if os.path.isdir(path) else 0o600)


def same_again(what, user, tls=False):
    eventually(what, lambda: served_by(user, kept(user), tls))


same_again("alice is served by the process that served her", "alice")
same_again("behind TLS too", "alice", tls=True)

# Nobody else, whoever's process waits.
waits = kept("alice")
pop = log_in("bob")
if serving("bob") == waits:
    fail("bob is served by the process of alice")
pop.quit()

# What came meanwhile is there, also what takes GMime to be read.
before = kept("alice") and visit("alice")
subprocess.run([BIN + "/mda", "-d", "alice@campus.example", "-f", "a@b.example"],
               cwd=DIR, env={**os.environ, "POSTLAB_DIR": DIR}, text=True,
               input="Subject: one\n\nmore\n", check=True)
check("after a delivery", visit("alice"), before + 1)
make_maildir(MAIL + "alice.new", 3)
os.rename(MAIL + "alice.new/new/1700000002.M2P1.far",
          MAIL + "alice/new/1700000002.M2P1.far")
check("after a file of another program", visit("alice"), before + 2)
same_again("and she is served as before", "alice")


# What the process still knows of a mailbox that has not changed for some
# seconds is good.
def settle():
    def is_old(name):
        found = os.stat(f"{MAIL}alice/{name}")
        return time.time() - max(found.st_mtime, found.st_ctime) > 2.5

    eventually("nothing changes", lambda: is_old("new") and is_old("cur"))


def is_remembered():
    settle()
    pid = kept("alice")
    for name in "index.sqlite", "index.sqlite-journal":
        os.path.exists(MAIL + "alice/" + name) and os.unlink(MAIL + "alice/" + name)
    return (served_by("alice", pid)
            and not os.path.exists(MAIL + "alice/index.sqlite"))


before = visit("alice")
eventually("the index is not asked for what is known", is_remembered)
check("what is known", visit("alice"), before)
pop = log_in("alice")
pop.dele(1)
pop.quit()
settle()
check("after a removal", visit("alice"), before - 1)
make_maildir(MAIL + "alice.more", 4)
os.rename(MAIL + "alice.more/new/1700000003.M3P1.far",
          MAIL + "alice/new/1700000003.M3P1.far")
check("after one more", visit("alice"), before)

# Another folder in the place of the one that the process is confined to.
old = kept("alice")
os.rename(MAIL + "alice", MAIL + "alice.old")
os.rename(MAIL + "alice.new", MAIL + "alice")
check("of another mailbox", visit("alice"), 2)
same_again("in which she is at home", "alice")
os.rename(MAIL + "alice", MAIL + "alice.second")
check("of none", visit("alice"), 0)
if not os.path.isdir(MAIL + "alice/new"):
    fail("no Maildir was made")



# The choice of one session is not the next one's.
def choose_spanish():
    """Whether the session after it has met the same process."""
    pop = log_in("bob")
    pid, english = serving("bob"), refusal(pop)
    pop._shortcmd("LANG es")
    if refusal(pop) == english:
        fail("LANG es changes nothing:", english)
    pop.quit()
    pop = log_in("bob")
    same = serving("bob") == pid
    check("the language of the next session", refusal(pop), english)
    pop.quit()
    return same


eventually("he meets the same process", choose_spanish)

# The account, and another one of that name.
kept("bob")
postlab("user", "delete", "bob@campus.example")
try:
    log_in("bob")
    fail("a deleted user logs in")
except poplib.error_proto:
    pass
shutil.rmtree(MAIL + "bob", ignore_errors=True)
postlab("user", "add", "bob@campus.example", "--password-stdin",
        text=PASSWORD + "\n")
check("the new bob's messages", visit("bob"), 0)

# Nobody waits for ever, and a reload ends who waits.
kept("alice")
eventually("all are gone", lambda: not sessions("alice@campus.example has left")
           and not sessions("bob@campus.example has left"))
print("who comes back is served by the same process, and nobody else is")
