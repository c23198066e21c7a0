#!/usr/bin/env python3
"""first_screen.py MARKER COMMAND... - milliseconds until MARKER is on the
screen, CPU milliseconds up to then, and the most memory resident (KB).

The command gets a terminal of 80 by 24 of its own and is killed afterwards.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 120


def measure(marker, command):
    begin = time.monotonic()
    pid, master = pty.fork()
    if pid == 0:
        try:
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = b""
    while marker not in seen:
        ready, _, _ = select.select([master], [], [], PATIENCE)
        try:
            data = os.read(master, 65536) if ready else b""
        except OSError:
            data = b""
        if not data:
            sys.exit(f"{command[0]}: no {marker!r} on its screen")
        seen += data
    end = time.monotonic()
    resident = 0
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM:"):
            resident = int(line.split()[1])
    cpu = int(open(f"/proc/{pid}/schedstat").read().split()[0]) / 1e6
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    print(f"{(end - begin) * 1000:.0f} {cpu:.0f} {resident}")


measure(sys.argv[1].encode(), sys.argv[2:])
