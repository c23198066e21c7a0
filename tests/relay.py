#!/usr/bin/env python3
"""relay.py FOLDER CAMPUS HUB FAR PASSWORD BIN [TEST] - mail to other hosts.

CAMPUS, HUB and FAR are port bases of Postlabs (relay.sh); other servers are
those of relay_peer.py, whose notes are in FOLDER/peer.log.

Here is what becomes of a message and who hears of it; what is said on the way
is in relay_wire.py, who may not send at all in relay_denied.py, and the means
by which all three send and look are in relay_world.py.
"""
import glob, os, re, signal, smtplib, subprocess, sys, time

from relay_denied import nobody_relays_without_a_login
from relay_wire import (a_chunk_is_the_message, a_group_of_commands_is_one_write,
                        eight_bits_go_where_they_are_known, letters_of_the_world,
                        what_others_lack_is_done_without)
from relay_world import (ALICE, arrived, box, campus, check, delete, eventually,
                         fail, heard, hub, is_gone, letter, log_of, login,
                         matches, peer_gets, place, programs, queue, report,
                         send, sessions)


def a_login_reaches_a_mailbox_far_away():
    token, text = letter()
    queue_id = send(["zoe@far.example"], text)
    message = arrived("far", "zoe@far.example", token)
    check("Message-Id", message["Message-Id"], f"<{token}@desk.example>")
    check("body", message.get_content(), "Hello.\n.\n..two\n")
    trace = message.get_all("Received")
    check("Received", len(trace), 2)
    matches("far's Received", trace[0],
            r"from mail\.campus\.example .*by mail\.far\.example .*ESMTPS")
    matches("campus's Received", trace[1],
            rf"by mail\.campus\.example .*ESMTPSA id {queue_id}")
    if queue_id in trace[0]:
        fail("both hosts use one queue id")
    is_gone("campus", queue_id)
    line = [l for l in log_of("campus", queue_id) if "event=relayed" in l]
    check("event=relayed", len(line), 1)
    matches("log", line[0], r'to=zoe@far\.example host=127\.0\.0\.1 '
            r'address=127\.0\.0\.1\[127\.0\.0\.1\]:\d+ tls="TLS1\.3.* code=250 '
            r'.*delay=\d')
    told = subprocess.run(
        [programs + "/postlab", "-d", place + "/campus", "trace", queue_id],
        capture_output=True, text=True).stdout
    matches("trace", told, r"zoe@far\.example was handed on to 127\.0\.0\.1"
            r".*encryption: TLS1\.3.*: 250 ")


def three_hops_by_a_smarthost_with_a_login():
    token, text = letter()
    send(["ron@deep.example"], text)
    message = arrived("far", "ron@deep.example", token)
    check("Message-Id", message["Message-Id"], f"<{token}@desk.example>")
    trace = message.get_all("Received")
    check("Received", len(trace), 3)
    matches("far", trace[0], r"from mail\.hub.*by mail\.far.*ESMTPS id")
    matches("hub", trace[1], r"from mail\.campus.*by mail\.hub.*ESMTPSA id")
    matches("campus", trace[2], r"from desk.*by mail\.campus.*ESMTPSA id")
    ids = [re.search(r"\bid ([0-9A-F]{14})", one).group(1) for one in trace]
    check("different ids", len(set(ids)), 3)


def a_wrong_password_is_nobodys_bounce():
    token, text = letter()
    queue_id = send(["a@wrong.example"], text)
    eventually("it waits", lambda: "cannot log in to" in queue("campus"))
    matches("list", queue("campus"), r"451 4\.7\.8 .*cannot log in to .*535 ")
    delete("campus", queue_id)


def mixed_recipients_each_get_one_copy():
    token, text = letter()
    queue_id = send(["bob@campus.example", "zoe@far.example", "a@good.example",
                     "b@good.example", "550.c@good.example"], text)
    arrived("campus", "bob@campus.example", token)
    arrived("far", "zoe@far.example", token)
    session = peer_gets(token)
    check("one transaction", len(session["messages"]), 1)
    named = [l for l in session["lines"] if l.startswith("RCPT")]
    check("recipients", [re.search("<(.*)>", l).group(1) for l in named],
          ["a@good.example", "b@good.example", "550.c@good.example"])
    matches("the peer's Received", session["messages"][0], r"^Received: from desk")
    is_gone("campus", queue_id)


def what_a_host_refuses_comes_back_with_its_words():
    token, text = letter()
    send(["550.nobody@good.example"], text)
    words, whole, fields, returned = report(token)
    check("Reporting-MTA", whole["Reporting-MTA"], "dns; mail.campus.example")
    check("recipients", len(fields), 1)
    check("Final-Recipient", fields[0]["Final-Recipient"],
          "rfc822;550.nobody@good.example")
    check("Action", fields[0]["Action"], "failed")
    check("Status", fields[0]["Status"], "5.1.1")
    check("Remote-MTA", fields[0]["Remote-MTA"], "dns; good.example")
    check("Diagnostic-Code", fields[0]["Diagnostic-Code"],
          "smtp; 550 5.1.1 no 550.nobody here")
    matches("words", words, r"host good\.example said: 550\s+5\.1\.1")
    matches("returned", returned.as_string(), token)


def a_domain_that_is_none_comes_back():
    token, text = letter()
    send(["a@nowhere.invalid"], text)
    fields = report(token)[2]
    check("Action", fields[0]["Action"], "failed")
    matches("Status", fields[0]["Status"], r"^5\.\d\.\d$")
    check("Remote-MTA", fields[0]["Remote-MTA"], None)
    matches("Diagnostic-Code", fields[0]["Diagnostic-Code"], "^X-Postlab; 5")


def greylisting_is_overcome():
    token, text = letter()
    queue_id = send([f"later.{token}@good.example"], text)
    peer_gets(token)
    is_gone("campus", queue_id)
    lines = log_of("campus", queue_id)
    check("deferred", sum("event=deferred" in l for l in lines), 1)
    check("relayed", sum("event=relayed" in l for l in lines), 1)


def the_next_host_is_tried():
    for domain in "first", "second":
        token, text = letter()
        queue_id = send([f"a@{domain}.example"], text)
        check("address", peer_gets(token)["address"], "127.0.1.1")
        is_gone("campus", queue_id)
        lines = log_of("campus", queue_id)
        check("next-host", sum("event=next-host" in l for l in lines), 1)
        check("deferred", sum("event=deferred" in l for l in lines), 0)


def the_dns_says_where_to():
    """The first MX takes no mail; there is no AAAA record."""
    token, text = letter()
    queue_id = send(["a@mx.example"], text)
    check("address", peer_gets(token)["address"], "127.0.1.1")
    is_gone("campus", queue_id)
    matches("log", "".join(log_of("campus", queue_id)),
            r"next-host .*host=one\.mx\.example\[127\.0\.1\.2\].*"
            r"event=relayed .*host=two\.mx\.example ")


def all_these_wait():
    """Trouble on the way is never final."""
    kinds = {"greeting": "does not take mail: 554", "busy": "421",
             "mail450": 'code=450 reply="4.3.2', "silent": "4.4.2 conversation",
             "noise": "4.4.2 conversation", "gone": "4.4.1 connect to",
             "rcpt": "4.4.2 conversation", "data451": 'code=451 reply="4.3.0 not today',
             "close": "after the message was sent",
             "mute": "after the message was sent",
             "must": "4.7.4 .*offers no TLS", "verified": "4.7.5 ",
             "auth": "4.7.4 .*offers no TLS"}
    waiting = {}
    for kind in kinds:
        waiting[kind] = send([f"a@{kind}.example"], letter()[1])
    for kind, words in kinds.items():
        line = eventually(f"{kind} is deferred", lambda: [
            l for l in log_of("campus", waiting[kind])
            if "event=deferred" in l])[0]
        matches(kind, line, words)
        bad = [l for l in log_of("campus", waiting[kind])
               if "event=bounced" in l or "event=relayed" in l]
        check(f"{kind}: nothing else", bad, [])
    for queue_id in waiting.values():
        delete("campus", queue_id)
    if any("AUTH" in line for s in sessions() for line in s["lines"]
           if s["address"] == "127.0.1.10"):
        fail("a password was shown in clear")


def success_is_told_by_the_last_who_can():
    token, text = letter()
    send(["a@old.example"], text, options=["RET=HDRS", f"ENVID={token}"],
         rcpt_options=["NOTIFY=SUCCESS", "ORCPT=rfc822;a@old.example"])
    words, whole, fields, _ = report(token)
    check("Original-Envelope-Id", whole["Original-Envelope-Id"], token)
    check("Action", fields[0]["Action"], "relayed")
    check("Remote-MTA", fields[0]["Remote-MTA"], "dns; old.example")
    # who knows DSN tells himself: far, about the mailbox
    token, text = letter()
    queue_id = send(["zoe@far.example"], text,
                    options=["RET=HDRS", f"ENVID={token}"],
                    rcpt_options=["NOTIFY=SUCCESS",
                                  "ORCPT=rfc822;zoe@far.example"])
    words, whole, fields, _ = report(token)
    check("Reporting-MTA", whole["Reporting-MTA"], "dns; mail.far.example")
    check("Action", fields[0]["Action"], "delivered")
    is_gone("campus", queue_id)
    check("our own report", [l for l in log_of("campus", queue_id)
                             if "event=report" in l], [])


def reports_find_the_sender_on_another_host():
    """A message from far's zoe to campus's nobody: hub takes it, campus not."""
    token, text = letter()
    with login(hub, "relay@hub.example") as smtp:
        smtp.mail("zoe@far.example")
        check("RCPT", smtp.rcpt("nobody@campus.example")[0], 250)
        check("DATA", smtp.data(text.encode())[0], 250)
    # hub has no route to far.example, and its hosts file no such name: what
    # nobody can be told is postmaster's, who is the first mailbox there
    told = eventually("postmaster hears of it",
                      lambda: box("hub", "relay@hub.example", token))
    matches("his report", told[0].decode(), r"there is no domain\s+far\.example")
    token, text = letter()
    with login(hub, "relay@hub.example") as smtp:
        smtp.mail(ALICE)
        smtp.rcpt("nobody@campus.example")
        check("DATA", smtp.data(text.encode())[0], 250)
    words, whole, fields, _ = report(token)
    check("Reporting-MTA", whole["Reporting-MTA"], "dns; mail.hub.example")
    matches("Diagnostic-Code", fields[0]["Diagnostic-Code"], "smtp; 550 5.1.1")


def an_alias_may_lead_abroad():
    token, text = letter()
    with smtplib.SMTP("127.0.0.1", campus + 25, timeout=30) as smtp:
        smtp.sendmail("stranger@good.example", "abroad@campus.example", text)
    message = arrived("far", "zoe@far.example", token)
    check("Return-Path", message["Return-Path"], "<stranger@good.example>")


def a_loop_ends():
    """From campus to hub to campus; 94 hosts have had it before."""
    token, text = letter()
    trail = "".join(f"Received: from h{i} by h{i + 1}; Sun, 22 Nov 2026 "
                    "07:00:00 +0000\r\n" for i in range(94))
    send(["a@looping.example"], trail + text)
    fields = report(token)[2]
    matches("Diagnostic-Code", fields[0]["Diagnostic-Code"], "hop")


def a_killed_worker_loses_nothing():
    """Killed while a peer is silent: who was served before is not again."""
    token, text = letter()
    queue_id = send(["a@good.example", "bob@campus.example", "b@mute.example"],
                    text)
    peer_gets(token)
    worker = eventually("the worker", lambda: worker_on(queue_id))
    os.kill(worker, signal.SIGKILL)
    eventually("the manager notices", lambda: [
        l for l in log_of("campus", queue_id) if "delivery-died" in l])
    eventually("a second attempt", lambda: len([
        s for s in heard(token) if s["address"] == "127.0.1.7"]) > 1)
    check("copies for a", len([s for s in heard(token)
                               if s["address"] == "127.0.1.1"]), 1)
    check("copies for bob", len(box("campus", "bob@campus.example", token)), 1)
    delete("campus", queue_id)


def worker_on(queue_id):
    for name in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(name) as file:
                words = file.read()
        except OSError:
            continue
        if queue_id in words and "smtpd" in words:
            return int(name.split("/")[2])
    return None


def every_class_of_fault_is_met():
    """far makes them on purpose (smtpd(8), faults)."""
    final = {"550.rcpt": "5.1.1", "552.afterdot": "5.2.2"}
    later = {"450.busy": "code=450", "451.data": "code=451",
             "452.full": "code=452", "421.rcpt": "421|4.4.2",
             "close.rcpt": "4.4.2 conversation",
             "close.afterdot": "after the message was sent",
             "timeout.data": "4.4.2 conversation.*timed out"}
    for fault, status in final.items():
        token, text = letter()
        send([f"{fault}@far.example"], text)
        fields = report(token)[2]
        check(fault, (fields[0]["Action"], fields[0]["Status"]),
              ("failed", status))
    waiting = {}
    for fault, words in later.items():
        waiting[fault] = send([f"{fault}@far.example"], letter()[1])
        eventually(f"{fault} is deferred", lambda: [
            l for l in log_of("campus", waiting[fault])
            if "event=deferred" in l and re.search(words, l)])
        delete("campus", waiting[fault])
    for fault, queue_id in waiting.items():
        check(fault, [l for l in log_of("campus", queue_id)
                      if "event=bounced" in l or "event=relayed" in l], [])


TESTS = [nobody_relays_without_a_login, a_login_reaches_a_mailbox_far_away,
         three_hops_by_a_smarthost_with_a_login,
         mixed_recipients_each_get_one_copy,
         what_a_host_refuses_comes_back_with_its_words,
         a_domain_that_is_none_comes_back, greylisting_is_overcome,
         the_next_host_is_tried, the_dns_says_where_to,
         what_others_lack_is_done_without,
         eight_bits_go_where_they_are_known, a_chunk_is_the_message,
         a_group_of_commands_is_one_write, letters_of_the_world,
         success_is_told_by_the_last_who_can,
         reports_find_the_sender_on_another_host, an_alias_may_lead_abroad,
         a_wrong_password_is_nobodys_bounce, all_these_wait,
         a_killed_worker_loses_nothing, a_loop_ends,
         every_class_of_fault_is_met]

for test in TESTS:
    if len(sys.argv) > 7 and test.__name__ not in sys.argv[7:]:
        continue
    began = time.monotonic()
    test()
    print(f"{test.__name__}: {time.monotonic() - began:.1f} s", flush=True)
