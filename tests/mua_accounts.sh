#!/usr/bin/env bash
# mua_accounts.sh - who begins with nothing: the form, the test of the settings,
# accounts, a fetch that is broken off, the wire; against golden screens.
#
#   UPDATE=1 tests/mua_accounts.sh   writes them anew (look at the diff!)
#
# Ports and times are those of the day: zeros stand for them in the screens.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/mua_box.sh"
. "$here/mua_tmux.sh"
tmux_begin mua-accounts

screen() {
	t capture-pane -p | sed -E 's/[0-9]{5}/00000/g
	    s/[0-9]+\.[0-9]{3} /0.000 /; s/at [0-9:]{8}/at 00:00:00/; /^>/s/ [0-9] new /       /'
}
has_port() { [ -s port ]; }

for size in 80x24 40x10 200x50; do
	[ -n "$peer" ] && kill $peer && wait $peer 2>/dev/null
	rm -f port
	python3 "$here/mua_pop3_peer.py" port &
	peer=$!
	soon has_port
	port=$(<port)
	terminal_end
	rm -rf home && mkdir home
	terminal $size "cd home; env -u MAIL -u XDG_CONFIG_HOME POSTLAB_DIR=/none HOME=$dir/home $mua 2>$dir/err; echo left \$?; cat"

	# Nothing is there: the form.  The address is enough for a guess.
	shows 'Welcome'
	keys C-u 'Bob Builder' Tab bob@campus.example Tab
	golden form 'Account  *campus'
	# A mistake is said, and the cursor stands there.
	keys Down Down C-u 70000 C-o
	shows 'port: must be a number'
	keys C-u $port Down Left Left Up Up C-u localhost
	keys Down Down Down C-u localhost Down C-u $port Down Left Left
	shows 'off'
	keys C-t
	shows 'Password of bob@campus.example'
	keys wrong Enter
	shows 'POP3 does not work'
	screen | grep -q wrong\$ && fail "the password is on the screen"
	keys q C-t
	shows 'Password of'
	keys sesame Enter
	golden test 'POP3 works'
	keys q C-o
	shows 'No mail here'
	[ "$(stat -c %a home/.config/postlab/mua.conf)" = 600 ] ||
	    fail "mua.conf is open to others"
	grep -rq sesame home && fail "the password was stored"

	# The accounts; a fetch that stops in the middle, and is broken off.
	keys c
	shows 'Accounts and mailboxes'
	golden accounts '> campus'
	# The password of the test is still known; what has come shows by and by.
	keys G
	golden progress '3 of 5'
	keys C-c
	shows 'broken off'
	keys w
	golden wire 'RETR 3'
	# It goes on where it was: two are here already.
	keys q G
	shows 'campus: 3 new messages'
	keys w
	shows 'On the wire 1/'
	keys j
	shows 'On the wire 2/'
	screen | grep -q sesame && fail "the password is in the wire view"
	keys q Enter
	shows 'letter 5'
	# New mail is looked for in the background: q leaves all the same.
	keys q
	shows 'left 0'
	[ ! -s err ] || fail "standard error: $(<err)"
done

# --- a file with a mistake, or open to others, is one line ----------------------
conf=home/.config/postlab/mua.conf
says() {
	HOME=$dir/home "$mua" list >out 2>&1 </dev/null
	local got=$?
	[ $got = 78 ] || fail "status $got, not 78"
	[ "$(<out)" = "mua: $1" ] || fail "says $(<out), not $1"
}
chmod 644 $conf
says "$dir/$conf: others can read or change it (mode 644): chmod 600 $dir/$conf"
chmod 600 $conf
echo 'colour = red' >>$conf
says "$dir/$conf:$(grep -c '' $conf): there is no key colour in [account campus]"

# --- mua(1) has every key ----------------------------------------------------------
for key in $(sed -n 's/^\t{ "account", "\([a-z0-9_]*\)".*/\1/p' \
    "$here/../mua/account_table.c"); do
	grep -q "^.It Ic $key\$" "$here/../mua/mua.1" || fail "mua(1) lacks $key"
done

[ $failures = 0 ] && echo "mua_accounts: $screens screens as they should be"
exit $((failures > 0))
