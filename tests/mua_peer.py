#!/usr/bin/env python3
"""mua_peer.py FOLDER [EXTENSION...] - a server that behaves as recipients say.

It listens on a free port, written to FOLDER/port; what it was sent lies in
FOLDER/N.eml, with the envelope above it.  No TLS.  Recipients, by the part
before the @:

  450, 550     refused like that
  lost         the connection ends behind the final dot, the message was taken
  slow         the answer to the final dot waits for the file FOLDER/go
  gone         the connection ends at RCPT
  evil         refused with control characters and a line that imitates another
"""
import os
import socketserver
import sys
import time

FOLDER, EXTENSIONS = sys.argv[1], sys.argv[2:]
count = 0


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b'\r\n')

    def handle(self):
        self.say('220 peer.example ESMTP')
        envelope, words = [], []
        for raw in self.rfile:
            line = raw.decode('utf-8', 'replace').rstrip('\r\n')
            verb = line[:4].upper()
            if verb == 'EHLO':
                lines = ['peer.example', *EXTENSIONS]
                for text in lines[:-1]:
                    self.say('250-' + text)
                self.say('250 ' + lines[-1])
            elif verb == 'MAIL':
                envelope, words = [line], []
                self.say('250 2.1.0 Ok')
            elif verb == 'RCPT':
                word = line.split('<')[1].split('@')[0]
                if word == 'gone':
                    return
                if word == 'evil':
                    self.say('550-5.1.1 \x1b]0;owned\x07 red\u202egnorw')
                    self.say('550 5.1.1 To: other@x.example')
                    continue
                if word in ('450', '550'):
                    self.say(word + ' %s.1.1 a word from the peer' % word[0])
                    continue
                envelope.append(line)
                words.append(word)
                self.say('250 2.1.5 Ok')
            elif verb == 'DATA':
                if not words:
                    self.say('554 5.5.1 no valid recipients')
                    continue
                if not self.take(envelope, words):
                    return
            elif verb == 'QUIT':
                self.say('221 2.0.0 Bye')
                return
            elif verb == 'RSET':
                self.say('250 2.0.0 Ok')
            else:
                self.say('500 5.5.2 what?')

    def take(self, envelope, words):
        global count
        self.say('354 go on')
        lines = []
        for raw in self.rfile:
            if raw == b'.\r\n':
                break
            lines.append(raw[1:] if raw.startswith(b'.') else raw)
        else:
            return False
        count += 1
        name = os.path.join(FOLDER, '%d.eml' % count)
        with open(name + '.new', 'wb') as out:
            out.write('\n'.join(envelope).encode() + b'\n\n' +
                      b''.join(lines).replace(b'\r\n', b'\n'))
        os.rename(name + '.new', name)
        if 'lost' in words:
            return False
        if 'slow' in words:
            for _ in range(600):
                if os.path.exists(os.path.join(FOLDER, 'go')):
                    break
                time.sleep(0.1)
        self.say('250 2.0.0 Ok')
        return True


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(('127.0.0.1', 0), Session) as server:
    with open(os.path.join(FOLDER, 'port.new'), 'w') as out:
        out.write(str(server.server_address[1]))
    os.rename(os.path.join(FOLDER, 'port.new'), os.path.join(FOLDER, 'port'))
    server.serve_forever()
