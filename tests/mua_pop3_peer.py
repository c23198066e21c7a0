"""mua_pop3_peer.py PORTFILE - a small POP3 server with five letters for bob.

Its first session stops in the middle of the third one, for a look at what the
mua shows meanwhile; later ones do not.
"""
import socket, sys, threading, time

sock = socket.create_server(('127.0.0.1', 0))
with open(sys.argv[1], 'w') as f:
    f.write('%d\n' % sock.getsockname()[1])
LETTERS = [b'From: alice@campus.example\r\nSubject: letter %d\r\n'
           b'Date: Sun, 22 Nov 2026 02:13:17 +0000\r\n\r\n%s\r\n'
           % (i, b'x' * 400 * i) for i in range(1, 6)]
stalls = True


def serve(client):
    global stalls
    file = client.makefile('rb')

    def say(*lines):
        client.sendall(b''.join(l.encode() + b'\r\n' for l in lines))

    say('+OK POP3 server ready')
    for line in file:
        verb, _, arg = line.decode().strip().partition(' ')
        if verb == 'CAPA':
            say('+OK this is what I can do', 'USER', 'UIDL', '.')
        elif verb == 'PASS' and arg != 'sesame':
            say('-ERR [AUTH] wrong user name or password')
        elif verb == 'STAT':
            say('+OK 5 1000')
        elif verb == 'UIDL':
            say('+OK', *['%d uid-%d' % (i + 1, i + 1) for i in range(5)], '.')
        elif verb == 'LIST':
            say('+OK', *['%d %d' % (i + 1, len(l))
                         for i, l in enumerate(LETTERS)], '.')
        elif verb == 'RETR':
            say('+OK \x1b[2J\x07 octets')
            if arg == '3' and stalls:
                stalls = False
                client.sendall(LETTERS[2][:100])
                time.sleep(60)
            client.sendall(LETTERS[int(arg) - 1] + b'.\r\n')
        else:
            say('+OK')
        if verb == 'QUIT':
            return


def run(client):
    try:
        serve(client)
    except OSError:
        pass
    client.close()


while True:
    # A session that stalls must not keep the others waiting.
    threading.Thread(target=run, args=(sock.accept()[0],), daemon=True).start()
