#!/usr/bin/env python3
"""run.py - runs the hostile clients, one after the other.

  run.py BASE FOLDER WORLD [WORD ...]

BASE is the port base of the daemons and FOLDER their state folder; WORLD is
classroom or homelab; with WORDs only the tests with one of them in the name.
After each test World.check() looks at what is left.
"""
import sys
import time

import addresses
import commands
import connections
import logins
import smuggling
from peer import Mismatch, World

MODULES = smuggling, commands, addresses, logins, connections


def tests(words):
    for module in MODULES:
        for name, test in list(vars(module).items()):
            if name.startswith("test_") and (
                    not words or any(word in name for word in words)):
                yield name[5:].replace("_", " "), test


def main():
    base, folder, name = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    world = World(base, folder, name == "homelab")
    passed = failed = 0
    for sentence, test in tests(sys.argv[4:]):
        start = time.monotonic()
        try:
            test(world)
            world.check()
        except (Mismatch, OSError) as mismatch:
            failed += 1
            print(f"failed   {sentence}\n  | {mismatch!r}")
            world.new_mails()
        else:
            passed += 1
            print(f"passed   {sentence} ({time.monotonic() - start:.1f} s)")
        sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return failed > 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
