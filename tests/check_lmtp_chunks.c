/*
 * check_lmtp_chunks.c - BDAT (RFC 3030) over LMTP (RFC 2033 4.3).
 */
#include <check.h>
#include <string.h>

#include "common/buf.h"
#include "tests/check_mda_world.h"
#include "tests/suites.h"

#define TO_ALICE "RCPT TO:<alice@campus.example>\r\n"
#define BOTH GREET FROM_ALICE TO_BOB TO_ALICE
#define HEAD "Subject: hello\r\n\r\n"
#define STORED                                                                 \
	"Return-Path: <alice@campus.example>\n"                                \
	"X-Original-To: bob@campus.example\n"                                  \
	"Delivered-To: bob@campus.example\n"                                   \
	"Subject: hello\n\n"

/* One reply a chunk, and after the last one a reply for each recipient. */
static const struct {
	const char *wire;
	const char *codes;
	int copies; /* of bob's */
} dialogs[] = {
	/* clang-format off */
	{ BOTH "BDAT 22 LAST\r\n" HEAD "hi\r\n", "220 250 250 250 250 250 250", 1 },
	{ BOTH "BDAT 10\r\nSubject: hBDAT 12 last\r\nello\r\n\r\nhi\r\n",
	  "220 250 250 250 250 250 250 250", 1 },
	{ BOTH "BDAT 22\r\n" HEAD "hi\r\nBDAT 0 LAST\r\n",
	  "220 250 250 250 250 250 250 250", 1 },
	/* What stands in a chunk is no command, wanted or not. */
	{ GREET FROM_ALICE "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
	  "220 250 250 503 250", 0 },
	{ GREET "BDAT 6\r\nQUIT\r\nNOOP\r\n",           "220 250 503 250", 0 },
	{ "BDAT 6\r\nQUIT\r\nNOOP\r\n",                 "220 503 250", 0 },
	{ BOTH "BDAT 18\r\n" HEAD "RSET\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
	  "220 250 250 250 250 250 250 503 250", 0 },
	/* A fault ends the transaction at once; the rest has nowhere to go. */
	{ BOTH "BDAT 4\r\na\nb\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
	  "220 250 250 250 250 550 503 250", 0 },
	{ BOTH "BDAT 4 LAST\r\na\nb\nNOOP\r\n",
	  "220 250 250 250 250 550 550 250", 0 },
	{ BOTH "BDAT 18\r\n" HEAD "DATA\r\nMAIL FROM:<>\r\nBDAT 2 LAST\r\nx\n",
	  "220 250 250 250 250 250 503 503 550 550", 0 },
	/* Nobody knows how long the chunk is. */
	{ BOTH "BDAT\r\nNOOP\r\n",             "220 250 250 250 250 501", 0 },
	{ BOTH "BDAT x\r\nNOOP\r\n",           "220 250 250 250 250 501", 0 },
	{ BOTH "BDAT -1\r\nNOOP\r\n",          "220 250 250 250 250 501", 0 },
	{ BOTH "BDAT 5 FIRST\r\nNOOP\r\n",     "220 250 250 250 250 501", 0 },
	{ BOTH "BDAT 9999999999999999999\r\n", "220 250 250 250 250 501", 0 },
	/* It breaks off. */
	{ BOTH "BDAT 100 LAST\r\n" HEAD,       "220 250 250 250 250", 0 },
	{ BOTH "BDAT 18\r\n" HEAD,             "220 250 250 250 250 250", 0 },
	/* clang-format on */
};

START_TEST(chunks_are_answered_as_the_rfcs_say)
{
	ck_assert_str_eq(codes_of(play(dialogs[_i].wire)), dialogs[_i].codes);
	ck_assert_int_eq(count_new(BOB), dialogs[_i].copies);
}
END_TEST

static const struct {
	const char *wire;
	const char *body;
} texts[] = {
	/* clang-format off */
	{ "BDAT 25 LAST\r\n" HEAD ".\r\n..\r\n", ".\n..\n" },
	/* A line end cut in two, and a last line that has none. */
	{ "BDAT 21\r\n" HEAD "hi\rBDAT 4 LAST\r\n\nyou", "hi\nyou\n" },
	/* clang-format on */
};

START_TEST(a_message_in_chunks_is_stored_as_it_was)
{
	struct buf wire = BUF_INIT, stored = BUF_INIT;
	char name[256];

	buf_printf(&wire, GREET FROM_ALICE TO_BOB "%s", texts[_i].wire);
	buf_printf(&stored, STORED "%s", texts[_i].body);
	play(wire.data);
	ck_assert_str_eq(only_message(BOB, name, sizeof(name)), stored.data);
	buf_clear(&wire);
	buf_clear(&stored);
}
END_TEST

START_TEST(what_is_too_big_in_all_is_refused)
{
	struct buf wire = BUF_INIT;

	buf_addstr(&wire, GREET FROM_ALICE TO_BOB);
	for (int i = 0; i < 3; i++) {
		buf_addstr(&wire, "BDAT 500000\r\n");
		for (int line = 0; line < 10000; line++)
			buf_addstr(&wire,
			    "fifty octets in each line, and then a line end\r\n"
			    "\r\n");
	}
	buf_addstr(&wire, "NOOP\r\n");
	ck_assert_str_eq(codes_of(play_bytes(wire.data, wire.size)),
	    "220 250 250 250 250 250 552 250");
	ck_assert_int_eq(count_new(BOB), 0);
	buf_clear(&wire);
}
END_TEST

Suite *
lmtp_chunks_suite(void)
{
	Suite *suite = suite_create("lmtp_chunks");
	TCase *tcase = tcase_create("chunks");

	tcase_add_checked_fixture(tcase, mda_world_make, mda_world_remove);
	tcase_add_loop_test(tcase, chunks_are_answered_as_the_rfcs_say, 0,
	    (int)COUNT(dialogs));
	tcase_add_loop_test(tcase, a_message_in_chunks_is_stored_as_it_was, 0,
	    (int)COUNT(texts));
	tcase_add_test(tcase, what_is_too_big_in_all_is_refused);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
