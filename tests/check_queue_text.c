/*
 * check_queue_text.c - envelopes that are damaged, or were never whole.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "smtpd/queue.h"
#include "tests/check_folder.h"
#include "tests/check_queue_world.h"
#include "tests/suites.h"

static const char id[] = QUEUE_TEST_ID;

/* Envelopes that were never complete, or are none. */
static const char *const incomplete[] = {
	"",
	"postlab-queue 1",
	"postlab-queue 1\n",
	"postlab-queue 2\nid 3F2A9C01B7D4E5\nrcpt 0 a@b local\nend\n",
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nend\n",
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nrcpt 0 a@b local\n",
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nrcpt 0 a@b local\nend",
	"postlab-queue 1\nid 00000000000000\nrcpt 0 a@b local\nend\n",
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nrcpt 1 a@b local\nend\n",
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nrcpt -1 a@b local\nend\n",
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nrcpt 0 a%zz local\nend\n",
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nrcpt 0 a%00 local\nend\n",
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nrcpt 0 a%4 local\nend\n",
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nsize 9x\nrcpt 0 a@b local\nend\n",
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nsize 9999999999999999999\nrcpt 0 a@b local\nend\n",
};

START_TEST(an_incomplete_envelope_is_not_one)
{
	struct queue_entry entry;

	folder_write(QUEUE_TEST_ENV, incomplete[_i]);
	ck_assert_int_eq(queue_read(queue_world, id, true, &entry), -1);
	ck_assert_int_eq(errno, EBADMSG);
	queue_entry_clear(&entry);
	/* It is left alone. */
	ck_file(QUEUE_TEST_ENV, incomplete[_i]);
}
END_TEST

#define HEAD                                                                   \
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nsender <>\n"                      \
	"rcpt 0 bob@campus.example local\nend\n"
#define GOOD "result 0 1795313600 250 2.0.0 Ok\n"

/* What a power cut or another program may leave behind "end". */
static const struct {
	const char *tail;
	enum recipient_state state;
} tails[] = {
	/* clang-format off */
	{ "", RCPT_PENDING },
	{ GOOD, RCPT_DONE },
	{ "result 0 1795313600 250", RCPT_PENDING },
	{ GOOD "result 0 17953", RCPT_DONE },
	{ "result 0 1795313600 250 2.0.0 O", RCPT_PENDING },
	{ "result 1 1795313600 250 2.0.0 Ok\n", RCPT_PENDING },
	{ "result 0 x 250 2.0.0 Ok\n", RCPT_PENDING },
	{ "result 0 1795313600 999 2.0.0 Ok\n", RCPT_PENDING },
	{ "result\n", RCPT_PENDING },
	{ "\n", RCPT_PENDING },
	{ "later keys we do not know\n" GOOD, RCPT_DONE },
	{ "attempt 1\n" GOOD, RCPT_DONE },
	/* clang-format on */
};

START_TEST(a_damaged_outcome_costs_a_second_copy_and_no_message)
{
	char *file = xasprintf("%s%s", HEAD, tails[_i].tail);
	struct queue_entry entry;
	const struct reply done = reply(250, "2.0.0 Ok");
	int fd;

	folder_write(QUEUE_TEST_ENV, file);
	fd = queue_read(queue_world, id, true, &entry);
	ck_assert_int_ne(fd, -1);
	ck_assert_str_eq(entry.sender, "");
	ck_assert_int_eq(entry.recipients[0].state, tails[_i].state);
	queue_entry_clear(&entry);
	/* What is appended next stands on a line of its own. */
	ck_assert_int_eq(queue_result(fd, 0, &done), 0);
	close(fd);
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert_int_eq(entry.recipients[0].state, RCPT_DONE);
	queue_entry_clear(&entry);
	free(file);
}
END_TEST

Suite *
queue_text_suite(void)
{
	Suite *suite = suite_create("queue_text");
	TCase *tc = tcase_create("queue_text");

	tcase_add_checked_fixture(tc, queue_world_make, queue_world_remove);
	tcase_add_loop_test(tc, an_incomplete_envelope_is_not_one, 0,
	    COUNT(incomplete));
	tcase_add_loop_test(tc,
	    a_damaged_outcome_costs_a_second_copy_and_no_message, 0,
	    COUNT(tails));
	suite_add_tcase(suite, tc);
	return suite;
}
