/* check_admin.c - what the postlab command is made of; tests/admin.sh has the
 * command itself. */
#include <stdlib.h>
#include <string.h>

#include "admin/csv.h"
#include "admin/password.h"
#include "admin/profile.h"
#include "admin/shell_word.h"
#include "common/config.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

/* RFC 4180: a line and its fields; fields[0] NULL: refused. */
static const struct {
	const char *line;
	int count;
	const char *fields[3];
} csv_cases[] = {
	/* clang-format off */
	{ "a,b,c",            3, { "a", "b", "c" } },
	{ "a",                1, { "a", NULL, NULL } },
	{ "a,",               2, { "a", "", NULL } },
	{ ",,",               3, { "", "", "" } },
	{ " a , b",           2, { " a ", " b", NULL } },
	{ "\"a\",\"b,c\"",    2, { "a", "b,c", NULL } },
	{ "\"a\"\"b\",\"\"",  2, { "a\"b", "", NULL } },
	{ "\"\"\"\"",         1, { "\"", NULL, NULL } },
	{ "",                 0, { NULL, NULL, NULL } },
	{ " \t",              0, { NULL, NULL, NULL } },
	{ "a,b,c,d",         -1, { NULL, NULL, NULL } },
	{ "\"a",             -1, { NULL, NULL, NULL } },
	{ "\"a\"b",          -1, { NULL, NULL, NULL } },
	{ "a\"b",            -1, { NULL, NULL, NULL } },
	{ "\"a\"\"",         -1, { NULL, NULL, NULL } },
	/* clang-format on */
};

START_TEST(a_csv_line_is_cut_as_rfc_4180_says)
{
	char line[64];
	char *fields[3];
	int count;

	strcpy(line, csv_cases[_i].line);
	count = csv_split(line, fields, 3);
	ck_assert_int_eq(count, csv_cases[_i].count);
	for (int i = 0; i < count; i++)
		ck_assert_str_eq(fields[i], csv_cases[_i].fields[i]);
}
END_TEST

/* As bash(1) says under QUOTING. */
static const struct {
	const char *text;
	const char *word;
} shell_cases[] = {
	/* clang-format off */
	{ "./var",            "./var" },
	{ "",                 "''" },
	{ "a b",              "'a b'" },
	{ "a'b",              "'a'\\''b'" },
	{ "$HOME;`x`\\",      "'$HOME;`x`\\'" },
	{ "gr\xC3\xBC n",     "$'gr\\xC3\\xBC n'" },
	{ "\x1B[m'\\",        "$'\\x1B[m\\'\\\\'" },
	/* clang-format on */
};

START_TEST(a_folder_is_printed_as_a_shell_takes_it)
{
	char *word = shell_word(shell_cases[_i].text);

	ck_assert_str_eq(word, shell_cases[_i].word);
	free(word);
}
END_TEST

START_TEST(generated_passwords_differ_and_can_be_typed)
{
	struct buf one = BUF_INIT;
	struct buf other = BUF_INIT;

	for (int i = 0; i < 100; i++) {
		buf_reset(&one);
		buf_reset(&other);
		password_generate(&one);
		password_generate(&other);
		ck_assert_str_ne(one.data, other.data);
		ck_assert_uint_eq(one.size, strlen("bafo-kile-mura-sohe-tapi"));
		ck_assert_uint_eq(strspn(one.data,
				      "abcdefghijklmnopqrstuvwxyz-"),
		    one.size);
	}
	buf_clear(&one);
	buf_clear(&other);
}
END_TEST

START_TEST(a_password_is_any_text_that_clients_can_send)
{
	char long_one[300];
	const char *why;

	ck_assert(password_is_good("12345pass", &why));
	ck_assert(password_is_good(" with blanks ", &why));
	ck_assert(password_is_good("p\xc3\xa4ss", &why));
	ck_assert(!password_is_good("", &why));
	ck_assert(!password_is_good("a\tb", &why));
	memset(long_one, 'x', sizeof(long_one));
	long_one[255] = '\0';
	ck_assert(password_is_good(long_one, &why));
	long_one[255] = 'x';
	long_one[256] = '\0';
	ck_assert(!password_is_good(long_one, &why));
	ck_assert_str_eq(why, "the password is longer than 255 bytes");
}
END_TEST

static struct config *
load_profile(const char *name)
{
	struct buf text = BUF_INIT;
	char why[512] = "";
	struct config *config;

	profile_write(profile_find(name), "x.example", "mail.x.example", 3000,
	    &text);
	folder_write("postlab.conf", text.data);
	config = config_load("postlab.conf", why, sizeof(why));
	ck_assert_msg(config != NULL, "%s", why);
	buf_clear(&text);
	return config;
}

static const struct listener *
listener(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (strcmp(config->listeners[i].name, name) == 0)
			return &config->listeners[i];
	}
	ck_abort_msg("no listener %s", name);
	return NULL;
}

/* The house's ports, in every profile. */
static const struct {
	const char *name;
	enum protocol protocol;
	int port;
	enum tls_mode tls;
	enum auth_mode auth;
} ports[] = {
	/* clang-format off */
	{ "mta",   PROTO_MTA,  25,  TLS_STARTTLS, AUTH_OFF },
	{ "msa",   PROTO_MSA,  587, TLS_STARTTLS, AUTH_REQUIRED },
	{ "msas",  PROTO_MSA,  465, TLS_IMPLICIT, AUTH_REQUIRED },
	{ "pop3",  PROTO_POP3, 110, TLS_STARTTLS, AUTH_OFF },
	{ "pop3s", PROTO_POP3, 995, TLS_IMPLICIT, AUTH_OFF },
	/* clang-format on */
};

START_TEST(a_profile_is_a_good_configuration)
{
	struct config *config = load_profile(_i == 0 ? "homelab" : "classroom");

	for (size_t i = 0; i < COUNT(ports); i++) {
		const struct listener *l = listener(config, ports[i].name);

		ck_assert_int_eq(l->protocol, ports[i].protocol);
		ck_assert_int_eq(l->port, ports[i].port);
		ck_assert_int_eq(l->tls, ports[i].tls);
		ck_assert_int_eq(l->auth, ports[i].auth);
		ck_assert_str_eq(l->address, "127.0.0.1 ::1");
	}
	ck_assert_str_eq(config->domain, "x.example");
	ck_assert_int_eq(config->port_base, 3000);
	ck_assert_str_eq(config->lmtp, listener(config, "lmtp")->address);
	config_free(config);
}
END_TEST

START_TEST(homelab_is_strict_and_classroom_is_not)
{
	for (int classroom = 0; classroom < 2; classroom++) {
		struct config *config =
		    load_profile(classroom ? "classroom" : "homelab");

		ck_assert_int_eq(config->teaching, classroom);
		for (size_t i = 0; i < COUNT(ports); i++) {
			const struct listener *l =
			    listener(config, ports[i].name);

			ck_assert_int_eq(l->cleartext, classroom);
			ck_assert_int_eq(l->explain, classroom);
			ck_assert_int_eq(l->evidence, classroom);
			ck_assert_int_eq(l->leniency,
			    classroom ? CLASSROOM : STRICT);
		}
		config_free(config);
	}
}
END_TEST

START_TEST(there_is_no_other_profile)
{
	ck_assert_ptr_null(profile_find("Homelab"));
	ck_assert_ptr_null(profile_find(""));
}
END_TEST

Suite *
admin_suite(void)
{
	Suite *suite = suite_create("admin");
	TCase *tc = tcase_create("admin");

	tcase_add_checked_fixture(tc, folder_enter, folder_leave);
	tcase_add_loop_test(tc, a_folder_is_printed_as_a_shell_takes_it, 0,
	    COUNT(shell_cases));
	tcase_add_loop_test(tc, a_csv_line_is_cut_as_rfc_4180_says, 0,
	    COUNT(csv_cases));
	tcase_add_test(tc, generated_passwords_differ_and_can_be_typed);
	tcase_add_test(tc, a_password_is_any_text_that_clients_can_send);
	tcase_add_loop_test(tc, a_profile_is_a_good_configuration, 0, 2);
	tcase_add_test(tc, homelab_is_strict_and_classroom_is_not);
	tcase_add_test(tc, there_is_no_other_profile);
	suite_add_tcase(suite, tc);
	return suite;
}
