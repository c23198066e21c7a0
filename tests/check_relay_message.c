/*
 * check_relay_message.c - what a message asks of the next host.
 */
#include <unistd.h>

#include "common/mem.h"
#include "smtpd/relay_message.h"
#include "tests/check_smtp_peer.h"
#include "tests/suites.h"

#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *text;
	size_t size;
	int64_t wire_size; /* RFC 1870 5: CRLF are two octets */
	bool eight_bit;
	bool utf8_header;
} messages[] = {
	/* clang-format off */
	{ BYTES(""), 0, false, false },
	{ BYTES("A: b\n\nc\n"), 11, false, false },
	{ BYTES("A: b\n\n.\n"), 11, false, false },
	{ BYTES("A: b\n\nno end"), 14, false, false },
	{ BYTES("A: b\n\nGr\xc3\xbc\xc3\x9f""e\n"), 17, true, false },
	{ BYTES("A: \xc3\xbc\n\nc\n"), 12, true, true },
	{ BYTES("A: b\n \xfc\n\nc\n"), 15, true, true },
	/* all header, and none */
	{ BYTES("A: \xfc\n"), 6, true, true },
	{ BYTES("\n\xfc\n"), 5, true, false },
	/* above 127 means from 128 on; a NUL is no end */
	{ BYTES("A: b\n\n\x7f\n"), 11, false, false },
	{ BYTES("A: b\n\n\0\x80\n"), 12, true, false },
	/* clang-format on */
};

START_TEST(a_message_is_described_by_what_is_in_it)
{
	struct relay_message message;
	int fd = smtp_peer_message(messages[_i].text, messages[_i].size);

	ck_assert_int_eq(relay_message_look(fd, &message), 0);
	ck_assert_int_eq(message.fd, fd);
	ck_assert_int_eq(message.wire_size, messages[_i].wire_size);
	ck_assert_int_eq(message.eight_bit, messages[_i].eight_bit);
	ck_assert_int_eq(message.utf8_header, messages[_i].utf8_header);
	close(fd);
}
END_TEST

/* The empty line is where one block that is read ends and the next begins. */
START_TEST(a_header_may_end_between_two_reads)
{
	static char text[16384 * 2];
	struct relay_message message;
	int fd;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 64 == 63 ? '\n' : 'x';
	text[16383 + _i] = '\n';
	text[16384 + _i] = '\n';
	text[sizeof(text) - 2] = '\xe9';
	fd = smtp_peer_message(text, sizeof(text));
	ck_assert_int_eq(relay_message_look(fd, &message), 0);
	ck_assert(message.eight_bit);
	ck_assert(!message.utf8_header);
	close(fd);
}
END_TEST

START_TEST(what_cannot_be_read_is_said)
{
	struct relay_message message;

	ck_assert_int_eq(relay_message_look(-1, &message), -1);
}
END_TEST

Suite *
relay_message_suite(void)
{
	Suite *suite = suite_create("relay_message");
	TCase *tc = tcase_create("look");

	tcase_add_loop_test(tc, a_message_is_described_by_what_is_in_it, 0,
	    (int)COUNT(messages));
	tcase_add_loop_test(tc, a_header_may_end_between_two_reads, -2, 3);
	tcase_add_test(tc, what_cannot_be_read_is_said);
	suite_add_tcase(suite, tc);
	return suite;
}
