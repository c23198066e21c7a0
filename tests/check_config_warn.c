/*
 * check_config_warn.c - what a postlab.conf without a mistake is warned of: a
 * risk, or a daemon that it leaves without work.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/config.h"
#include "common/mem.h"
#include "tests/check_config_world.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static char *
warnings(const char *listeners, const char *more, int *count)
{
	char text[2048];
	char *out = NULL;
	size_t size;
	FILE *to = open_memstream(&out, &size);
	struct config *config;

	snprintf(text, sizeof(text), "[server]\ndomain = x.example\n%s%s",
	    listeners, more);
	config = config_of(text);
	*count = config_warn(config, to);
	fclose(to);
	config_free(config);
	return out;
}

/* One listener a daemon. */
static const char plain[] = "[listen 1]\nprotocol = mta\nport = 1\n"
			    "[listen 2]\nprotocol = pop3\nport = 2\n"
			    "[listen 3]\nprotocol = lmtp\n"
			    "address = unix:run/lmtp\n";

/* What is added to a plain configuration, and a word of the one warning. */
static const struct {
	const char *more;
	const char *word;
} risks[] = {
	/* clang-format off */
	{ "[listen p]\nprotocol = pop3\n", NULL },
	{ "[listen p]\nprotocol = pop3\ncleartext = yes\n", "on this machine" },
	{ "[listen m]\nprotocol = mta\ncleartext = yes\n", NULL },
	{ "[listen p]\nprotocol = pop3\naddress = 192.0.2.1\n", NULL },
	{ "", NULL },
	{ "[smtpd]\nlmtp = unix:run/other\n", "queue" },
	{ "[smtpd]\nlmtp = 127.0.0.1:2024\n", "queue" },
	{ "[smtpd]\nlmtp = 127.0.0.1:2024\n[listen l]\nprotocol = lmtp\n", NULL },
	{ "[smtpd]\nlmtp = 192.0.2.1:24\n", NULL },
	{ "[listen p]\nprotocol = pop3\ncleartext = yes\naddress = ::1 0.0.0.0\n",
	    "cleartext" },
	{ "[listen m]\nprotocol = mta\nleniency = classroom\naddress = ::\n",
	    "classroom" },
	{ "[listen m]\nprotocol = msa\nauth = optional\n", "login" },
	{ "[listen m]\nprotocol = msa\nextensions = SIZE STARTTLS\n", "AUTH" },
	{ "[listen m]\nprotocol = mta\ntls = required\nextensions = SIZE\n",
	    "STARTTLS" },
	{ "[listen m]\nprotocol = mta\ntls = required\n", NULL },
	{ "[listen m]\nprotocol = mta\nevidence = yes\n", NULL },
	{ "[listen p]\nprotocol = pop3\nevidence = yes\n", NULL },
	{ "[listen p]\nprotocol = pop3\nevidence = yes\n"
	  "evidence_secrets = yes\n", "passwords" },
	{ "[listen l]\nprotocol = lmtp\naddress = unix:run/l\nevidence = yes\n", "LMTP" },
	{ "[listen p]\nprotocol = pop3\ncapabilities = TOP SASL\n", NULL },
	{ "[listen p]\nprotocol = pop3\ncapabilities = TOP UIDL\n", "nobody can log in" },
	{ "[listen p]\nprotocol = pop3\ntls = required\ncapabilities = USER SASL\n",
	  "without STLS" },
	{ "[listen m]\nprotocol = mta\nevidence = yes\n"
	  "evidence_secrets = yes\n", "passwords" },
	{ "[listen l]\nprotocol = lmtp\naddress = 192.0.2.1\n", "LMTP" },
	{ "[route r]\nhost = r.example\nlogin = me\npassword_file = p\n"
	  "tls = off\n", "unencrypted" },
	{ "[route r]\nhost = 127.0.0.1\nlogin = me\npassword_file = p\n"
	  "tls = off\n", NULL },
	{ "[route r]\nhost = r.example\nlogin = me\npassword_file = p\n",
	    "tls = verify" },
	{ "[route r]\nhost = r.example\nlogin = me\npassword_file = p\n"
	  "tls = verify\n", NULL },
	{ "[route r]\nhost = r.example\n", NULL },
	{ "[route r]\nhost = mx\nbackup = yes\n", "backup = yes does nothing" },
	{ "[route r]\nhost = mx\ndomains = *\nbackup = yes\n",
	  "backup = yes does nothing" },
	{ "[route r]\nhost = mx\ndomains = * far.example\nbackup = yes\n", NULL },
	{ "[auth]\nteaching = yes\n[listen p]\nprotocol = pop3\n", "MD5" },
	{ "[pop3d]\ntimeout = 9m\n[listen p]\nprotocol = pop3\n", "RFC 1939" },
	/* clang-format on */
};

START_TEST(a_risk_is_named)
{
	int count;
	char *text = warnings(plain, risks[_i].more, &count);

	ck_assert_msg(count == (risks[_i].word == NULL ? 0 : 1), "%d: %s",
	    count, text);
	if (risks[_i].word != NULL)
		ck_assert_ptr_nonnull(strstr(text, risks[_i].word));
	free(text);
}
END_TEST

START_TEST(a_daemon_that_would_not_start_is_named)
{
	int count;
	char *text = warnings("", "[listen m]\nprotocol = msa\n", &count);

	ck_assert_int_eq(count, 2);
	ck_assert_ptr_nonnull(strstr(text, "mda will not start"));
	ck_assert_ptr_nonnull(strstr(text, "pop3d will not start"));
	free(text);
}
END_TEST

Suite *
config_warn_suite(void)
{
	Suite *suite = suite_create("config_warn");
	TCase *tc = tcase_create("config_warn");

	tcase_add_checked_fixture(tc, folder_enter, folder_leave);
	tcase_add_test(tc, a_daemon_that_would_not_start_is_named);
	tcase_add_loop_test(tc, a_risk_is_named, 0, COUNT(risks));
	suite_add_tcase(suite, tc);
	return suite;
}
