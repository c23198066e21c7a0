#!/usr/bin/env python3
"""run.py - AUTH and TLS of the running daemons, seen by a client.

  run.py WORLD BASE DIR     runs the tests of that world, a line each

Exit status 0 when all passed.  BASE is the port base, DIR the state folder of
daemons that secure.sh has started; the accounts are alice and bob.
"""
import sys
import traceback

from client import TESTS, WORLD
import auth  # noqa: F401  (they enter themselves into TESTS)
import tls  # noqa: F401
import last  # noqa: F401

if __name__ == "__main__":
    failed = 0
    for function in TESTS:
        try:
            function()
            print(f"passed   {WORLD}: {function.__name__.replace('_', ' ')}")
        except Exception:
            failed += 1
            print(f"failed   {WORLD}: {function.__name__.replace('_', ' ')}")
            traceback.print_exc(file=sys.stdout)
    sys.exit(failed > 0 or not TESTS)
