#!/usr/bin/env python3
"""mua_letters.py MUA - what mua send builds, as Python's email package reads it.

Each row: arguments, text, and what must come out.  No line may be longer than
998 octets, everything must be ASCII unless SMTPUTF8 is needed, and no field
may have begun another one.
"""
import email
import email.policy
import os
import subprocess
import sys
import tempfile

MUA = os.path.abspath(sys.argv[1])
KNOWN = {'From', 'To', 'Cc', 'Subject', 'Date', 'Message-Id', 'User-Agent',
         'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding'}
failures = 0


def fail(what, *values):
    global failures
    failures += 1
    print('FAILED:', what, *map(repr, values))


def build(args, text=b'text\n', utf8=False):
    done = subprocess.run([MUA, 'send', '-n', *args], input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        return done.returncode, done.stderr.decode()
    raw = done.stdout
    if not utf8 and not raw.isascii():
        fail('not ASCII', args)
    if b'\r' in raw or max(map(len, raw.split(b'\n'))) > 998:
        fail('line ends, or a long line', args)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if set(message.keys()) - KNOWN:
        fail('strange fields', args, message.keys())
    for name in message.keys():
        if len(message.get_all(name)) != 1:
            fail('twice', name)
    for part in message.walk():
        if part.defects:
            fail('defects', args, part.defects)
    return message


# --- subjects ---------------------------------------------------------------
LONG = 'word ' * 60
SUBJECTS = ['plain', 'Camión', '日本語の長い件名' * 20, LONG.strip(), 'x' * 900,
            '=?utf-8?q?not=20decoded?=', '  inner   blanks', 'tab\there',
            'a: b', '-', '"quoted"', 'é' * 500]
for subject in SUBJECTS:
    message = build(['-s', subject, 'a@x.example'])
    got = str(message['Subject'])
    want = subject.replace('\t', ' ')
    if ' '.join(got.split()) != ' '.join(want.split()):
        fail('subject', want, got)

# --- names ------------------------------------------------------------------
NAMES = [('Alice', 'a@x.example'), ('Doe, John', 'j@x.example'),
         ('María "Q" Peña', 'm@x.example'), ('日本 太郎', 't@x.example'),
         ('back\\slash', 'b@x.example'), ('(round)', 'r@x.example'),
         ('=?utf-8?q?x?=', 'e@x.example')]
for name, address in NAMES:
    quoted = name.replace('\\', '\\\\').replace('"', '\\"')
    message = build(['%s <%s>' % ('"%s"' % quoted, address)])
    to = message['To'].addresses
    if len(to) != 1 or to[0].addr_spec != address:
        fail('address', name, message['To'])
    elif to[0].display_name != name and 'utf-8' not in name:
        fail('name', name, to[0].display_name)
message = build(['josé@x.example'], utf8=True)
if 'josé@x.example'.encode() not in message.as_bytes():
    pass  # Python writes it its own way; the server's view is mua_send.sh's
message = build(['a@bücher.example', 'b@x.example', '-c', 'c@x.example',
                 '-c', 'd@x.example', '-b', 'hidden@x.example'])
if [a.addr_spec for a in message['To'].addresses] != \
        ['a@xn--bcher-kva.example', 'b@x.example']:
    fail('to', message['To'])
if [a.addr_spec for a in message['Cc'].addresses] != \
        ['c@x.example', 'd@x.example']:
    fail('cc', message['Cc'])
if 'hidden' in message.as_string():
    fail('Bcc is in the message')
if message['From'].addresses[0].addr_spec != 'bob@campus.example':
    fail('from', message['From'])
if not message['Message-Id'].endswith('@campus.example>'):
    fail('message-id', message['Message-Id'])

# --- nothing injects a field --------------------------------------------------
EVIL = 'x\r\nBcc: victim@x.example\r\nX-Evil: 1\n\nbody'
build(['-s', EVIL, 'a@x.example'])
for option in ('-c', '-b'):
    build([option, '"%s" <c@x.example>' % EVIL, 'a@x.example'])
build(['"%s" <a@x.example>' % EVIL])
for evil in ('a@x.example\r\nBcc: v@y.example', 'a@x.example>\nX: y <b@c.d',
             'a@x\x00.example', 'a@x.example; touch /tmp/x', '<>', ''):
    made = build([evil.replace('\x00', '')])
    if isinstance(made, tuple):
        if made[0] != 65 or '\n' in made[1].rstrip('\n'):
            fail('status', evil, made)
    elif 'Bcc' in made:
        fail('injected', evil)

# --- texts ------------------------------------------------------------------
TEXTS = {
    'plain': 'one\ntwo\n',
    'accents': 'Camión\n',
    'not finished': 'no line end',
    'empty': '',
    'dots': '.\n..\n.x\n',
    'from': 'From here on\n',
    'signature': 'x\n\n-- \nBob\n',
    'long word': 'x' * 3000 + '\n',
    'japanese': 'これは日本語です。' * 50 + '\n',
}
for name, text in TEXTS.items():
    message = build(['a@x.example'], text.encode())
    got = message.get_content()
    want = text if text.endswith('\n') or not text else text + '\n'
    if got != want:
        fail('text', name, got[:80])
    charset = message.get_content_charset()
    if charset != ('us-ascii' if text.isascii() else 'utf-8'):
        fail('charset', name, charset)
message = build(['a@x.example'], b'with CR\r\nand LF\r\n')
if message.get_content() != 'with CR\nand LF\n':
    fail('CRLF', message.get_content())
for text in (b'bad \xff byte\n', b'a NUL \0\n', b'half of \xe2\x82'):
    status, why = build(['a@x.example'], text)
    if status != 65 or 'not UTF-8' not in why:
        fail('bad bytes', text, status, why)

# format=flowed: RFC 3676's own reader
def unflow(text):
    out, held, depth_held = [], '', None
    for line in text.split('\n')[:-1]:
        depth = len(line) - len(line.lstrip('>'))
        line = line[depth:]
        if line.startswith(' '):
            line = line[1:]
        flows = line.endswith(' ') and line != '-- '
        held = held + line if depth_held == depth else line
        if not flows:
            out.append('>' * depth + (' ' if depth else '') + held)
        depth_held = depth if flows else None
        if not flows:
            held = ''
    return '\n'.join(out) + '\n'


PARAGRAPH = ('A paragraph that is typed as one line, because it shall flow, '
             'whatever the width of the screen it is read on is. ' * 3).strip()
for text in (PARAGRAPH + '\n', '> ' + PARAGRAPH + '\n\n' + PARAGRAPH + '\n',
             ' indented\n' + PARAGRAPH + '\nFrom x\n', '>> ' + PARAGRAPH + '\n'):
    message = build(['a@x.example'], text.encode())
    if message.get_param('format') != 'flowed':
        fail('not flowed', text[:40])
    body = message.get_content()
    if max(map(len, body.split('\n'))) > 78:
        fail('flowed lines are long')
    if unflow(body) != text:
        fail('flowed', unflow(body), text)

# --- attachments ---------------------------------------------------------------
FILES = {
    'notes.txt': (b'line\n', 'text/plain'),
    'no end.txt': (b'no line end', 'text/plain'),
    'crlf.txt': (b'a\r\nb\r\n', 'text/plain'),
    'blanks.txt': (b'a  \nb\t\n', 'text/plain'),
    'latin.txt': (b'Cami\xf3n\n', 'text/plain'),
    'utf8.csv': ('Camión;日本\n'.encode(), 'text/csv'),
    'long.txt': (b'x' * 5000 + b'\n', 'text/plain'),
    'cat.png': (bytes(range(256)) * 40, 'image/png'),
    'nothing.pdf': (b'', 'application/pdf'),
    'README': (b'text without an ending\n', 'text/plain'),
    'blob': (b'\x00\x01\x02', 'application/octet-stream'),
    'letter.eml': (b'From: a@b.c\nSubject: within\n\nhi\n', 'message/rfc822'),
    'Übersicht – 日本語 "x".txt': (b'named\n', 'text/plain'),
    'a very long name ' * 10 + '.bin': (b'\x80', 'application/octet-stream'),
    'two\nlines\r\nBcc: v@x.example.txt': (b'evil\n', 'text/plain'),
    '-s': (b'looks like an option\n', 'text/plain'),
}
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    args = []
    for name, (data, kind) in FILES.items():
        with open(name, 'wb') as out:
            out.write(data)
        args += ['-a', './' + name]
    message = build(args + ['a@x.example'])
    parts = list(message.iter_parts())
    if message.get_content_type() != 'multipart/mixed' or \
            parts[0].get_content() != 'text\n':
        fail('the text of a multipart', parts[0])
    for part, (name, (data, kind)) in zip(parts[1:], FILES.items()):
        if ' '.join(part.get_filename().split()) != ' '.join(name.split()):
            fail('file name', name, part.get_filename())
        if part.get_content_type() != kind:
            fail('type', name, part.get_content_type())
        if part.get_content_disposition() != 'attachment':
            fail('disposition', name)
        if kind == 'message/rfc822':
            got = part.get_payload(0)['Subject'].encode()
            data = b'within'
        else:
            got = part.get_payload(decode=True)
        if got != data:
            fail('content', name, got[:60])
    # a message that may not travel as one goes as bytes
    with open('wild.eml', 'wb') as out:
        out.write(b'Subject: x\n\n' + b'y' * 2000 + b'\x00\n')
    part = list(build(['-a', 'wild.eml', 'a@x.example']).iter_parts())[1]
    if part.get_content_type() != 'application/octet-stream' or \
            not part.get_payload(decode=True).endswith(b'\x00\n'):
        fail('wild message', part.get_content_type())
    os.mkfifo('fifo')
    for bad in ('missing', '.', 'fifo'):
        made = build(['-a', bad, 'a@x.example'])
        if not isinstance(made, tuple) or made[0] != 66:
            fail('attached', bad)

sys.exit(failures > 0)
