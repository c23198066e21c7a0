/* check_auth_parts.c - base64, the policy of mechanisms, the limit. */
#include <stdio.h>
#include <string.h>

#include "common/auth.h"
#include "common/auth_policy.h"
#include "common/mem.h"
#include "tests/suites.h"

/* RFC 4648 10, and the words of the labs. */
static const struct {
	const char *data;
	const char *text;
} vectors[] = {
	/* clang-format off */
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "Username:", "VXNlcm5hbWU6" },
	{ "Password:", "UGFzc3dvcmQ6" },
	{ " student", "IHN0dWRlbnQ=" },
	/* clang-format on */
};

START_TEST(base64_is_that_of_rfc_4648)
{
	struct buf text = BUF_INIT;
	struct buf data = BUF_INIT;

	auth_base64_encode(vectors[_i].data, strlen(vectors[_i].data), &text);
	ck_assert_str_eq(text.data, vectors[_i].text);
	ck_assert(auth_base64_decode(vectors[_i].text, &data));
	ck_assert_str_eq(data.data, vectors[_i].data);
	ck_assert_uint_eq(data.size, strlen(vectors[_i].data));
	buf_clear(&text);
	buf_clear(&data);
}
END_TEST

START_TEST(base64_keeps_every_byte)
{
	unsigned char bytes[256];
	struct buf text = BUF_INIT;
	struct buf data = BUF_INIT;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(255 - i);
	auth_base64_encode(bytes, sizeof(bytes), &text);
	ck_assert(auth_base64_decode(text.data, &data));
	ck_assert_uint_eq(data.size, sizeof(bytes));
	ck_assert_mem_eq(data.data, bytes, sizeof(bytes));
	buf_clear(&text);
	buf_clear(&data);
}
END_TEST

static const char *const not_base64[] = {
	/* clang-format off */
	"Zg", "Zg=", "Z", "=", "====", "Zg===", "Zm9v=", "Zm9vY===",
	"Zm 9", "Zm9v\r", "Zm9vYg==\n", "Zm9vYg== ", " Zm9v", "Zm9_", "Zm9-",
	"Zg==Zg==", "Zh==", "Zm9=", "*", "Z\xc3\xa9=",
	/* clang-format on */
};

START_TEST(what_is_not_base64_is_refused)
{
	struct buf data = BUF_INIT;

	ck_assert(!auth_base64_decode(not_base64[_i], &data));
	ck_assert_uint_eq(data.size, 0);
	buf_clear(&data);
}
END_TEST

static const struct {
	const char *mechanisms;
	bool teaching;
	bool tls;
	bool cleartext;
	const char *offered;
} offers[] = {
	/* clang-format off */
	{ "SCRAM-SHA-256 PLAIN LOGIN CRAM-MD5", true, false, false,
	    "SCRAM-SHA-256 CRAM-MD5" },
	{ "SCRAM-SHA-256 PLAIN LOGIN CRAM-MD5", true, true, false,
	    "SCRAM-SHA-256 PLAIN LOGIN CRAM-MD5" },
	{ "PLAIN LOGIN SCRAM-SHA-256", false, false, true,
	    "PLAIN LOGIN SCRAM-SHA-256" },
	{ "SCRAM-SHA-256 PLAIN CRAM-MD5", false, true, false,
	    "SCRAM-SHA-256 PLAIN" },
	{ "PLAIN LOGIN", false, false, false, "" },
	{ "scram-sha-256  plain ", false, true, false, "SCRAM-SHA-256 PLAIN" },
	{ "GSSAPI EXTERNAL ANONYMOUS PLAIN", true, true, true, "PLAIN" },
	{ "DIGEST-MD5 PLAIN", true, false, false, "DIGEST-MD5" },
	{ "DIGEST-MD5 PLAIN", false, true, false, "PLAIN" },
	{ "", true, true, true, "" },
	/* clang-format on */
};

START_TEST(mechanisms_are_offered_in_the_order_of_the_configuration)
{
	char mechanisms[100];
	struct config config = { .mechanisms = mechanisms,
		.teaching = offers[_i].teaching };
	struct buf text = BUF_INIT;

	ck_assert(
	    copy_string(mechanisms, sizeof(mechanisms), offers[_i].mechanisms));
	buf_addstr(&text, "AUTH:");
	auth_mechanisms(&config, offers[_i].tls, offers[_i].cleartext, &text);
	ck_assert_str_eq(text.data + 5, offers[_i].offered);
	buf_clear(&text);
}
END_TEST

Suite *
auth_parts_suite(void)
{
	Suite *suite = suite_create("auth_parts");
	TCase *tc = tcase_create("auth_parts");

	tcase_add_loop_test(tc, base64_is_that_of_rfc_4648, 0, COUNT(vectors));
	tcase_add_test(tc, base64_keeps_every_byte);
	tcase_add_loop_test(tc, what_is_not_base64_is_refused, 0,
	    COUNT(not_base64));
	tcase_add_loop_test(tc,
	    mechanisms_are_offered_in_the_order_of_the_configuration, 0,
	    COUNT(offers));
	suite_add_tcase(suite, tc);
	return suite;
}
