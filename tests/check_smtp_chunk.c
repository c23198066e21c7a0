/*
 * check_smtp_chunk.c - the text of BDAT; check_smtp_send.c has the dialogs.
 */
#include "common/smtp_client.h"
#include "tests/check_smtp_peer.h"
#include "tests/suites.h"

#define COMMANDS "MAIL FROM:<s@x.example>\r\nRCPT TO:<a@y.example>\r\n"
#define OK "250 2.1.0 Ok\r\n"

/* Its size is that of all of it: fields before it, CRLF, no dot doubled. */
START_TEST(a_chunk_says_its_size)
{
	static const struct exchange script[] = {
		{ COMMANDS, OK OK },
		{ "BDAT 18 LAST\r\nA: b\r\n\r\n.\r\n..two\r\n", OK },
		{ 0 },
	};
	struct smtp_client client = { .extensions =
					  EXT_CHUNKING | EXT_PIPELINING };
	struct smtp_transaction t = { .header = "A: b\n", .chunking = true };

	ck_assert_int_eq(smtp_peer_send(script, "\n.\n..two", &client, &t).code,
	    250);
	ck_assert(client.sent);
}
END_TEST

START_TEST(without_the_callers_wish_there_is_no_chunk)
{
	static const struct exchange script[] = {
		{ COMMANDS "DATA\r\n", OK OK "354 go\r\n" },
		{ "hi\r\n.\r\n", OK },
		{ 0 },
	};
	struct smtp_client client = { .extensions =
					  EXT_CHUNKING | EXT_PIPELINING };
	struct smtp_transaction t = { .chunking = false };

	ck_assert_int_eq(smtp_peer_send(script, "hi\n", &client, &t).code, 250);
}
END_TEST

/* What is said before the message is no answer to it. */
static const char *const early[] = {
	OK OK "354 go\r\n" OK, /* to DATA */
	OK OK OK,              /* to BDAT: one more than was asked */
};

START_TEST(a_word_before_the_message_is_not_its_last)
{
	const struct exchange script[] = {
		{ _i == 0 ? COMMANDS "DATA\r\n" : COMMANDS, early[_i] },
		{ 0 },
	};
	struct smtp_client client = { .extensions =
					  EXT_CHUNKING | EXT_PIPELINING };
	struct smtp_transaction t = { .chunking = _i == 1 };

	ck_assert_int_eq(smtp_peer_send(script, "hi\n", &client, &t).code, 421);
	ck_assert_int_eq(t.recipients[0].reply.code, 421);
	ck_assert(client.broken && !client.sent);
}
END_TEST

Suite *
smtp_chunk_suite(void)
{
	Suite *suite = suite_create("smtp_chunk");
	TCase *tc = tcase_create("chunk");

	tcase_add_test(tc, a_chunk_says_its_size);
	tcase_add_test(tc, without_the_callers_wish_there_is_no_chunk);
	tcase_add_loop_test(tc, a_word_before_the_message_is_not_its_last, 0,
	    COUNT(early));
	suite_add_tcase(suite, tc);
	return suite;
}
