"""explain.py - every refusal that the source can give has a sentence.

    explain.py POSTLAB DIR [--list]

Reads the C files, so a refusal that is added tomorrow is found as well: each
reply(4xx or 5xx, "...") with its string literals, the rules of policy.c, the
ends of give_up() and the mistakes of parameters.  A conversion of printf stands
for any word.  Then postlab explain is asked for each.

A 4xx may have the general sentence.  A 5xx is a fault of the line that was
typed, and explain.ini has no sentence for all of those, so what is not known
there is an error here.
"""
import glob
import re
import subprocess
import sys

LITERAL = r'"((?:[^"\\]|\\.)*)"'
FILES = ["smtpd/%s.c" % name for name in (
    "commands", "custody", "data", "etrn", "greet", "intake", "mail",
    "parameters", "policy", "receive", "secure", "session", "verify")]
FILES += ["common/data_reader.c", "mda/deliver.c"]
SAMPLES = {"s": "word", "d": "7", "lld": "7", "zu": "7"}


def strip_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def arguments(text, start):
    """The arguments of the call whose parenthesis opens at START."""
    depth, begin, found, i = 0, start + 1, [], start
    while True:
        c = text[i]
        if c == '"':
            i = re.compile(LITERAL).match(text, i).end()
            continue
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        if depth == 0 or (depth == 1 and c == ","):
            found.append(text[begin:i].strip())
            begin = i + 1
        if depth == 0:
            return found
        i += 1


def joined(argument):
    """A literal of several pieces; None when it is none."""
    pieces = re.findall(LITERAL, argument)
    if not pieces or re.sub(LITERAL, "", argument).strip():
        return None
    return "".join(pieces).replace('\\"', '"')


def sample(form, words):
    """FORM with its conversions filled: literals where the source has them."""
    words = list(words)

    def fill(match):
        word = joined(words.pop(0)) if words else None
        kind = match.group(1)
        return word if kind == "s" and word is not None else SAMPLES[kind]
    return re.sub(r"%(s|d|lld|zu)", fill, form)


def choices(words):
    """A word that is CONDITION ? "a" : "b" is both."""
    if not words:
        yield []
        return
    options = re.findall(r"[?:]\s*((?:" + LITERAL + r"\s*)+)", words[0])
    for option in [o[0] for o in options] or [words[0]]:
        for rest in choices(words[1:]):
            yield [option] + rest


def replies(path):
    text = strip_comments(open(path).read())
    # reply(554, "%s", no_recipients): a string that has a name
    named = dict(re.findall(r'(\w+)\[\] = ("[^;]*);', text))
    for call in re.finditer(r"\breply\(", text):
        words = arguments(text, call.end() - 1)
        form = joined(words[1])
        if not re.fullmatch(r"[45]\d\d", words[0]):
            continue
        if form is None:
            print("%s: a refusal that is no literal: %s" % (path, words[1]))
            continue
        rest = [named.get(word, word) for word in words[2:]]
        for some in choices(rest):
            yield "%s %s" % (words[0], sample(form, some))
    for call in re.finditer(r"\bgive_up\(s, ", text):
        why = joined(arguments(text, call.end() - len("(s, "))[1])
        if why is not None:
            yield "421 4.7.0 mail.campus.example Error: " + why


def rules():
    text = strip_comments(open("smtpd/policy.c").read())
    row = re.compile(r"(\d{3}), " + LITERAL + r", " + LITERAL + ",")
    for code, status, words in row.findall(text):
        words = words[1:] if words[0] == "-" else "<a@b.example>: " + words
        yield "%s %s %s" % (code, status, words)


def mistakes():
    text = strip_comments(open("smtpd/parameters.c").read())
    for row in re.findall(r'\{ "[A-Z0-9]+",[^{}]*\}', text):
        literals = re.findall(LITERAL, row)
        if len(literals) > 1:
            yield "501 5.5.4 " + literals[-1]


def addresses():
    text = strip_comments(open("common/address.c").read())
    for literals in re.findall(r"fail\(why,\s*((?:" + LITERAL + r"\s*)+)\)",
                               text):
        for status, who in ("5.1.7", "sender"), ("5.1.3", "recipient"):
            yield "501 %s Bad %s address syntax: %s" % (
                status, who, joined(literals[0]))


def usages():
    text = strip_comments(open("smtpd/commands.c").read())
    for row in re.findall(r'\{ "[A-Z]+",[^{}]*\}', text):
        literals = re.findall(LITERAL, row)
        for literal in literals[1:]:
            if literal.startswith(literals[0]):
                yield "501 5.5.4 Syntax: " + literal
            elif " " in literal:
                yield "503 5.5.1 Error: " + literal


def of_pop3():
    for path in glob.glob("pop3d/*.c"):
        text = strip_comments(open(path).read())
        for call in re.finditer(r"\breply_err\(", text):
            words = arguments(text, call.end() - 1)
            form = joined(words[1])
            if form is not None:
                yield "-ERR " + sample(form, words[2:])


def main():
    postlab, folder = sys.argv[1:3]
    known = {said for some in (rules, mistakes, usages, addresses,
                                  of_pop3)
             for said in some()}
    for path in FILES:
        if glob.glob(path):
            known.update(replies(path))
    known = sorted(r for r in known if "\n" not in r)
    if "--list" in sys.argv:
        print("\n".join(known))
        return
    assert len(known) > 70, "only %d refusals were found" % len(known)
    missing = 0
    for said in known:
        answer = subprocess.run([postlab, "-d", folder, "explain", said],
                                capture_output=True, text=True)
        if answer.returncode != 0 or not answer.stdout.startswith("["):
            print("no sentence for: " + said)
            missing += 1
    if missing:
        sys.exit("%d of %d refusals have no sentence" % (missing, len(known)))
    print("%d refusals, each with a sentence" % len(known))


main()
