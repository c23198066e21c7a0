"""mua_fetch.py - a POP3 server that is at fault, and what mua fetch makes of it.

    mua_fetch.py MUA FOLDER CERT KEY CA

Each case is a server of its own: a function that talks with one client.  The
mua gets a fresh account for it; the exit status and a word of what it says are
looked at, and what is in the Maildir afterwards.
"""
import base64, os, re, shutil, socket, ssl, subprocess, sys, threading

MUA, TOP, CERT, KEY, CA = sys.argv[1:]
LETTER = b'Subject: %d\r\n\r\nletter %d\r\n'
failures = 0


class Client:
    """The server's end of one connection."""

    def __init__(self, sock):
        self.sock = sock
        self.file = sock.makefile('rb')

    def say(self, *lines):
        self.sock.sendall(b''.join(
            (l if isinstance(l, bytes) else l.encode()) + b'\r\n' for l in lines))

    def hear(self):
        line = self.file.readline()
        return line.decode('latin-1').rstrip('\r\n') if line else None


def usual(c, uids, letters, greet=True, capa=('USER', 'UIDL'), refuse=(),
          sizes=None, deleted=None, retr=None):
    """A good server, but for what the arguments say."""
    if greet:
        c.say('+OK ready')
    while (line := c.hear()) is not None:
        verb, _, arg = line.partition(' ')
        if verb == 'CAPA':
            c.say('+OK', *capa, '.')
        elif verb in refuse:
            c.say('-ERR ' + refuse[verb])
        elif verb == 'UIDL':
            c.say('+OK', *['%d %s' % (i + 1, u) for i, u in enumerate(uids)], '.')
        elif verb == 'LIST':
            c.say('+OK', *['%d %s' % (i + 1, (sizes or {}).get(i, len(l)))
                           for i, l in enumerate(letters)], '.')
        elif verb == 'RETR':
            i = int(arg) - 1
            if retr and i in retr:
                retr[i](c)
                continue
            body = re.sub(rb'(?m)^\.', b'..', letters[i])
            c.sock.sendall(b'+OK\r\n' + body + b'.\r\n')
        elif verb == 'DELE':
            if deleted is not None:
                deleted.append(int(arg))
            c.say('+OK')
        elif verb == 'QUIT':
            c.say('+OK bye')
            return
        else:
            c.say('+OK')


class Server:
    def __init__(self, talk, tls=False, host='127.0.0.1'):
        self.sock = socket.create_server((host, 0))
        self.port = self.sock.getsockname()[1]
        self.talk = talk
        self.tls = tls
        self.error = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while True:
                sock, _ = self.sock.accept()
                sock.settimeout(20)
                if self.tls:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(CERT, KEY)
                    sock = context.wrap_socket(sock, server_side=True)
                client = Client(sock)
                try:
                    self.talk(client)
                except OSError:
                    pass
                client.file.close()
                sock.close()
        except OSError:
            pass

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self.thread.join(20)


def fail(name, *what):
    global failures
    failures += 1
    print('FAILED:', name + ':', *what)


def configure(port, host='127.0.0.1', tls='off', leave='no', more=''):
    path = TOP + '/.config/postlab/mua.conf'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as f:
        os.chmod(path, 0o600)
        f.write('[account peer]\naddress = bob@campus.example\n'
                'pop3_host = %s\npop3_port = %d\npop3_tls = %s\n'
                'leave_on_server = %s\nmaildir = %s/box\n'
                'password_command = echo sesame-12345\n%s\n'
                % (host, port, tls, leave, TOP, more))


def fetch(*args, timeout=30):
    return subprocess.run([MUA, 'fetch', *args], env=dict(os.environ, HOME=TOP),
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=timeout)


def stored():
    found = []
    for sub in 'new', 'cur':
        folder = '%s/box/%s' % (TOP, sub)
        if os.path.isdir(folder):
            found += [open(os.path.join(folder, f), 'rb').read()
                      for f in sorted(os.listdir(folder))]
    return found


def fresh():
    shutil.rmtree(TOP + '/box', ignore_errors=True)


def case(name, talk, status, word, left=None, **settings):
    fresh()
    server = Server(talk, tls=settings.pop('server_tls', False),
                    host=settings.pop('bind', '127.0.0.1'))
    configure(server.port, **settings)
    result = fetch('--wire')
    server.close()
    text = (result.stdout + result.stderr).decode('utf-8', 'replace')
    if result.returncode != status:
        fail(name, 'status', result.returncode, 'not', status, text[-400:])
    if not re.search(word, text, re.S):
        fail(name, 'does not say', word, 'but', text[-400:])
    for char in text:
        if ord(char) < 32 and char not in '\n' or 0x7f <= ord(char) < 0xa0:
            fail(name, 'a control character on the terminal: %r' % char)
            break
    for secret in 'sesame-12345', base64.b64encode(b'sesame-12345').decode():
        if secret in text:
            fail(name, 'the password is shown')
    if left is not None and len(stored()) != left:
        fail(name, len(stored()), 'messages, not', left)
    return stored()


def letters(n):
    return [LETTER % (i, i) for i in range(n)]


def flood(c, begin=b'', what=b'x' * 65536, times=40):
    c.sock.sendall(begin)
    for _ in range(times):
        c.sock.sendall(what)


# --- what goes well ----------------------------------------------------------
gone = []
case('removed once it is here',
     lambda c: usual(c, ['a', 'b', 'c'], letters(3), deleted=gone),
     0, 'peer: 3 new messages, 3 removed', 3)
if gone != [1, 2, 3]:
    fail('removed', gone)

text = b'Subject: dots\r\n\r\n.\r\n..\r\n.a\r\nbare\ncr\rand nul\0' + \
    b'y' * 100000 + b'\r\n'
box = case('bytes are kept', lambda c: usual(c, ['a'], [text]), 0, '1 new', 1)
if box != [text.replace(b'\r\n', b'\n')]:
    fail('bytes are kept', box[:100])

case('no UIDL, and everything is taken away',
     lambda c: usual(c, [], letters(2), capa=('USER',), refuse={'UIDL': 'no'}),
     0, '2 new messages, 2 removed', 2)
case('no UIDL, and it shall stay there',
     lambda c: usual(c, [], letters(2), capa=('USER',), refuse={'UIDL': 'no'}),
     76, 'has no UIDL.*leave_on_server = no', 0, leave='yes')
case('one message is refused',
     lambda c: usual(c, ['a', 'b'], letters(2),
                     retr={0: lambda c: c.say('-ERR locked')}),
     0, '1 new message, 1 removed.*1 the server did not give', 1)

# --- twins: one UID for two messages ------------------------------------------
fresh()
gone = []
case('twins', lambda c: usual(c, ['x', 'y', 'x'], letters(3), deleted=gone),
     0, '3 new', 3)
if sorted(gone) != [1, 2, 3]:
    fail('twins', gone)
# Left on the server they are told apart, and fetched once.
server = Server(lambda c: usual(c, ['x', 'y', 'x'], letters(3)))
fresh()
configure(server.port, leave='yes')
for expected in b'3 new', b'no new':
    if expected not in fetch().stdout:
        fail('twins stay', expected)
# And when one of them may go, none goes that was not fetched just now.
configure(server.port, leave='no')
if b'2 new messages, 3 removed' not in fetch().stdout:
    fail('twins go', 'they were not fetched again before they were removed')
server.close()

# --- servers at fault ------------------------------------------------------------
case('no greeting', lambda c: None, 75, 'does not greet us.*pop3_tls = implicit')
case('a greeting of another protocol', lambda c: c.say('220 smtp ready'),
     76, 'has not kept to the protocol')
case('a greeting that refuses', lambda c: c.say('-ERR go \x1b[2J away'),
     69, 'refused while greeting us: go')
case('a greeting without end', flood, 75, 'does not greet us|failed while')
case('escape sequences in an answer',
     lambda c: usual(c, [], [], refuse={'PASS': '\x1b]0;owned\x07\x1b[31m\x9b2J no'}),
     77, 'does not accept the password')
case('the wrong password',
     lambda c: usual(c, [], [], refuse={'PASS': '[AUTH] no'}),
     77, r'does not accept the password of bob@campus.example')
case('the mailbox is locked',
     lambda c: usual(c, [], [], refuse={'PASS': '[IN-USE] locked'}),
     75, 'open in another session')
case('come later', lambda c: usual(c, [], [], refuse={'PASS': '[SYS/TEMP] x'}),
     75, 'wait a little')
case('no way to log in', lambda c: usual(c, [], [], capa=('SASL GSSAPI',)),
     76, 'no way to log in')
case('no STLS', lambda c: usual(c, [], []), 76,
     'offers no STLS.*not sent in clear', tls='starttls')
for uid in ('', 'a b', 'x' * 300, '\x1b[2J', 'caf\xc3\xa9'):
    case('the UID %r' % uid[:8], lambda c: usual(c, [uid], letters(1)),
         76, 'something that is no list', 0)


def list_of(*lines):
    def talk(c):
        c.say('+OK ready')
        while (line := c.hear()) is not None:
            if line == 'CAPA':
                c.say('+OK', 'USER', 'UIDL', '.')
            elif line == 'UIDL':
                c.say('+OK', *lines)
            else:
                c.say('+OK')
    return talk


case('numbers that go down', list_of('2 a', '1 b', '.'), 76, 'no list', 0)
case('number 0', list_of('0 a', '.'), 76, 'no list', 0)
case('a number too large', list_of('99999999999 a', '.'), 76, 'no list', 0)
case('a negative number', list_of('-1 a', '.'), 76, 'no list', 0)
case('a list that ends in the middle',
     lambda c: (c.say('+OK'), c.hear(), c.say('-ERR'), c.hear(), c.say('+OK'),
                c.hear(), c.say('+OK'), c.hear(), c.say('+OK', '1 a')),
     75, 'failed while listing', 0)
case('sizes that lie',
     lambda c: usual(c, ['a', 'b'], letters(2),
                     sizes={0: '-5', 1: '99999999999999999999'}),
     0, '2 new', 2)
case('no sizes at all',
     lambda c: usual(c, ['a'], letters(1), refuse={'LIST': 'no'}), 0, '1 new', 1)


def cut(c):
    c.sock.sendall(b'+OK 1000 octets\r\nSubject: half\r\n\r\nhal')
    c.sock.shutdown(socket.SHUT_RDWR)


case('a message that ends in the middle',
     lambda c: usual(c, ['a', 'b'], letters(2), retr={1: cut}),
     75, r'failed while sending a message.*\(1 of 2 are here\)', 1)
gone = []
case('the connection breaks before QUIT',
     lambda c: usual(c, ['a'], letters(1), deleted=gone, refuse={'QUIT': 'no'}),
     69, 'refused while saying good bye', 1)
case('an answer that is none',
     lambda c: usual(c, ['a'], letters(1), retr={0: lambda c: c.say('hello')}),
     76, 'has not kept to the protocol while sending', 0)


def scram_without_proof(c):
    c.say('+OK ready')
    while (line := c.hear()) is not None:
        if line == 'CAPA':
            c.say('+OK', 'SASL SCRAM-SHA-256', 'UIDL', '.')
        elif line.startswith('AUTH'):
            c.say('+OK of course')
        else:
            c.say('+OK')


case('a server that accepts without a proof', scram_without_proof, 77,
     'has not proved', 0)

# --- TLS ------------------------------------------------------------------------
case('TLS on a port that has none',
     lambda c: c.say('+OK ready') or c.sock.recv(2000), 76,
     'does not begin with TLS.*pop3_tls = starttls', tls='implicit',
     more='ca_file = ' + CA)
case('an authority nobody knows', lambda c: usual(c, [], []), 77,
     'authority that is not known here.*ca_file', tls='implicit',
     server_tls=True)
case('another host\'s certificate', lambda c: usual(c, [], []), 77,
     r'not for 127\.0\.0\.2', tls='implicit', server_tls=True, bind='127.0.0.2',
     host='127.0.0.2', more='ca_file = ' + CA)
case('a file that holds no certificate', lambda c: usual(c, [], []), 78,
     'no certificates to be read in ca_file', tls='implicit',
     more='ca_file = /etc/passwd')
case('the right one', lambda c: usual(c, ['a'], letters(1)), 0, '1 new', 1,
     tls='implicit', server_tls=True, more='ca_file = ' + CA)

# --- nobody there ------------------------------------------------------------------
fresh()
closed = socket.create_server(('127.0.0.1', 0))
port = closed.getsockname()[1]
closed.close()
for host, port, status, word in (
        ('127.0.0.1', port, 69, b'Nothing listens at 127.0.0.1, port %d' % port),
        ('no-such-host.invalid', 995, None, b'no-such-host.invalid')):
    configure(port, host=host)
    result = fetch()
    if status and result.returncode != status or word not in result.stderr:
        fail('nobody there', result)

# --- left for some days ---------------------------------------------------------------
fresh()
gone = []
server = Server(lambda c: usual(c, ['old', 'young'], letters(2), deleted=gone))
configure(server.port, leave='yes', more='leave_days = 7')
fetch()
path = TOP + '/box/mua-fetched.bob@campus.example@127.0.0.1'
text = open(path).read()
with open(path, 'w') as f:
    f.write(re.sub(r'(?m)^\d+ old$', '1700000000 old', text))
result = fetch()
if gone != [1] or b'1 removed from the server' not in result.stdout:
    fail('leave_days', gone, result)
server.close()

print('mua_fetch.py: all is well' if failures == 0 else
      'mua_fetch.py: %d failures' % failures)
sys.exit(failures > 0)
