/*
 * check_deliver.c - mailboxes that others touch, quotas, indexes, the command.
 *
 * The worker keeps mailboxes open between messages; here they are changed
 * behind its back.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "tests/check_mda_world.h"
#include "tests/suites.h"

#define TO_SMALL "RCPT TO:<small@campus.example>\r\n"
#define HELLO "DATA\r\nSubject: hello\r\n\r\nhi\r\n.\r\n"
#define BOB_INDEX BOB "/index.sqlite"

static void
deliver_to_bob(void)
{
	ck_assert_str_eq(codes_of(play(GREET FROM_ALICE TO_BOB HELLO)),
	    "220 250 250 250 354 250");
}

static void
run(const char *command)
{
	ck_assert_msg(system(command) == 0, "%s", command);
}

/* The first column of the first row, "" when there is none. */
static const char *
query(const char *file, const char *sql)
{
	static char text[256];
	sqlite3_stmt *statement;
	sqlite3 *db;

	text[0] = '\0';
	ck_assert_int_eq(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE,
			     NULL),
	    SQLITE_OK);
	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) ==
		SQLITE_OK,
	    "%s", sqlite3_errmsg(db));
	if (sqlite3_step(statement) == SQLITE_ROW)
		snprintf(text, sizeof(text), "%s",
		    (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return text;
}

START_TEST(a_new_mailbox_is_made_for_its_owner_alone)
{
	struct stat st;

	deliver_to_bob();
	ck_assert_int_eq(stat(BOB "/new", &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0700);
	ck_assert_int_eq(stat(BOB, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0700);
}
END_TEST

/* What others do to an open mailbox; the next message must be in new/. */
static const char *const meddling[] = {
	"rm -r " BOB,
	"mv " BOB " mail/old",
	"mv " BOB " mail/old && mkdir -p " BOB "/new " BOB "/cur " BOB "/tmp",
	"rm -r " BOB "/new",
	"mv " BOB "/new mail/new && mkdir " BOB "/new",
	"rm -r " BOB "/tmp && rm " BOB "/new/*",
	"rm -r " BOB "/cur " BOB "/new",
};

START_TEST(a_mailbox_that_was_taken_away_is_made_anew)
{
	deliver_to_bob();
	run(meddling[_i]);
	deliver_to_bob();
	ck_assert_int_eq(count_new(BOB), 1);
}
END_TEST

START_TEST(the_index_knows_message_and_envelope)
{
	char name[256];

	play(GREET
	    "XFORWARD ADDR=192.0.2.7 HELO=client+2Bexample"
	    " PROTO=ESMTPSA IDENT=3F2A9C01B7D4E5"
	    " LOGIN=alice+40campus.example"
	    " TLS=TLS1.3+20with+20cipher+20X+20(256/256+20bits)\r\n" FROM_ALICE
	    "RCPT TO:<bob@campus.example>"
	    " ORCPT=rfc822;staff@campus.example\r\n" HELLO);
	only_message(BOB, name, sizeof(name));
	ck_assert_str_eq(query(BOB_INDEX, "SELECT name || in_new FROM message"),
	    strcat(name, "1"));
	ck_assert_str_eq(
	    query(BOB_INDEX,
		"SELECT subject || '|' || envelope_sender || '|' ||"
		" envelope_recipient || '|' || peer || '|' || helo || '|' ||"
		" protocol || '|' || queue_id || '|' || login || '|' ||"
		" tls FROM message"),
	    "hello|alice@campus.example|staff@campus.example|192.0.2.7|"
	    "client+example|ESMTPSA|3F2A9C01B7D4E5|alice@campus.example|"
	    "TLS1.3 with cipher X (256/256 bits)");
}
END_TEST

START_TEST(xforward_belongs_to_one_transaction)
{
	play(GREET "XFORWARD ADDR=192.0.2.7 HELO=[UNAVAILABLE]\r\n"
		   "XFORWARD ADDR=IPV6:2001:db8::1 TLS=T\r\n" FROM_ALICE TO_BOB
		       HELLO FROM_ALICE TO_BOB HELLO);
	ck_assert_str_eq(query(BOB_INDEX,
			     "SELECT group_concat(peer || '/' || tls ||"
			     " '/' || helo, ' ')"
			     " FROM (SELECT * FROM message ORDER BY uid)"),
	    "2001:db8::1/T/ //");
}
END_TEST

/* An index in every bad state; then one message more must be in new/. */
static const char *const index_abuse[] = {
	"rm " BOB_INDEX "*",
	": > " BOB_INDEX,
	"truncate -s 5000 " BOB_INDEX,
	"printf 'no database at all, and longer than a header is: %0200d' 1 > " BOB_INDEX,
	"rm " BOB_INDEX "*; mkdir " BOB_INDEX,
	"rm " BOB_INDEX "*; ln -s /dev/full " BOB_INDEX,
	"rm " BOB_INDEX "*; ln -s index.sqlite " BOB_INDEX,
	"rm " BOB_INDEX "*; mkfifo " BOB_INDEX,
	"chmod 0 " BOB_INDEX "*",
	"mv " BOB_INDEX " " BOB "/away",
};

START_TEST(an_index_in_any_state_costs_no_mail)
{
	deliver_to_bob();
	run(index_abuse[_i]);
	deliver_to_bob();
	deliver_to_bob();
	ck_assert_int_eq(count_new(BOB), 3);
}
END_TEST

START_TEST(a_deleted_index_is_back_with_the_next_message)
{
	deliver_to_bob();
	run("rm " BOB_INDEX "*");
	deliver_to_bob();
	ck_assert_str_ne(query(BOB_INDEX, "SELECT count(*) FROM message"), "0");
}
END_TEST

START_TEST(a_locked_index_delays_one_message_and_loses_none)
{
	sqlite3 *db;

	deliver_to_bob();
	ck_assert_int_eq(sqlite3_open(BOB_INDEX, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
	    SQLITE_OK);
	for (int i = 0; i < 5; i++)
		deliver_to_bob();
	sqlite3_close(db);
	ck_assert_int_eq(count_new(BOB), 6);
}
END_TEST

START_TEST(a_message_larger_than_the_quota_is_refused_at_rcpt)
{
	ck_assert_str_eq(
	    codes_of(play(
		GREET "MAIL FROM:<alice@campus.example> SIZE=1001\r\n" TO_SMALL
		      "RCPT TO:<bob@campus.example>\r\n")),
	    "220 250 250 552 250");
}
END_TEST

START_TEST(a_full_mailbox_is_refused_at_rcpt)
{
	run("mkdir -p " SMALL "/new " SMALL "/cur " SMALL "/tmp");
	run("head -c 600 /dev/zero | tr '\\0' x > " SMALL
	    "/cur/1.M1.host,S=600:2,S");
	run("head -c 400 /dev/zero | tr '\\0' x > " SMALL "/new/foreign");
	ck_assert_str_eq(codes_of(play(GREET FROM_ALICE TO_SMALL)),
	    "220 250 250 452");
}
END_TEST

START_TEST(a_message_that_does_not_fit_is_refused_after_data)
{
	struct buf wire = BUF_INIT;
	const char *said;

	buf_addstr(&wire,
	    GREET FROM_ALICE TO_SMALL TO_BOB "DATA\r\nSubject: big\r\n\r\n");
	for (int i = 0; i < 50; i++)
		buf_addstr(&wire, "twenty-five octets a line\r\n");
	buf_addstr(&wire, ".\r\n" FROM_ALICE TO_SMALL HELLO);
	said = play_bytes(wire.data, wire.size);
	ck_assert_str_eq(codes_of(said),
	    "220 250 250 250 250 354 552 250 250 250 354 250");
	ck_assert_ptr_nonnull(
	    strstr(said, "552 5.2.2 <small@campus.example> The message"));
	ck_assert_int_eq(count_new(SMALL), 1);
	ck_assert_int_eq(count_new(BOB), 1);
	buf_clear(&wire);
}
END_TEST

START_TEST(a_mailbox_fills_up_message_by_message_and_can_be_emptied)
{
	const char *codes_now = "";
	int codes[12];

	/* Each copy takes 126 octets, seven of them 882. */
	for (int i = 0; i < 12; i++) {
		const char *said = play(GREET FROM_ALICE TO_SMALL HELLO);

		codes[i] = strstr(said,
			       "\r\n250 2.0.0 <small@campus.example>"
			       " Saved\r\n") != NULL;
	}
	for (int i = 0; i < 12; i++)
		ck_assert_int_eq(codes[i], i < 7);
	ck_assert_int_eq(count_new(SMALL), 7);

	run("rm " SMALL "/new/*");
	/* Seen with the next count, which comes later where it took longer. */
	for (int i = 0; i < 300; i++) {
		codes_now = codes_of(play(GREET FROM_ALICE TO_SMALL HELLO));
		if (strcmp(codes_now, "220 250 250 250 354 250") == 0)
			return;
		usleep(100000);
	}
	ck_abort_msg("%s", codes_now);
}
END_TEST

START_TEST(old_drafts_are_cleaned_up_and_young_ones_are_not)
{
	char name[256];

	run("mkdir -p " BOB "/new " BOB "/cur " BOB "/tmp");
	run("touch -d '37 hours ago' " BOB "/tmp/old");
	run("touch -d '35 hours ago' " BOB "/tmp/young");
	deliver_to_bob();
	ck_assert_int_eq(count_files(BOB "/tmp", name, sizeof(name)), 1);
	ck_assert_str_eq(name, "young");
}
END_TEST

START_TEST(a_mailbox_that_cannot_be_opened_is_a_temporary_failure)
{
	run("mkdir -p mail/campus.example && touch " BOB);
	ck_assert_str_eq(codes_of(play(GREET FROM_ALICE TO_BOB HELLO)),
	    "220 250 250 250 354 451");
}
END_TEST

START_TEST(a_directory_that_cannot_be_read_is_a_temporary_failure)
{
	run("mv directory.sqlite away");
	ck_assert_str_eq(codes_of(play(GREET FROM_ALICE TO_BOB)),
	    "220 250 250 451");
	run("mv away directory.sqlite");
	deliver_to_bob();
}
END_TEST

/* More mailboxes than a worker keeps open, twice around. */
START_TEST(many_mailboxes_take_turns)
{
	struct buf wire = BUF_INIT;

	for (int i = 0; i < 50; i++)
		mda_world_add(i);
	buf_addstr(&wire, GREET);
	for (int i = 0; i < 100; i++)
		buf_printf(&wire,
		    FROM_ALICE "RCPT TO:<user%d@campus.example>\r\n" HELLO,
		    i % 50);
	play_bytes(wire.data, wire.size);
	for (int i = 0; i < 50; i++) {
		char path[64];

		snprintf(path, sizeof(path), "mail/campus.example/user%d", i);
		ck_assert_int_eq(count_new(path), 2);
	}
	buf_clear(&wire);
}
END_TEST

Suite *
deliver_suite(void)
{
	Suite *suite = suite_create("deliver");
	TCase *tc = tcase_create("deliver");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, mda_world_make, mda_world_remove);
	tcase_add_test(tc, a_new_mailbox_is_made_for_its_owner_alone);
	tcase_add_loop_test(tc, a_mailbox_that_was_taken_away_is_made_anew, 0,
	    sizeof(meddling) / sizeof(meddling[0]));
	tcase_add_test(tc, the_index_knows_message_and_envelope);
	tcase_add_test(tc, xforward_belongs_to_one_transaction);
	tcase_add_loop_test(tc, an_index_in_any_state_costs_no_mail, 0,
	    sizeof(index_abuse) / sizeof(index_abuse[0]));
	tcase_add_test(tc, a_deleted_index_is_back_with_the_next_message);
	tcase_add_test(tc, a_locked_index_delays_one_message_and_loses_none);
	tcase_add_test(tc, a_message_larger_than_the_quota_is_refused_at_rcpt);
	tcase_add_test(tc, a_full_mailbox_is_refused_at_rcpt);
	tcase_add_test(tc, a_message_that_does_not_fit_is_refused_after_data);
	tcase_add_test(tc,
	    a_mailbox_fills_up_message_by_message_and_can_be_emptied);
	tcase_add_test(tc, old_drafts_are_cleaned_up_and_young_ones_are_not);
	tcase_add_test(tc,
	    a_mailbox_that_cannot_be_opened_is_a_temporary_failure);
	tcase_add_test(tc,
	    a_directory_that_cannot_be_read_is_a_temporary_failure);
	tcase_add_test(tc, many_mailboxes_take_turns);
	suite_add_tcase(suite, tc);
	return suite;
}
