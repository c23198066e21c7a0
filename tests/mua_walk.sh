#!/usr/bin/env bash
# mua_walk.sh - docs/WALK.md, walked: who begins with nothing reads a letter and
# answers it with an attachment.
#
#   UPDATE=1 tests/mua_walk.sh     writes the walk anew, with the screens of now
set -u
. tests/world.sh
here=$PWD/tests
. tests/mua_tmux.sh
command -v tmux >/dev/null || { echo "no tmux"; exit 77; }
top=$(mktemp -d "${TMPDIR:-/tmp}/mua-walk.XXXXXX")
chmod 755 "$top"
export LC_ALL=C.UTF-8 TZ=UTC
trap 'rc=$?; tmux_end; (exit $rc); world_end "$top"' EXIT
tmux_start "$top"
world_make "$top" classroom
world_up
mkdir "$top/home"
printf '%%PDF-1.4 homework\n' >"$top/home/homework.pdf"
python3 - "$((BASE + 25))" <<'PYTHON'
import smtplib, sys
smtplib.SMTP('127.0.0.1', int(sys.argv[1])).sendmail(
    'alice@campus.example', ['bob@campus.example'],
    'From: Alice Example <alice@campus.example>\r\nTo: bob@campus.example\r\n'
    'Date: Sun, 22 Nov 2026 09:30:00 +0000\r\nSubject: Your homework\r\n'
    'Message-ID: <1@campus.example>\r\n\r\nHello Bob,\r\n\r\n'
    'please send me your homework by Friday.\r\n\r\n-- \r\nAlice\r\n')
PYTHON

doc=$top/WALK.md
say() { cat >>"$doc"; }
# Folders and ports are those of `make run`, times are left out.
picture() {
	shows "$1"
	[ -z "${UPDATE:-}" ] || sleep 0.5
	{
		echo '```'
		screen | sed "s|$top/home|/home/bob|; s|$DIR|/home/bob/postlab/var|
		    s/$((BASE + 995))/2995/; s/$((BASE + 465))/2465/
		    s/^ *[0-9]*\.[0-9]* \([CS-][:-]\)/   0.0 \1/" | cat -s
		echo '```'
	} >>"$doc"
}

say <<'DOC'
# A walk with the mua, from nothing

Bob has a login on a machine where Postlab runs (`make run`), and has never used the mua. This is
what he types and what he sees, to the end of an answer with an attachment. `tests/mua_walk.sh` walks
it at each `make check`; with `UPDATE=1` it writes this page anew.

## 1. An account

`mua` finds no settings and no mailbox of Bob's, so it asks. He types his name, Tab, his address, Tab,
and all else is there: an address in the domain of the Postlab at hand has that server's ports and
its authority (`ca_file`); for another domain it would be `mail.DOMAIN` and the ports of RFC 8314.

DOC
terminal 80x24 \
    "cd $top/home; env -u MAIL -u XDG_CONFIG_HOME -u VISUAL -u EDITOR POSTLAB_DIR=$DIR HOME=$top/home $BIN/mua; echo left \$?; cat"
shows Welcome
keys C-u 'Bob Builder' Tab bob@campus.example Tab
picture 'Account  *campus'
say <<'DOC'

The top line names the keys that matter here, F1 lists all of them, and the line above the last one
says what the field is for. `^T` tries the settings. The mua asks for the password, which is not
shown and not stored anywhere (`password_command` would get it from `pass` or `secret-tool`):

DOC
keys C-t
shows 'Password of bob@campus.example at localhost:'
keys "$PASSWORD" Enter
picture 'SMTP works'
say <<'DOC'

A wrong port, a wrong password, a certificate of a stranger: each is one sentence here, with the
setting to look at. `q` goes back, `^O` saves: into `~/.config/postlab/mua.conf`, which nobody else
can read.

## 2. Reading

Bob is in the list of his mailbox, `~/Mail/campus`, and it is empty: nothing was fetched yet. `G` does.

DOC
keys q
shows 'Test the settings'
keys C-o
shows 'No mail here'
keys G
picture '1 new message'
say <<'DOC'

It stays on the server too, unless the account says otherwise; what is here is read without the
network. Enter opens the letter.

DOC
keys Enter
picture 'by Friday'
say <<'DOC'

`h` shows all headers as they were stored, `v` the parts, `T` the way it took; `?` lists the keys of
each place.

## 3. An answer with an attachment

`r` replies. Without `$EDITOR` the mua's own editor opens, with Alice's words quoted; `^X` is done.
What he types is on the disk a second after he stops: should the machine go down now, the next start
offers to go on.

DOC
keys r
shows 'please send me your homework'
keys 'Hello Alice, here it is.' Enter
picture 'here it is'
keys C-x
shows 'Attach'
say <<'DOC'

The letter is shown as it will leave. `a` asks for a file; Tab completes its name.

DOC
keys a
shows 'Attach file:'
keys -l home
keys Tab
shows 'homework.pdf'
keys Enter
picture 'homework.pdf, .*pdf)'
say <<'DOC'

`y` sends it. The letter is first put into the outbox, safe on disk; then the server takes it, and a
copy goes to `.Sent`.

DOC
keys y
picture '^Sent'
say <<'DOC'

In the list an `r` says now that it was answered. And `w` shows what was said to the server, as it was
said, with a word for each line: this is all that sending mail is.

DOC
shows '^Sent'
keys w
picture '(end)'
say <<'DOC'

Alice, meanwhile, has it: `mua -f var/mail/campus.example/alice show 1` on the same machine prints

DOC
keys q q
box=$DIR/mail/campus.example/alice
has_mail() { [ -n "$(ls "$box/new")" ]; }
soon has_mail
shown=$("$BIN/mua" -f "$box" show 1 </dev/null) || fail "Alice has nothing"
for word in 'Bob Builder <bob@campus.example>' 'Re: Your homework' \
    'here it is' 'homework.pdf'; do
	grep -q "$word" <<<"$shown" || fail "Alice does not see $word: $shown"
done
{
	echo '```'
	cat <<<"$shown"
	echo '```'
} >>"$doc"
if [ -n "${UPDATE:-}" ]; then
	cp "$doc" "$here/../docs/WALK.md"
fi
# The page shows what the walk is today, but for dates, times and ids.
plain() { sed -E 's/[0-9]+//g; s/ +/ /g; s/-+/-/g' "$1" | grep '^##\|^[A-Z][a-z]* .*\.$'; }
diff <(plain "$here/../docs/WALK.md") <(plain "$doc") ||
    fail "docs/WALK.md is not this walk: UPDATE=1 tests/mua_walk.sh"
echo "mua_walk: from nothing to an answer with an attachment"
