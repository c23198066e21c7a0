/*
 * check_mda_folders.c - mail for user+detail, and mailboxes nearly full.
 */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config.h"
#include "common/mem.h"
#include "tests/check_mda_world.h"
#include "tests/suites.h"

#define MESSAGE "DATA\r\nSubject: hello\r\n\r\nhi\r\n.\r\n"
#define TO_LISTS "RCPT TO:<bob+lists.linux@campus.example>\r\n"
#define LISTS BOB "/.lists.linux"

static void
run(const char *command)
{
	ck_assert_msg(system(command) == 0, "%s", command);
}

static void
make_folder(const char *name)
{
	char command[200];

	snprintf(command, sizeof(command),
	    "mkdir -p '" BOB "/%s/new' '" BOB "/%s/cur' '" BOB "/%s/tmp'", name,
	    name, name);
	run(command);
}

static void
deliver(const char *recipient)
{
	char wire[400];

	snprintf(wire, sizeof(wire), GREET FROM_ALICE "%s" MESSAGE, recipient);
	ck_assert_str_eq(codes_of(play(wire)), "220 250 250 250 354 250");
}

/* A letter that is to be sent, or was: not one that somebody sends. */
static const char *const own_folders[] = { ".Drafts", ".Outbox", ".Sent" };

START_TEST(nobody_writes_among_the_own_letters)
{
	const char *name = own_folders[_i];
	char recipient[200];
	char path[200];

	make_folder(name);
	snprintf(path, sizeof(path), BOB "/%s", name);
	for (int i = 0; i < 2; i++) {
		snprintf(recipient, sizeof(recipient),
		    "RCPT TO:<bob+%c%s@campus.example>\r\n",
		    i == 0 ? name[1] : tolower(name[1]), name + 2);
		deliver(recipient);
	}
	ck_assert_int_eq(count_new(path), 0);
	ck_assert_int_eq(count_new(BOB), 2);
}
END_TEST

static void
make_world(void)
{
	mda_world_make();
	mda_world_config()->mda_plus_folders = true;
}

START_TEST(mail_for_a_detail_goes_to_the_folder_of_that_name)
{
	char name[256];

	make_folder(".lists.linux");
	deliver(TO_LISTS);
	ck_assert_int_eq(count_new(LISTS), 1);
	ck_assert_int_eq(count_new(BOB), 0);
	/* The mailbox is the same person's; only the place is another. */
	ck_assert_ptr_nonnull(strstr(only_message(LISTS, name, sizeof(name)),
	    "\nX-Original-To: bob+lists.linux@campus.example\n"
	    "Delivered-To: bob@campus.example\n"));
	deliver(TO_BOB);
	ck_assert_int_eq(count_new(BOB), 1);
	ck_assert_int_eq(count_new(LISTS), 1);
	ck_assert_int_eq(access(LISTS "/index.sqlite", F_OK), 0);
}
END_TEST

START_TEST(letters_of_a_folder_may_be_large)
{
	make_folder(".Lists.Linux");
	deliver(TO_LISTS);
	ck_assert_int_eq(count_new(BOB "/.Lists.Linux"), 1);
}
END_TEST

START_TEST(the_folder_as_it_is_written_comes_first)
{
	make_folder(".Lists.Linux");
	make_folder(".lists.linux");
	make_folder(".LISTS.linux");
	deliver(TO_LISTS);
	ck_assert_int_eq(count_new(LISTS), 1);
}
END_TEST

START_TEST(a_folder_may_appear_and_go)
{
	deliver(TO_LISTS);
	ck_assert_int_eq(count_new(BOB), 1);
	make_folder(".lists.linux");
	deliver(TO_LISTS);
	ck_assert_int_eq(count_new(LISTS), 1);
	run("rm -r " LISTS);
	deliver(TO_LISTS);
	ck_assert_int_eq(count_new(BOB), 2);
	ck_assert_int_eq(access(LISTS, F_OK), -1);
}
END_TEST

START_TEST(a_folder_of_somebody_else_takes_none_and_the_mailbox_does)
{
	make_folder(".lists.linux");
	run("mkdir -p " BOB "/new " BOB "/cur " BOB "/tmp");
	run("[ $(id -u) != 0 ] || chown -R nobody .");
	run("chmod 500 " LISTS "/tmp");
	ck_assert(geteuid() != 0 || seteuid(65534) == 0);
	deliver(TO_LISTS);
	ck_assert(getuid() != 0 || seteuid(0) == 0);
	ck_assert_int_eq(count_new(BOB), 1);
	ck_assert_int_eq(count_new(LISTS), 0);
}
END_TEST

/* What stands behind the +, and what must not be made of it. */
static const char *const no_folders[] = {
	"bob+lists.linux", /* none is there */
	"\"bob+..\"",
	"\"bob+.\"",
	"\"bob+.x\"",
	"\"bob+x.\"",
	"\"bob+x..y\"",
	"bob+",
	"\"bob+../alice/.x\"",
	"\"bob+a/b\"",
	"bob+new",
	"bob+tmp",
	"bob+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

START_TEST(no_other_detail_leads_anywhere_but_to_the_mailbox)
{
	char recipient[200];

	make_folder("x");
	run("mkdir -p mail/campus.example/alice/.x/cur "
	    "mail/campus.example/alice/.x/new");
	/* A link is no folder, and what holds no mail is none either. */
	run("ln -s ../alice/.x " BOB "/.linked; mkdir " BOB "/.empty");
	snprintf(recipient, sizeof(recipient),
	    "RCPT TO:<%s@campus.example>\r\n", no_folders[_i]);
	deliver(recipient);
	deliver("RCPT TO:<bob+linked@campus.example>\r\n");
	deliver("RCPT TO:<bob+empty@campus.example>\r\n");
	ck_assert_int_eq(count_new(BOB), 3);
	ck_assert_int_eq(count_files("mail/campus.example/alice/.x/new", NULL,
			     0),
	    0);
}
END_TEST

START_TEST(without_the_setting_all_of_it_goes_to_the_mailbox)
{
	mda_world_config()->mda_plus_folders = false;
	make_folder(".lists.linux");
	deliver(TO_LISTS);
	ck_assert_int_eq(count_new(BOB), 1);
	ck_assert_int_eq(count_new(LISTS), 0);
}
END_TEST

START_TEST(folders_count_for_the_quota)
{
	mda_world_limit_bob(1000);
	make_folder(".lists.linux");
	run("head -c 950 /dev/zero | tr '\\0' x > " LISTS
	    "/cur/1.M1.host,S=950:2,S");
	ck_assert_str_eq(codes_of(play(GREET FROM_ALICE TO_BOB MESSAGE)),
	    "220 250 250 250 354 452");
}
END_TEST

/* How many warnings are among his mail; each must look like one. */
static int
count_warnings(void)
{
	FILE *grep =
	    popen("grep -l '^Subject: Your mailbox is 9[0-9]% full$' " BOB
		  "/new/* 2>/dev/null | wc -l",
		"r");
	int count = -1;

	ck_assert_int_eq(fscanf(grep, "%d", &count), 1);
	pclose(grep);
	return count;
}

static void
fill_bob(void)
{
	mda_world_config()->mda_quota_warning = 90;
	mda_world_limit_bob(100000);
	make_folder("");
	run("head -c 90500 /dev/zero | tr '\\0' x > " BOB
	    "/cur/1.M1.host,S=90500:2,S");
}

START_TEST(a_person_hears_once_a_day_that_the_mailbox_is_nearly_full)
{
	fill_bob();
	deliver(TO_BOB);
	ck_assert_int_eq(count_warnings(), 1);
	deliver(TO_BOB);
	deliver(TO_BOB);
	ck_assert_int_eq(count_warnings(), 1);
	ck_assert_int_eq(count_new(BOB), 4);
	run("touch -d '25 hours ago' " BOB "/quota.warned");
	deliver(TO_BOB);
	ck_assert_int_eq(count_warnings(), 2);
}
END_TEST

START_TEST(the_warning_is_a_message_like_others)
{
	fill_bob();
	deliver(TO_BOB);
	/* A foreign parser; the name's sizes are the file's. */
	run("python3 - " BOB "/new <<'END'\n"
	    "import email, email.policy, glob, os, re, sys\n"
	    "for name in glob.glob(sys.argv[1] + '/*'):\n"
	    "    raw = open(name, 'rb').read()\n"
	    "    size, wire = map(int, re.search('S=(\\d+),W=(\\d+)', name)"
	    ".groups())\n"
	    "    assert size == len(raw)\n"
	    "    assert wire == size + raw.count(b'\\n')\n"
	    "    mail = email.message_from_bytes(raw, "
	    "policy=email.policy.default)\n"
	    "    if mail['Subject'].startswith('Your mailbox'):\n"
	    "        assert not mail.defects\n"
	    "        assert mail['To'].addresses[0].addr_spec == 'bob@campus.example'\n"
	    "        assert mail['Return-Path'] == '<>'\n"
	    "        assert mail['Auto-Submitted'] == 'auto-generated'\n"
	    "        assert mail['Date'].datetime and mail['Message-Id']\n"
	    "        assert '100000 bytes' in mail.get_content()\n"
	    "END\n");
}
END_TEST

START_TEST(below_the_mark_and_without_a_quota_nothing_is_said)
{
	fill_bob();
	mda_world_limit_bob(_i == 0 ? 110000 : 0);
	deliver(TO_BOB);
	ck_assert_int_eq(count_new(BOB), 1);
}
END_TEST

Suite *
mda_folders_suite(void)
{
	Suite *suite = suite_create("mda_folders");
	TCase *tcase = tcase_create("folders");

	tcase_add_checked_fixture(tcase, make_world, mda_world_remove);
	tcase_add_test(tcase,
	    mail_for_a_detail_goes_to_the_folder_of_that_name);
	tcase_add_test(tcase, letters_of_a_folder_may_be_large);
	tcase_add_loop_test(tcase, nobody_writes_among_the_own_letters, 0,
	    COUNT(own_folders));
	tcase_add_test(tcase, the_folder_as_it_is_written_comes_first);
	tcase_add_test(tcase, a_folder_may_appear_and_go);
	tcase_add_test(tcase,
	    a_folder_of_somebody_else_takes_none_and_the_mailbox_does);
	tcase_add_loop_test(tcase,
	    no_other_detail_leads_anywhere_but_to_the_mailbox, 0,
	    (int)(sizeof(no_folders) / sizeof(no_folders[0])));
	tcase_add_test(tcase,
	    without_the_setting_all_of_it_goes_to_the_mailbox);
	tcase_add_test(tcase, folders_count_for_the_quota);
	tcase_add_test(tcase,
	    a_person_hears_once_a_day_that_the_mailbox_is_nearly_full);
	tcase_add_test(tcase, the_warning_is_a_message_like_others);
	tcase_add_loop_test(tcase,
	    below_the_mark_and_without_a_quota_nothing_is_said, 0, 2);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
