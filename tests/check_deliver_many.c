/*
 * check_deliver_many.c - one message for so many mailboxes that their copies
 * are flushed together.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/config.h"
#include "tests/check_mda_world.h"
#include "tests/suites.h"

enum { PEOPLE = 40 };

#define MESSAGE "DATA\r\nSubject: to all\r\n\r\nhello\r\n.\r\n"

static struct buf wire;

static void
make_world(void)
{
	mda_world_make();
	for (int i = 0; i < PEOPLE; i++)
		mda_world_add(i);
	buf_reset(&wire);
	buf_addstr(&wire, GREET FROM_ALICE);
}

static void
name(const char *local)
{
	buf_printf(&wire, "RCPT TO:<%s@campus.example>\r\n", local);
}

static void
name_people(int count)
{
	char local[32];

	for (int i = 0; i < count; i++) {
		snprintf(local, sizeof(local), "user%d", i);
		name(local);
	}
}

static const char *
mailbox_of(int i)
{
	static char path[64];

	snprintf(path, sizeof(path), "mail/campus.example/user%d", i);
	return path;
}

/* What was said behind the 354. */
static const char *
answers(void)
{
	const char *said, *after;

	buf_addstr(&wire, MESSAGE);
	said = play(wire.data);
	after = strstr(said, "354 ");
	ck_assert_ptr_nonnull(after);
	after = strchr(after, '\n');
	return after + 1;
}

START_TEST(everybody_has_one_copy_of_his_own_and_an_answer_in_order)
{
	struct buf expected = BUF_INIT, text = BUF_INIT;
	char file[256];

	name_people(PEOPLE);
	for (int i = 0; i < PEOPLE; i++)
		buf_printf(&expected,
		    "250 2.0.0 <user%d@campus.example> Saved\r\n", i);
	ck_assert_str_eq(answers(), expected.data);
	for (int i = 0; i < PEOPLE; i++) {
		buf_reset(&text);
		buf_printf(&text,
		    "Return-Path: <alice@campus.example>\n"
		    "X-Original-To: user%d@campus.example\n"
		    "Delivered-To: user%d@campus.example\n"
		    "Subject: to all\n\nhello\n",
		    i, i);
		ck_assert_str_eq(only_message(mailbox_of(i), file,
				     sizeof(file)),
		    text.data);
		ck_assert_ptr_nonnull(strstr(file, ",S="));
	}
	buf_clear(&expected);
	buf_clear(&text);
}
END_TEST

START_TEST(nothing_is_left_in_tmp_and_the_indexes_know)
{
	char path[128];

	name_people(PEOPLE);
	(void)answers();
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(path, sizeof(path), "%s/tmp", mailbox_of(i));
		ck_assert_int_eq(count_files(path, NULL, 0), 0);
		snprintf(path, sizeof(path), "%s/index.sqlite", mailbox_of(i));
		ck_assert_int_eq(access(path, F_OK), 0);
	}
}
END_TEST

/* The trouble of one is his alone, wherever he stands. */
START_TEST(who_cannot_be_served_is_told_so_and_the_others_are_served)
{
	struct buf expected = BUF_INIT;
	char file[256];

	/* The third is full, the sixth's folder is a file. */
	ck_assert_int_eq(system("mkdir -p " SMALL "/new " SMALL "/cur " SMALL
				"/tmp; head -c 990 /dev/zero > " SMALL
				"/cur/1.M1.h,S=990:2,; "
				"echo x > mail/campus.example/user39"),
	    0);
	name_people(2);
	name("small");
	name("bob");
	name("user0"); /* again */
	name("user39");
	for (int i = 20; i < 30; i++) {
		snprintf(file, sizeof(file), "user%d", i);
		name(file);
	}
	name("bob"); /* again */
	buf_addstr(&expected,
	    "250 2.0.0 <user0@campus.example> Saved\r\n"
	    "250 2.0.0 <user1@campus.example> Saved\r\n"
	    "452 4.2.2 <small@campus.example> Mailbox full\r\n"
	    "250 2.0.0 <bob@campus.example> Saved\r\n"
	    "250 2.0.0 <user0@campus.example> Saved\r\n"
	    "451 4.2.0 <user39@campus.example> Cannot open the mailbox now"
	    "\r\n");
	for (int i = 20; i < 30; i++)
		buf_printf(&expected,
		    "250 2.0.0 <user%d@campus.example> Saved\r\n", i);
	buf_addstr(&expected, "250 2.0.0 <bob@campus.example> Saved\r\n");
	ck_assert_str_eq(answers(), expected.data);
	ck_assert_int_eq(count_new(BOB), 1);
	ck_assert_int_eq(count_new(mailbox_of(0)), 1);
	ck_assert_int_eq(count_new(mailbox_of(29)), 1);
	buf_clear(&expected);
}
END_TEST

START_TEST(a_loop_stops_for_the_one_it_is_about)
{
	const char *said, *after;

	name_people(10);
	buf_addstr(&wire,
	    "DATA\r\nDelivered-To: user4@campus.example\r\n"
	    "Subject: x\r\n\r\n.\r\n");
	said = play(wire.data);
	after = strstr(said, "554 5.4.6 <user4@campus.example> Mail loop");
	ck_assert_ptr_nonnull(after);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(count_new(mailbox_of(i)), i != 4);
}
END_TEST

/* All folders of a round are open at once, with their indexes. */
START_TEST(a_folder_of_each_has_its_copy)
{
	char path[128], local[32];

	mda_world_config()->mda_plus_folders = true;
	ck_assert_int_eq(system("cd mail && for i in $(seq 0 39); do"
				" f=campus.example/user$i/.lists;"
				" mkdir -p $f/new $f/cur $f/tmp; done"),
	    0);
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(local, sizeof(local), "user%d+lists", i);
		name(local);
	}
	(void)answers();
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(path, sizeof(path), "%s/.lists", mailbox_of(i));
		ck_assert_int_eq(count_new(path), 1);
		ck_assert_int_eq(count_new(mailbox_of(i)), 0);
		snprintf(path, sizeof(path), "%s/.lists/index.sqlite",
		    mailbox_of(i));
		ck_assert_int_eq(access(path, F_OK), 0);
	}
}
END_TEST

/* Drafts can be written, and not linked: that shows when all are flushed. */
START_TEST(a_mailbox_that_takes_nothing_stops_no_other)
{
	const char *said;

	name_people(20);
	ck_assert_int_eq(system("cd mail && for i in $(seq 0 19); do"
				" u=campus.example/user$i;"
				" mkdir -p $u/new $u/cur $u/tmp; done;"
				" chmod 500 campus.example/user7/new;"
				" [ $(id -u) != 0 ] || chown -R nobody .."),
	    0);
	ck_assert(geteuid() != 0 || seteuid(65534) == 0);
	said = answers();
	ck_assert(getuid() != 0 || seteuid(0) == 0);
	for (int i = 0; i < 20; i++) {
		char expected[64];

		snprintf(expected, sizeof(expected), "%s <user%d@campus",
		    i == 7 ? "451 4.3.0" : "250 2.0.0", i);
		ck_assert_msg(strncmp(said, expected, strlen(expected)) == 0,
		    "%s", said);
		said = strchr(said, '\n') + 1;
		ck_assert_int_eq(count_new(mailbox_of(i)), i != 7);
	}
}
END_TEST

Suite *
deliver_many_suite(void)
{
	Suite *suite = suite_create("deliver_many");
	TCase *tcase = tcase_create("many");

	tcase_add_checked_fixture(tcase, make_world, mda_world_remove);
	tcase_add_test(tcase,
	    everybody_has_one_copy_of_his_own_and_an_answer_in_order);
	tcase_add_test(tcase, nothing_is_left_in_tmp_and_the_indexes_know);
	tcase_add_test(tcase,
	    who_cannot_be_served_is_told_so_and_the_others_are_served);
	tcase_add_test(tcase, a_folder_of_each_has_its_copy);
	tcase_add_test(tcase, a_mailbox_that_takes_nothing_stops_no_other);
	tcase_add_test(tcase, a_loop_stops_for_the_one_it_is_about);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return suite;
}
