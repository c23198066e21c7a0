/*
 * check_receipt.c - DSN over LMTP (RFC 3461): what is taken, and what then
 * waits in smtpd's queue.
 */
#include <check.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config.h"
#include "common/dsn.h"
#include "mda/receipt.h"
#include "smtpd/queue.h"
#include "smtpd/report.h"
#include "tests/check_mda_world.h"
#include "tests/suites.h"

static void
make(void)
{
	mda_world_make();
	ck_assert_int_eq(mkdir("queue", 0700), 0);
	ck_assert_int_eq(mkdir("queue/incoming", 0700), 0);
	ck_assert_int_eq(mkdir("queue/incoming/spool", 0700), 0);
	receipt_open_queue();
	ck_assert(receipt_is_possible());
}

static void
take_away(void)
{
	receipt_close_queue();
	mda_world_remove();
}

/* The values, and the form that is kept; NULL: refused. */
static const struct {
	const char *value;
	const char *kept;
} notifies[] = {
	/* clang-format off */
	{ "never",                    "NEVER" },
	{ "SUCCESS",                  "SUCCESS" },
	{ "delay,success",            "SUCCESS,DELAY" },
	{ "FAILURE,FAILURE",          "FAILURE" },
	{ "DELAY,FAILURE,SUCCESS",    "SUCCESS,FAILURE,DELAY" },
	{ "NEVER,SUCCESS",            NULL },
	{ "SUCCESS,",                 NULL },
	{ ",SUCCESS",                 NULL },
	{ "SUCCES",                   NULL },
	{ "",                         NULL },
	/* clang-format on */
};

START_TEST(notify_is_read_to_the_letter)
{
	char notify[DSN_NOTIFY_SIZE] = "";
	const char *kept = notifies[_i].kept;

	ck_assert_int_eq(dsn_take_notify(notifies[_i].value, notify),
	    kept != NULL);
	if (kept != NULL)
		ck_assert_str_eq(notify, kept);
	ck_assert_int_eq(dsn_wants_success(notify),
	    kept != NULL && strstr(kept, "SUCCESS") != NULL);
}
END_TEST

START_TEST(dsn_is_announced_where_reports_can_be_sent)
{
	ck_assert_ptr_nonnull(strstr(play(GREET), "\r\n250-DSN\r\n"));
	receipt_close_queue();
	ck_assert_ptr_null(strstr(play(GREET), "DSN"));
}
END_TEST

static const struct {
	const char *wire;
	const char *codes;
} dialogs[] = {
	/* clang-format off */
	{ GREET "MAIL FROM:<a@b.example> RET=HDRS ENVID=QQ+3D1\r\n"
	  "RCPT TO:<bob@campus.example> NOTIFY=SUCCESS,DELAY "
	  "ORCPT=rfc822;bob+2Bx@b.example\r\n",       "220 250 250 250" },
	{ GREET "MAIL FROM:<a@b.example> RET=ALL\r\n", "220 250 501" },
	{ GREET "MAIL FROM:<a@b.example> RET\r\n",     "220 250 501" },
	{ GREET "MAIL FROM:<a@b.example> RET=FULL RET=FULL\r\n",
	  "220 250 501" },
	{ GREET "MAIL FROM:<a@b.example> ENVID=a+0\r\n", "220 250 501" },
	{ GREET "MAIL FROM:<a@b.example> ENVID=a+0Db\r\n", "220 250 501" },
	{ GREET "MAIL FROM:<a@b.example> NOTIFY=NEVER\r\n", "220 250 555" },
	{ GREET "MAIL FROM:<a@b.example> RET=ALL\r\n"
	  "MAIL FROM:<a@b.example> RET=FULL\r\n",      "220 250 501 250" },
	{ GREET FROM_ALICE "RCPT TO:<bob@campus.example> "
	  "NOTIFY=NEVER,SUCCESS\r\n",                  "220 250 250 501" },
	{ GREET FROM_ALICE "RCPT TO:<bob@campus.example> "
	  "NOTIFY=NEVER NOTIFY=NEVER\r\n",             "220 250 250 501" },
	{ GREET FROM_ALICE "RCPT TO:<bob@campus.example> NOTIFY\r\n",
	  "220 250 250 501" },
	/* clang-format on */
};

START_TEST(parameters_of_dsn_are_checked)
{
	ck_assert_str_eq(codes_of(play(dialogs[_i].wire)), dialogs[_i].codes);
}
END_TEST

START_TEST(a_refusal_names_the_parameter)
{
	const char *said =
	    play(GREET FROM_ALICE "RCPT TO:<bob@campus.example> NOTIFY=x\r\n");

	ck_assert_msg(strstr(said, "501 5.5.4 Bad value of NOTIFY\r\n") != NULL,
	    "%s", said);
}
END_TEST

/* The one envelope in the queue, by the manager's eyes. */
static void
read_only_entry(struct queue_entry *entry)
{
	char id[QUEUE_ID_SIZE] = "";
	int queue = open("queue", O_RDONLY | O_DIRECTORY);
	glob_t found;
	int fd;

	queue_take_all(queue);
	ck_assert_int_eq(glob("queue/*.env", 0, NULL, &found), 0);
	ck_assert_uint_eq(found.gl_pathc, 1);
	memcpy(id, found.gl_pathv[0] + strlen("queue/"), QUEUE_ID_LENGTH);
	globfree(&found);
	fd = queue_read(queue, id, true, entry);
	ck_assert_int_ne(fd, -1);
	close(fd);
	close(queue);
}

static const char *
message_of(const struct queue_entry *entry)
{
	static char text[1024];
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "queue/%s.msg", entry->id);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

START_TEST(a_report_of_success_is_owed_for_those_who_asked_and_have_it)
{
	struct queue_entry entry;

	ck_assert_str_eq(
	    codes_of(play(GREET
		"XFORWARD ADDR=192.0.2.7 HELO=mx.b.example TLS=TLS1.3\r\n"
		"MAIL FROM:<a@b.example> RET=HDRS ENVID=QQ+3D1\r\n"
		"RCPT TO:<Bob@campus.example> NOTIFY=SUCCESS "
		"ORCPT=rfc822;bobby@b.example\r\n"
		"RCPT TO:<alice@campus.example> NOTIFY=FAILURE\r\n"
		"RCPT TO:<small@campus.example> NOTIFY=SUCCESS,FAILURE\r\n"
		"DATA\r\nMessage-Id: <1@b.example>\r\nSubject: \xc3\xa4\r\n\r\n"
		"a body, which is nobody's business\r\n.\r\nQUIT\r\n")),
	    "220 250 250 250 250 250 250 354 250 250 250 221");
	read_only_entry(&entry);
	ck_assert_str_eq(entry.sender, "a@b.example");
	ck_assert_str_eq(entry.parameters,
	    "RET=HDRS ENVID=QQ+3D1 BODY=8BITMIME");
	ck_assert_str_eq(entry.peer, "192.0.2.7");
	ck_assert_str_eq(entry.tls, "TLS1.3");
	ck_assert_str_eq(entry.message_id, "1@b.example");
	ck_assert_uint_eq(entry.recipient_count, 2);
	ck_assert_str_eq(entry.recipients[0].address, "bob@campus.example");
	ck_assert_str_eq(entry.recipients[0].original, "Bob@campus.example");
	ck_assert_str_eq(entry.recipients[0].parameters,
	    "NOTIFY=SUCCESS ORCPT=rfc822;bobby@b.example");
	ck_assert_str_eq(entry.recipients[1].address, "small@campus.example");
	ck_assert_str_eq(entry.recipients[1].original, "");
	ck_assert_str_eq(entry.recipients[1].parameters,
	    "NOTIFY=SUCCESS,FAILURE");
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(entry.recipients[i].state, RCPT_DONE);
		ck_assert_int_eq(report_owed(&entry, i, false),
		    REPORT_DELIVERED);
	}
	ck_assert_str_eq(message_of(&entry),
	    "Message-Id: <1@b.example>\nSubject: \xc3\xa4\n");
	queue_entry_clear(&entry);
}
END_TEST

/* Those for whom there is no word of success. */
static const struct {
	const char *sender;
	const char *notify;
} silent[] = {
	{ "a@b.example", "" },
	{ "a@b.example", " NOTIFY=NEVER" },
	{ "a@b.example", " NOTIFY=FAILURE,DELAY" },
	{ "", " NOTIFY=SUCCESS" },
};

START_TEST(nothing_is_owed_to_those_who_did_not_ask)
{
	char wire[512], name[64];

	snprintf(wire, sizeof(wire),
	    GREET "MAIL FROM:<%s>\r\nRCPT TO:<bob@campus.example>%s\r\n"
		  "DATA\r\nSubject: x\r\n\r\n.\r\n",
	    silent[_i].sender, silent[_i].notify);
	ck_assert_str_eq(codes_of(play(wire)), "220 250 250 250 354 250");
	ck_assert_int_eq(count_new(BOB), 1);
	ck_assert_int_eq(count_files("queue/incoming", name, sizeof(name)), 1);
}
END_TEST

#define LONG_LINE "a line of some sixty octets, so that twenty are too many\r\n"
#define FIVE LONG_LINE LONG_LINE LONG_LINE LONG_LINE LONG_LINE

START_TEST(who_was_refused_after_the_dot_has_no_report)
{
	char name[64];

	ck_assert_str_eq(codes_of(play(GREET FROM_ALICE
			     "RCPT TO:<small@campus.example> NOTIFY=SUCCESS\r\n"
			     "DATA\r\nSubject: x\r\n\r\n" FIVE FIVE FIVE FIVE
			     ".\r\n")),
	    "220 250 250 250 354 552");
	ck_assert_int_eq(count_files("queue/incoming", name, sizeof(name)), 1);
}
END_TEST

START_TEST(without_room_for_the_report_nobody_gets_a_copy)
{
	ck_assert_int_eq(rmdir("queue/incoming/spool"), 0);
	ck_assert_str_eq(
	    codes_of(play(GREET FROM_ALICE
		"RCPT TO:<bob@campus.example> NOTIFY=SUCCESS\r\n" TO_BOB
		"RCPT TO:<alice@campus.example>\r\n"
		"DATA\r\nSubject: x\r\n\r\n.\r\n")),
	    "220 250 250 250 250 250 354 451 451 451");
	ck_assert_int_eq(count_new(BOB) + count_new(ALICE), 0);
}
END_TEST

START_TEST(one_who_is_named_twice_has_one_copy_and_two_answers)
{
	struct queue_entry entry;

	ck_assert_str_eq(codes_of(play(GREET FROM_ALICE TO_BOB
			     "RCPT TO:<bob@campus.example> NOTIFY=SUCCESS\r\n"
			     "DATA\r\nSubject: x\r\n\r\n.\r\n")),
	    "220 250 250 250 250 354 250 250");
	ck_assert_int_eq(count_new(BOB), 1);
	read_only_entry(&entry);
	ck_assert_uint_eq(entry.recipient_count, 1);
	queue_entry_clear(&entry);
}
END_TEST

START_TEST(dsn_is_for_a_host_with_smtpd)
{
	struct listener listeners[2] = { { .protocol = PROTO_LMTP },
		{ .protocol = PROTO_MSA } };
	struct config config = { .listeners = listeners,
		.listener_count = 1,
		.mda_dsn = true };

	ck_assert(!receipt_is_wanted(&config));
	config.listener_count = 2;
	ck_assert(receipt_is_wanted(&config));
	config.mda_dsn = false;
	ck_assert(!receipt_is_wanted(&config));
}
END_TEST

Suite *
receipt_suite(void)
{
	Suite *suite = suite_create("receipt");
	TCase *values = tcase_create("values");
	TCase *world = tcase_create("world");

	tcase_add_loop_test(values, notify_is_read_to_the_letter, 0,
	    (int)(sizeof(notifies) / sizeof(notifies[0])));
	tcase_add_test(values, dsn_is_for_a_host_with_smtpd);
	suite_add_tcase(suite, values);
	tcase_add_checked_fixture(world, make, take_away);
	tcase_add_test(world, dsn_is_announced_where_reports_can_be_sent);
	tcase_add_test(world, a_refusal_names_the_parameter);
	tcase_add_loop_test(world, parameters_of_dsn_are_checked, 0,
	    (int)(sizeof(dialogs) / sizeof(dialogs[0])));
	tcase_add_test(world,
	    a_report_of_success_is_owed_for_those_who_asked_and_have_it);
	tcase_add_loop_test(world, nothing_is_owed_to_those_who_did_not_ask, 0,
	    (int)(sizeof(silent) / sizeof(silent[0])));
	tcase_add_test(world, who_was_refused_after_the_dot_has_no_report);
	tcase_add_test(world, without_room_for_the_report_nobody_gets_a_copy);
	tcase_add_test(world,
	    one_who_is_named_twice_has_one_copy_and_two_answers);
	suite_add_tcase(suite, world);
	return suite;
}
