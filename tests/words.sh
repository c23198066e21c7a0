#!/usr/bin/env bash
# words.sh - every text of pop3d's replies is in its table of translations, and
# the table has no text that nobody says.
set -u
cd "$(dirname "$0")/.."
python3 - <<'PYTHON'
import glob, re, sys

LITERALS = r'((?:\s*(?:"(?:[^"\\]|\\.)*"|[A-Z][A-Za-z0-9]*))+)'

def join(text):
    macros = {"PRId64": "ld", "MESSAGES": "%d message%s"}
    return "".join(s if s else macros[m] for s, m in
        re.findall(r'"((?:[^"\\]|\\.)*)"|([A-Z][A-Za-z0-9]*)', text))

said = set()
for name in glob.glob("pop3d/*.c"):
    source = open(name).read()
    for call in re.findall(r"(?:reply_ok|reply_err|answer_begin)\(\s*session,"
            + LITERALS, source):
        text = join(call)
        # Nothing but numbers and names needs no translation.
        if re.sub(r"%(ld|zu|d|s)", "", text).strip():
            said.add(text)
table = {join(row) for row in re.findall(r"\n\t\{ " + LITERALS + r",\n\t  \"",
    open("pop3d/words.c").read())}
for text in sorted(said - table):
    print("not translated: " + text)
for text in sorted(table - said):
    print("nobody says: " + text)
print("%d texts" % len(said))
sys.exit(said != table or len(said) < 50)
PYTHON
