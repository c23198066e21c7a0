"""proof.py - what the scripts that watch hosts say when something is not so."""
import re, sys, time


def fail(*words):
    print(*words, file=sys.stderr)
    sys.exit(1)


def check(what, got, want):
    if got != want:
        fail(f"{what}: {got!r}, not {want!r}")


def matches(what, text, pattern):
    if not re.search(pattern, text, re.S | re.M):
        fail(f"{what}: nothing like {pattern!r} in:\n{text}")


def eventually(what, question, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.1)
    fail("it never came true:", what)
