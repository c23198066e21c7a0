/*
 * check_queue_text.c - envelopes that are damaged, or were never whole.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "smtpd/queue.h"
#include "smtpd/queue_text.h"
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

/* The version before had no "tls"; one after ours may have more. */
static const struct {
	const char *line;
	const char *tls;
} versions[] = {
	{ "", "" },
	{ "tls TLS1.3 with cipher X\n", "TLS1.3 with cipher X" },
	{ "tls TLS1.3\ncolour blue\n", "TLS1.3" },
};

START_TEST(an_envelope_of_another_version_is_read)
{
	char *file = xasprintf("postlab-queue 1\nid 3F2A9C01B7D4E5\n"
			       "sender a@b\nprotocol ESMTPS\n%s"
			       "rcpt 0 bob@campus.example local\nend\n",
	    versions[_i].line);
	struct queue_entry entry;

	folder_write(QUEUE_TEST_ENV, file);
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert_str_eq(entry.protocol, "ESMTPS");
	ck_assert_str_eq(entry.tls, versions[_i].tls);
	ck_assert_str_eq(entry.recipients[0].address, "bob@campus.example");
	queue_entry_clear(&entry);
	free(file);
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

#define FAILED0 "result 0 1795313600 550 5.1.1 Gone\n"
#define FAILED1 "result 1 1795313600 550 5.1.1 Gone\n"
#define DONE0 "result 0 1795313600 250 2.0.0 Ok\n"
#define TWO                                                                    \
	"postlab-queue 1\nid 3F2A9C01B7D4E5\nsender <>\n"                      \
	"rcpt 0 bob@campus.example local\n"                                    \
	"rcpt 1 eve@campus.example local\nend\n"

/* The operator's words, and what they make of two recipients. */
static const struct {
	const char *tail;
	bool held;
	enum recipient_state states[2];
	int attempts;
} orders[] = {
	/* clang-format off */
	{ "held\n", true, { RCPT_PENDING, RCPT_PENDING }, 0 },
	{ "attempt 3 next 9\nheld\nreleased\n", false, { RCPT_PENDING, RCPT_PENDING }, 0 },
	{ FAILED0 "attempt 1 next 9\nheld\n", true, { RCPT_FAILED, RCPT_PENDING }, 1 },
	{ FAILED0 "held\nreleased\n", false, { RCPT_PENDING, RCPT_PENDING }, 0 },
	{ FAILED0 "released\n" FAILED1, false, { RCPT_PENDING, RCPT_FAILED }, 0 },
	{ FAILED0 "released\n" FAILED0, false, { RCPT_FAILED, RCPT_PENDING }, 0 },
	{ DONE0 FAILED1 "held\nreleased\nheld\n", true, { RCPT_DONE, RCPT_PENDING }, 0 },
	{ FAILED0 "released\nattempt 1 next 9\n", false, { RCPT_PENDING, RCPT_PENDING }, 1 },
	/* clang-format on */
};

static void
ck_order(const struct queue_entry *entry, int i)
{
	ck_assert_int_eq(entry->held, orders[i].held);
	ck_assert_int_eq(entry->recipients[0].state, orders[i].states[0]);
	ck_assert_int_eq(entry->recipients[1].state, orders[i].states[1]);
	ck_assert_int_eq(entry->attempts, orders[i].attempts);
}

START_TEST(hold_and_release_mean_the_same_when_the_envelope_is_rewritten)
{
	char *file = xasprintf("%s%s", TWO, orders[_i].tail);
	struct queue_entry entry;
	int fd;

	folder_write(QUEUE_TEST_ENV, file);
	fd = queue_read(queue_world, id, true, &entry);
	ck_assert_int_ne(fd, -1);
	ck_order(&entry, _i);
	ck_assert_int_eq(queue_update(queue_world, &entry), 0);
	close(fd);
	queue_entry_clear(&entry);
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_order(&entry, _i);
	queue_entry_clear(&entry);
	free(file);
}
END_TEST

/* A second failure is not kept from the sender. */
START_TEST(who_is_released_has_nothing_told_about_him)
{
	struct queue_entry entry;

	folder_write(QUEUE_TEST_ENV,
	    TWO FAILED0 FAILED1 "told 0 2\ntold 1 2\nheld\nreleased\n" FAILED1
				"told 1 2\n");
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert_uint_eq(entry.recipients[0].reported, 0);
	ck_assert_uint_eq(entry.recipients[1].reported, 2);
	queue_entry_clear(&entry);
}
END_TEST

/* Held when a power cut had halved the line before. */
START_TEST(a_hold_stands_on_a_line_of_its_own)
{
	struct queue_entry entry;
	int fd;

	folder_write(QUEUE_TEST_ENV, TWO "attempt 1 ne");
	fd = queue_read(queue_world, id, true, &entry);
	ck_assert_int_ne(fd, -1);
	queue_entry_clear(&entry);
	ck_assert_int_eq(queue_hold(fd), 0);
	close(fd);
	ck_file(QUEUE_TEST_ENV, TWO "held\n");
}
END_TEST

/* docs/QUEUE.md: "host N NAME" behind the result that is NAME's. */
START_TEST(what_is_settled_is_durable_with_whose_word_it_is)
{
	const struct reply no = reply(550, "5.1.1 nobody here");
	struct queue_entry entry;
	int fd;

	folder_write(QUEUE_TEST_ENV,
	    "postlab-queue 1\nid 3F2A9C01B7D4E5\nsender a@b\n"
	    "rcpt 0 bob@campus.example local\nrcpt 1 zoe@far.example remote\n"
	    "end\n" GOOD);
	fd = queue_read(queue_world, id, true, &entry);
	ck_assert_int_ne(fd, -1);
	ck_assert(entry.recipients[0].local && !entry.recipients[1].local);
	queue_decide(&entry.recipients[1], &no);
	queue_credit(&entry.recipients[1], "mx.far.example\nheld");
	ck_assert_int_eq(queue_settle(fd, &entry), 0);
	/* Nothing is fresh any more, so nothing more is written. */
	ck_assert_int_eq(queue_settle(fd, &entry), 0);
	close(fd);
	queue_entry_clear(&entry);

	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert_int_eq(entry.appended, 3);
	ck_assert(!entry.held);
	ck_assert_int_eq(entry.recipients[0].state, RCPT_DONE);
	ck_assert_str_eq(entry.recipients[0].host, "");
	ck_assert_int_eq(entry.recipients[1].state, RCPT_FAILED);
	ck_assert_str_eq(entry.recipients[1].last.text, "5.1.1 nobody here");
	ck_assert_str_eq(entry.recipients[1].host, "mx.far.example\nheld");
	queue_entry_clear(&entry);
}
END_TEST

/* docs/QUEUE.md: "expanded" is done, whatever stands behind "end". */
START_TEST(an_alias_comes_back_as_one)
{
	struct queue_entry entry;
	struct buf text = BUF_INIT;

	folder_write(QUEUE_TEST_ENV,
	    "postlab-queue 1\nid 3F2A9C01B7D4E5\nsender a@b\n"
	    "rcpt 0 bob@campus.example local\n"
	    "rcpt 1 staff@campus.example expanded dsn=NOTIFY=SUCCESS\n"
	    "end\n");
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert(!entry.recipients[0].expanded);
	ck_assert(entry.recipients[1].expanded && !entry.recipients[1].fresh);
	ck_assert_int_eq(entry.recipients[1].state, RCPT_DONE);
	queue_text_head(&entry, &text);
	ck_assert_ptr_nonnull(strstr(text.data,
	    "\nrcpt 1 staff@campus.example expanded dsn=NOTIFY=SUCCESS\n"));
	buf_clear(&text);
	queue_entry_clear(&entry);
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
	tcase_add_loop_test(tc, an_envelope_of_another_version_is_read, 0,
	    COUNT(versions));
	tcase_add_loop_test(tc,
	    a_damaged_outcome_costs_a_second_copy_and_no_message, 0,
	    COUNT(tails));
	tcase_add_loop_test(tc,
	    hold_and_release_mean_the_same_when_the_envelope_is_rewritten, 0,
	    COUNT(orders));
	tcase_add_test(tc, who_is_released_has_nothing_told_about_him);
	tcase_add_test(tc, a_hold_stands_on_a_line_of_its_own);
	tcase_add_test(tc, what_is_settled_is_durable_with_whose_word_it_is);
	tcase_add_test(tc, an_alias_comes_back_as_one);
	suite_add_tcase(suite, tc);
	return suite;
}
