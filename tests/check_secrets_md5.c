/*
 * check_secrets_md5.c - what passwords become for CRAM-MD5 and DIGEST-MD5.
 *
 * The expected values are of the RFCs and of Cyrus SASL, which will read what
 * we store: its own hmac_md5_precalc() is asked.
 */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdio.h>
#include <string.h>

#include "common/mem.h"
#include "common/secrets.h"
#include "tests/suites.h"

/* Passwords people may have. */
static const char *const passwords[] = {
	"12345pass",
	"a",
	"with a blank ",
	"\xc3\xbc\xe2\x82\xac",
	"\xfc latin-1",
	"tab\there",
	("0123456789012345678901234567890123456789012345678901234567890123456789"
	 "0123456789012345678901234567890123456789012345678901234567890123456789"),
};

/* Cyrus SASL's own functions, as a plugin is given them. */
static const sasl_utils_t *cyrus;

static int
take_utils(const sasl_utils_t *utils, int max_version, int *version,
    sasl_auxprop_plug_t **plugin, const char *name)
{
	(void)max_version;
	(void)version;
	(void)plugin;
	(void)name;
	cyrus = utils;
	return SASL_NOMECH;
}

START_TEST(the_cram_md5_state_is_what_cyrus_sasl_would_make)
{
	const char *password = passwords[_i];
	struct secret secret;
	HMAC_MD5_STATE state;

	sasl_set_path(SASL_PATH_TYPE_PLUGIN, (char[]){ "." });
	ck_assert_int_eq(sasl_server_init(NULL, "check"), SASL_OK);
	sasl_auxprop_add_plugin("take_utils", take_utils);
	ck_assert_ptr_nonnull(cyrus);
	cyrus->hmac_md5_precalc(&state, (const unsigned char *)password,
	    (int)strlen(password));

	ck_assert_int_eq(secret_derive("alice@x", password, "x", &secret), 0);
	ck_assert(secret.has_cram_md5);
	ck_assert_uint_eq(sizeof(state), CRAM_STATE_SIZE);
	ck_assert_mem_eq(secret.cram_md5, &state, CRAM_STATE_SIZE);
	sasl_server_done();
}
END_TEST

START_TEST(cyrus_answers_the_challenge_of_rfc_2195_with_our_state)
{
	static const char challenge[] =
	    "<1896.697170952@postoffice.reston.mci.net>";
	static const unsigned char expected[16] = { 0xb9, 0x13, 0xa6, 0x02,
		0xc7, 0xed, 0xa7, 0xa4, 0x95, 0xb4, 0xe6, 0xe7, 0x33, 0x4d,
		0x38, 0x90 };
	struct secret secret;
	unsigned char digest[16];
	HMAC_MD5_STATE state;
	HMAC_MD5_CTX hmac;

	sasl_set_path(SASL_PATH_TYPE_PLUGIN, (char[]){ "." });
	ck_assert_int_eq(sasl_server_init(NULL, "check"), SASL_OK);
	sasl_auxprop_add_plugin("take_utils", take_utils);
	ck_assert_int_eq(secret_derive("tim@x", "tanstaaftanstaaf", "x",
			     &secret),
	    0);
	memcpy(&state, secret.cram_md5, sizeof(state));
	cyrus->hmac_md5_import(&hmac, &state);
	cyrus->MD5Update(&hmac.ictx, (const unsigned char *)challenge,
	    (unsigned)strlen(challenge));
	cyrus->hmac_md5_final(digest, &hmac);
	ck_assert_mem_eq(digest, expected, sizeof(expected));
	sasl_server_done();
}
END_TEST

/* MD5 of TEXT in hexadecimal. */
static void
md5_hex(const void *text, size_t size, char hex[33])
{
	unsigned char digest[16];

	ck_assert_int_eq(gnutls_hash_fast(GNUTLS_DIG_MD5, text, size, digest),
	    0);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

START_TEST(the_response_of_rfc_2831_follows_from_our_digest_md5_secret)
{
	static const char rest[] = ":OA6MG9tEQGm2hh:OA6MHXh6VqTrRk";
	static const char a2[] = "AUTHENTICATE:imap/elwood.innosoft.com";
	struct secret secret;
	char a1[16 + sizeof(rest)];
	char ha1[33];
	char ha2[33];
	char text[200];
	char response[33];
	int size;

	ck_assert_int_eq(secret_derive("chris@innosoft.com", "secret",
			     "elwood.innosoft.com", &secret),
	    0);
	ck_assert(secret.has_digest_md5);
	memcpy(a1, secret.digest_md5[0], 16);
	memcpy(a1 + 16, rest, sizeof(rest));
	md5_hex(a1, sizeof(a1) - 1, ha1);
	md5_hex(a2, strlen(a2), ha2);
	size = snprintf(text, sizeof(text),
	    "%s:OA6MG9tEQGm2hh:00000001:OA6MHXh6VqTrRk:auth:%s", ha1, ha2);
	md5_hex(text, (size_t)size, response);
	ck_assert_str_eq(response, "d388dad90d4bbd760a152321f2143af7");
}
END_TEST

/* RFC 2831 2.1.2.1: what Latin-1 can say is hashed in Latin-1. */
START_TEST(digest_md5_hashes_latin_1_where_it_can)
{
	static const struct {
		const char *login;
		const char *password;
		const char *hashed; /* for the name without its domain */
	} cases[] = {
		{ "a@x", "M\xc3\xbcller", "a:x:M\xfcller" },
		{ "a@x", "\xe2\x82\xac 5", "a:x:\xe2\x82\xac 5" },
		{ "a@x", "\xc3\xbc\xe2\x82\xac", "a:x:\xc3\xbc\xe2\x82\xac" },
		{ "\xc3\xa9@x", "\xe2\x82\xac", "\xe9:x:\xe2\x82\xac" },
		{ "\xc4\x8d@x", "plain", "\xc4\x8d:x:plain" },
	};
	struct secret secret;
	unsigned char digest[16];

	for (size_t i = 0; i < COUNT(cases); i++) {
		ck_assert_int_eq(secret_derive(cases[i].login,
				     cases[i].password, "x", &secret),
		    0);
		gnutls_hash_fast(GNUTLS_DIG_MD5, cases[i].hashed,
		    strlen(cases[i].hashed), digest);
		ck_assert_mem_eq(secret.digest_md5[0], digest, 16);
	}
	gnutls_hash_fast(GNUTLS_DIG_MD5, "b@y:x:secret", 12, digest);
	secret_derive("b@y", "secret", "x", &secret);
	ck_assert_mem_eq(secret.digest_md5[1], digest, 16);
}
END_TEST

START_TEST(digest_md5_knows_a_name_in_capitals)
{
	static const char *const names[DIGEST_FORMS] = { "maria.lopez2",
		"maria.lopez2@a.example", "Maria.Lopez2", "MARIA.LOPEZ2",
		"Maria.Lopez2@a.example", "MARIA.LOPEZ2@a.example",
		"Maria.Lopez2@A.Example", "MARIA.LOPEZ2@A.EXAMPLE" };
	struct secret secret;
	unsigned char digest[16];
	char text[100];

	secret_derive("maria.lopez2@a.example", "secret", "x", &secret);
	ck_assert_int_eq(secret.digest_forms, DIGEST_FORMS);
	for (int i = 0; i < DIGEST_FORMS; i++) {
		secret_digest_name("maria.lopez2@a.example", i, text,
		    sizeof(text));
		ck_assert_str_eq(text, names[i]);
		snprintf(text, sizeof(text), "%s:x:secret", names[i]);
		gnutls_hash_fast(GNUTLS_DIG_MD5, text, strlen(text), digest);
		ck_assert_mem_eq(secret.digest_md5[i], digest, 16);
	}
}
END_TEST

Suite *
secrets_md5_suite(void)
{
	Suite *suite = suite_create("secrets_md5");
	TCase *tc = tcase_create("secrets_md5");

	tcase_add_loop_test(tc,
	    the_cram_md5_state_is_what_cyrus_sasl_would_make, 0,
	    COUNT(passwords));
	tcase_add_test(tc,
	    cyrus_answers_the_challenge_of_rfc_2195_with_our_state);
	tcase_add_test(tc,
	    the_response_of_rfc_2831_follows_from_our_digest_md5_secret);
	tcase_add_test(tc, digest_md5_hashes_latin_1_where_it_can);
	tcase_add_test(tc, digest_md5_knows_a_name_in_capitals);
	suite_add_tcase(suite, tc);
	return suite;
}
