/*
 * check_account_draft.c - the draft of an account's form: what it guesses, and
 * which field is named as wrong.
 */
#include <check.h>
#include <stdlib.h>

#include "mua/account.h"
#include "mua/account_draft.h"
#include "tests/suites.h"

static char why[1024];

static void
type(struct draft *draft, const char *key, const char *text)
{
	size_t i = draft_field(key);

	ck_assert_uint_lt(i, DRAFT_FIELDS);
	buf_reset(&draft->texts[i]);
	buf_addstr(&draft->texts[i], text);
	draft->touched[i] = true;
}

static const char *
says(const struct draft *draft, const char *key)
{
	return draft->texts[draft_field(key)].data;
}

START_TEST(the_address_is_enough_for_a_guess)
{
	struct account account;
	struct draft draft;

	draft_init(&draft, NULL);
	type(&draft, "address", "bob@mail-service.example");
	type(&draft, "smtp_host", "smtp.mail-service.example");
	draft_guess(&draft);
	ck_assert_str_eq(says(&draft, ""), "mail-service");
	ck_assert_str_eq(says(&draft, "pop3_host"),
	    "mail.mail-service.example");
	ck_assert_str_eq(says(&draft, "pop3_port"), "995");
	ck_assert_str_eq(says(&draft, "smtp_host"),
	    "smtp.mail-service.example");
	ck_assert_str_eq(says(&draft, "smtp_port"), "465");
	ck_assert_str_eq(says(&draft, "maildir"), "~/Mail/mail-service");
	/* Another TLS has another port, unless that was chosen. */
	draft_turn(&draft, draft_field("pop3_tls"), -1);
	ck_assert_str_eq(says(&draft, "pop3_tls"), "starttls");
	ck_assert_str_eq(says(&draft, "pop3_port"), "110");
	type(&draft, "smtp_port", "2465");
	draft_turn(&draft, draft_field("smtp_tls"), 1);
	ck_assert_str_eq(says(&draft, "smtp_tls"), "off");
	ck_assert_str_eq(says(&draft, "smtp_port"), "2465");
	ck_assert_int_eq(draft_finish(&draft, &account, why, sizeof(why)), -1);
	ck_assert_int_eq(account.pop3.tls, ACCOUNT_TLS_STARTTLS);
	ck_assert_str_eq(account.maildir, "/the/home/Mail/mail-service");
	account_clear(&account);
	draft_clear(&draft);
}
END_TEST

static const struct {
	const char *key;
	const char *text;
	const char *why;
} wrong_fields[] = {
	/* clang-format off */
	{ "address", "bob", "Mail address: must be an address, LOCAL@DOMAIN" },
	{ "address", "", "Mail address: yours, as bob@example.org" },
	{ "", "a b", "Account: a name of letters, digits, - and _" },
	{ "pop3_port", "pop", "port: must be a number, 1 to 65535" },
	{ "smtp_host", "a b", "SMTP server: must be a host name or an IP address" },
	{ "leave_days", "-1", "for days: must be a number, 0 to 36500" },
	{ "maildir", "Mail", "This account maildir must begin with / or ~/" },
	/* clang-format on */
};

START_TEST(a_wrong_field_is_named)
{
	struct account account;
	struct draft draft;

	draft_init(&draft, NULL);
	type(&draft, "address", "bob@campus.example");
	draft_guess(&draft);
	type(&draft, wrong_fields[_i].key, wrong_fields[_i].text);
	ck_assert_int_eq(draft_finish(&draft, &account, why, sizeof(why)),
	    (int)draft_field(wrong_fields[_i].key));
	ck_assert_str_eq(why, wrong_fields[_i].why);
	account_clear(&account);
	draft_clear(&draft);
}
END_TEST

static void
set_up(void)
{
	setenv("HOME", "/the/home", 1);
}

Suite *
account_draft_suite(void)
{
	Suite *suite = suite_create("account_draft");
	TCase *tc = tcase_create("form");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, the_address_is_enough_for_a_guess);
	tcase_add_loop_test(tc, a_wrong_field_is_named, 0, COUNT(wrong_fields));
	suite_add_tcase(suite, tc);
	return suite;
}
