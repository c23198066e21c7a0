#!/usr/bin/env bash
# open.sh - the time and memory to open a mailbox, beside mutt and neomutt.
#
#   tests/bench/open.sh [ROUNDS]     about three minutes, most of it to lay out
#
# With REPORT=docs/PERFORMANCE.md the result replaces the one in that file.
#
# A time runs from the start of the program until the number of messages is on
# its screen.  All read the same Maildir: mua with its index, mutt and neomutt
# with their header cache, each warm.  One after another in every round; the
# table has the median.
# shellcheck source=tests/bench/lab.sh
. "$(dirname "$0")/lab.sh"
rounds=${1:-7}
export TERM=xterm-256color LC_ALL=C.UTF-8 HOME=$dir/home
mkdir "$HOME"
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
machine=$(describe)

# A Maildir with COUNT messages of 1 to 3 KB, most of them read, in threads.
lay_out() { # folder count
	mkdir -p "$1"/{tmp,new,cur}
	python3 - "$1" "$2" <<-'END'
	import random, sys
	folder, count = sys.argv[1], int(sys.argv[2])
	random.seed(count)
	days = "Mon Tue Wed Thu Fri Sat Sun".split()
	words = ("report meeting class exam queue lab question server mail index "
	         "picture travel lunch budget plan review draft patch").split()
	for i in range(count):
	    who = random.choice("alice bob carol dave eve frank".split())
	    subject = " ".join(random.choices(words, k=5))
	    answers = ""
	    if i > 50 and random.random() < 0.6:
	        n = i - random.randint(1, 50)
	        subject = f"Re: message {n}"
	        answers = f"In-Reply-To: <{n}@b.example>\nReferences: <{n}@b.example>\n"
	    text = (f"Return-Path: <{who}@campus.example>\nReceived: from a.example "
	            f"(a.example [192.0.2.1])\n\tby mail.campus.example (Postlab) "
	            f"with ESMTPS id 4Xk{i:06}\n\tfor <you@campus.example>; "
	            f"Tue, 14 Nov 2023 22:13:20 +0000\nMessage-ID: <{i}@b.example>\n"
	            f"Date: Tue, 14 Nov 2023 {i // 3600 % 24:02}:{i // 60 % 60:02}:"
	            f"{i % 60:02} +0000\nFrom: {who.title()} Example "
	            f"<{who}@campus.example>\nTo: You <you@campus.example>\n"
	            f"Subject: {subject}\n{answers}\n")
	    text += " ".join(random.choices(words, k=random.randint(50, 300))) + "\n"
	    wire = len(text) + text.count("\n")
	    flags = "S" if random.random() < 0.9 else ""
	    with open(f"{folder}/cur/{1700000000 + i}.M{i}P1.bench,S={len(text)},"
	              f"W={wire}:2,{flags}", "w") as file:
	        file.write(text)
	END
}

# neomutt, unpacked where it is not installed; what it needs must be there.
find_neomutt() {
	neomutt=$(command -v neomutt) && return
	(cd "$dir" && apt-get download -qq neomutt >/dev/null 2>&1 &&
	    dpkg -x neomutt_*.deb neomutt) 2>/dev/null
	neomutt=$dir/neomutt/usr/bin/neomutt
	"$neomutt" -v >/dev/null 2>&1 || neomutt=''
}

command_of() { # program folder count; sets marker and command
	case $1 in
	mua) marker="$3 messages" command=("$BIN/mua" -f "$2") ;;
	mutt) marker="Msgs:$3" command=(mutt -n -F "$dir/muttrc" -f "$2") ;;
	neomutt) marker="Msgs:$3" command=("$neomutt" -n -F "$dir/muttrc" -f "$2") ;;
	esac
}

muttrc() { # program
	mkdir -p "$dir/cache.$1"
	cat >"$dir/muttrc" <<-END
	set folder="$HOME" header_cache="$dir/cache.$1" sleep_time=0
	set wait_key=no status_format="Msgs:%m" quit=yes check_new=no
	END
}

programs=(mua)
command -v mutt >/dev/null && programs+=(mutt)
find_neomutt
[ -n "$neomutt" ] && programs+=(neomutt)

run_one() { # program count
	muttrc "$1"
	command_of "$1" "$dir/box.$2" "$2"
	"$here/first_screen.py" "$marker" "${command[@]}"
}

for count in 10000 100000; do
	lay_out "$dir/box.$count" $count
	sleep 3 # an index trusts a folder that has been quiet for some seconds
	for program in "${programs[@]}"; do
		run_one "$program" $count >"$dir/cold.$program.$count"
	done
	sleep 3
	# The second opening may still look through the folder.
	run_one mua $count >/dev/null
	for ((round = 1; round <= rounds; round++)); do
		for program in "${programs[@]}"; do
			run_one "$program" $count >>"$dir/warm.$program.$count"
		done
	done
done

report() {
	local count program ms cpu kb time memory
	echo "$machine; $rounds rounds, the median."
	echo
	echo "| messages | program | first time, s | then, ms | CPU ms | resident MB |"
	echo "|--:|---|--:|--:|--:|--:|"
	for count in 10000 100000; do
		for program in "${programs[@]}"; do
			read -r ms cpu kb < <(median <"$dir/warm.$program.$count")
			echo "| $count | $program |" \
			    "$(awk '{ printf "%.1f", $1 / 1000 }' "$dir/cold.$program.$count")" \
			    "| $ms | $cpu | $((kb / 1024)) |"
			[ "$program" = mua ] && time=$ms memory=$((kb / 1024))
		done
	done
	echo
	echo "| | wanted | is | met |"
	echo "|---|---|--:|---|"
	verdict "100,000 messages open, ms" "$time" "<=" 250
	verdict "with resident MB" "$memory" "<=" 100
}
report | publish open
