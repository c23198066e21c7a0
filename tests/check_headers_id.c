/*
 * check_headers_id.c - the message id that a message brings or is given.
 */
#include <string.h>

#include "common/buf.h"
#include "smtpd/headers.h"
#include "tests/check_headers_world.h"
#include "tests/suites.h"

/* RFC 5322 3.6.4, and what is really sent. */
static const struct {
	const char *in;
	unsigned care;
	const char *id;
} ids[] = {
	/* clang-format off */
	{ "Message-ID: <5678.21-Nov-1997@example.com>\n\n", FOREIGN,
	  "5678.21-Nov-1997@example.com" },
	{ "Subject: a\nMESSAGE-ID:\n\t<1@x.example>\n\n", FOREIGN,
	  "1@x.example" },
	{ "Message-Id: <1234567890\n @x.example>\n\n", FOREIGN,
	  "1234567890@x.example" },
	{ "Message-Id: (of ours) <1@x> (sic)\n\n", FOREIGN, "1@x" },
	{ "Message-Id:1@x and more\n\n", FOREIGN, "1@x" },
	{ "Message-Id: <1@x>\nMessage-Id: <2@x>\n\n", FOREIGN, "1@x" },
	{ "Message-Id: <1@x\n\n", FOREIGN, "1@x" },
	{ "Message-Id: <1@x>", FOREIGN, "1@x" },
	{ "Message-Id:\n\n", FOREIGN, "" },
	{ "Message-Id: <>\n\n", FOREIGN, "" },
	{ "Subject: a\n\nMessage-Id: <1@x>\n", FOREIGN, "" },
	{ "X-Message-Id: <1@x>\n\n", FOREIGN, "" },
	{ "Resent-Message-Id: <1@x>\n\n", FOREIGN, "" },
	/* hostile: whoever shows it has to make it safe, whole it stays */
	{ "Message-Id: <a\" id=F\x1B[2J\xE9=@x>\n\n", FOREIGN,
	  "a\"id=F\x1B[2J\xE9=@x" },
	/* what we add is known as well */
	{ "Subject: a\n\n", CLASS,
	  "20261122004832.3A3C1A823B6A00@it014.lab.example" },
	{ "Message-Id:\n\n", SUBMIT,
	  "20261122004832.3A3C1A823B6A00@it014.lab.example" },
	{ "Resent-To: a@x\n\n", SUBMIT, "" },
	/* clang-format on */
};

START_TEST(the_message_id_is_remembered)
{
	for (size_t split = 0; split <= strlen(ids[_i].in); split++) {
		struct headers headers;
		struct buf out = BUF_INIT;

		ck_assert_int_eq(headers_begin(&headers, &headers_stamp,
				     ids[_i].care, headers_collect, &out),
		    0);
		ck_assert_int_eq(headers_add(&headers, ids[_i].in, split), 0);
		ck_assert_int_eq(headers_add(&headers, ids[_i].in + split,
				     strlen(ids[_i].in) - split),
		    0);
		ck_assert_int_eq(headers_end(&headers), 0);
		ck_assert_str_eq(headers.message_id, ids[_i].id);
		buf_clear(&out);
	}
}
END_TEST

START_TEST(a_message_id_has_at_most_200_octets)
{
	struct buf value = BUF_INIT;
	char id[MESSAGE_ID_SIZE];

	for (int i = 0; i < 1000; i++)
		buf_addchar(&value, '<');
	message_id_read(value.data, value.size, id);
	ck_assert_uint_eq(strlen(id), 200);
	buf_reset(&value);
	for (int i = 0; i < 200; i++)
		buf_addchar(&value, 'x');
	message_id_read(value.data, value.size, id);
	ck_assert_str_eq(id, value.data);
	buf_clear(&value);
}
END_TEST

Suite *
headers_id_suite(void)
{
	Suite *suite = suite_create("headers_id");
	TCase *tc = tcase_create("headers_id");

	tcase_add_loop_test(tc, the_message_id_is_remembered, 0, COUNT(ids));
	tcase_add_test(tc, a_message_id_has_at_most_200_octets);
	suite_add_tcase(suite, tc);
	return suite;
}
