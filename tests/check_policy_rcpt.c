/*
 * check_policy_rcpt.c - RCPT: for whom mail is taken, and where it goes.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/directory.h"
#include "smtpd/policy.h"
#include "tests/check_policy_world.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

#define ALICE "alice@campus.example"

static void
note(void *arg, const struct address *final, bool local)
{
	char text[ADDRESS_TEXT_MAX];

	buf_printf(arg, "%s%s ",
	    local ? "" : "remote:", address_format(final, text, sizeof(text)));
}

#define UNKNOWN(address)                                                       \
	"550 5.1.1 <" address                                                  \
	">: Recipient address rejected: User unknown in local recipient table"
#define RELAY(address) "554 5.7.1 <" address ">: Relay access denied"
#define LOGIN_FIRST "530 5.7.0 Authentication required"

/* RCPT, in the world of add_people(). */
static const struct {
	enum protocol protocol;
	enum auth_mode auth;
	const char *login;
	const char *recipient;
	const char *reply;
	const char *finals;
} recipients[] = {
	/* clang-format off */
	{ PROTO_MTA, AUTH_OFF, "", "bob@campus.example", "250 2.1.5 Ok", "bob@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "BOB@CAMPUS.EXAMPLE", "250 2.1.5 Ok", "bob@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "\"bob\"@campus.example", "250 2.1.5 Ok", "bob@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "\"b\\ob\"@campus.example", "250 2.1.5 Ok", "bob@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "bob+tag@campus.example", "250 2.1.5 Ok", "bob@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "100012345@campus.example", "250 2.1.5 Ok", "100012345@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "100012345+x@campus.example", "250 2.1.5 Ok", "100012345@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "100012346@campus.example", UNKNOWN("100012346@campus.example"), "" },
	{ PROTO_MTA, AUTH_OFF, "", "staff@campus.example", "250 2.1.5 Ok",
	  "alice@campus.example bob@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "staff+tag@campus.example", "250 2.1.5 Ok",
	  "alice@campus.example bob@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "nobody@campus.example", UNKNOWN("nobody@campus.example"), "" },
	{ PROTO_MTA, AUTH_OFF, "", "\"a b\"@campus.example", UNKNOWN("\"a b\"@campus.example"), "" },
	/* an alias of oneself, and two that lead to one another */
	{ PROTO_MTA, AUTH_OFF, "", "loop@campus.example",
	  "451 4.3.0 <loop@campus.example>: Temporary lookup failure", "" },
	/* RFC 5321 4.5.1, also where the domain has nobody of its own */
	{ PROTO_MTA, AUTH_OFF, "", "Postmaster@campus.example", "250 2.1.5 Ok", "alice@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "POSTMASTER@empty.example", "250 2.1.5 Ok", "alice@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "hostmaster@empty.example", UNKNOWN("hostmaster@empty.example"), "" },
	{ PROTO_MTA, AUTH_OFF, "", "postmaster@far.example", RELAY("postmaster@far.example"), "" },
	/* a catch-all comes last */
	{ PROTO_MTA, AUTH_OFF, "", "dora@caught.example", "250 2.1.5 Ok", "dora@caught.example " },
	{ PROTO_MTA, AUTH_OFF, "", "dora+x@caught.example", "250 2.1.5 Ok", "dora@caught.example " },
	{ PROTO_MTA, AUTH_OFF, "", "other@caught.example", "250 2.1.5 Ok", "dora@caught.example " },
	{ PROTO_MTA, AUTH_OFF, "", "anything@caught.example", "250 2.1.5 Ok", "bob@campus.example " },
	{ PROTO_MTA, AUTH_OFF, "", "any+thing@caught.example", "250 2.1.5 Ok", "bob@campus.example " },
	/* no relay without a login */
	{ PROTO_MTA, AUTH_OFF, "", "a@far.example", RELAY("a@far.example"), "" },
	{ PROTO_MTA, AUTH_OPTIONAL, "", "a@far.example", RELAY("a@far.example"), "" },
	{ PROTO_MTA, AUTH_OFF, "", "a@sub.campus.example", RELAY("a@sub.campus.example"), "" },
	{ PROTO_MTA, AUTH_OPTIONAL, ALICE, "a@far.example", "250 2.1.5 Ok", "remote:a@far.example " },
	{ PROTO_MSA, AUTH_OPTIONAL, "", "a@far.example", LOGIN_FIRST, "" },
	{ PROTO_MSA, AUTH_OFF, "", "a@far.example", RELAY("a@far.example"), "" },
	{ PROTO_MSA, AUTH_OPTIONAL, "", "bob@campus.example", "250 2.1.5 Ok", "bob@campus.example " },
	{ PROTO_MSA, AUTH_REQUIRED, ALICE, "a@far.example", "250 2.1.5 Ok", "remote:a@far.example " },
	{ PROTO_MSA, AUTH_REQUIRED, ALICE, "a@[192.0.2.1]", "250 2.1.5 Ok", "remote:a@[192.0.2.1] " },
	{ PROTO_MSA, AUTH_REQUIRED, ALICE, "bob@campus.example", "250 2.1.5 Ok", "bob@campus.example " },
	{ PROTO_MSA, AUTH_REQUIRED, ALICE, "nobody@campus.example", UNKNOWN("nobody@campus.example"), "" },
	/* who made the alias has allowed the way */
	{ PROTO_MTA, AUTH_OFF, "", "abroad@campus.example", "250 2.1.5 Ok",
	  "alice@campus.example remote:carol@far.example " },
	/* the percent hack and quoted routes are names like any other */
	{ PROTO_MTA, AUTH_OFF, "", "a%far.example@campus.example", UNKNOWN("a%far.example@campus.example"), "" },
	{ PROTO_MTA, AUTH_OFF, "", "\"a@far.example\"@campus.example", UNKNOWN("\"a@far.example\"@campus.example"), "" },
	{ PROTO_MTA, AUTH_OFF, "", "far.example!a@campus.example", UNKNOWN("far.example!a@campus.example"), "" },
	{ PROTO_MTA, AUTH_OFF, "", "\"bob@campus.example\"@far.example", RELAY("\"bob@campus.example\"@far.example"), "" },
	{ PROTO_MTA, AUTH_OFF, "", "bob%campus.example@far.example", RELAY("bob%campus.example@far.example"), "" },
	{ PROTO_MTA, AUTH_OFF, "", "bob@[127.0.0.1]", RELAY("bob@[127.0.0.1]"), "" },
	{ PROTO_MTA, AUTH_OFF, "", "\"../bob\"@campus.example", UNKNOWN("\"../bob\"@campus.example"), "" },
	/* clang-format on */
};

/* What postlab refuses to make. */
static void
run_sql(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open("directory.sqlite", &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* What the world of smtpd's tests has not: see the rows. */
static void
add_people(void)
{
	struct directory *writer = directory_open(true);
	static const char *const domains[] = { "empty.example",
		"caught.example" };
	static const char *const mailboxes[] = { "100012345@campus.example",
		"dora@caught.example" };
	static const char *const aliases[][2] = {
		{ "postmaster@campus.example", ALICE },
		{ "other@caught.example", "dora@caught.example" },
	};
	const struct address everybody = { .domain = "caught.example" };
	const struct address bob = policy_address("bob@campus.example");
	const char *why;

	for (size_t i = 0; i < COUNT(domains); i++)
		ck_assert_int_eq(directory_add_domain(writer, domains[i], &why),
		    0);
	for (size_t i = 0; i < COUNT(mailboxes); i++) {
		const struct address address = policy_address(mailboxes[i]);

		ck_assert_int_eq(directory_add_mailbox(writer, &address, &why),
		    0);
	}
	for (size_t i = 0; i < COUNT(aliases); i++) {
		const struct address from = policy_address(aliases[i][0]);
		const struct address to = policy_address(aliases[i][1]);

		ck_assert_int_eq(directory_add_alias(writer, &from, &to, &why),
		    0);
	}
	ck_assert_int_eq(directory_add_alias(writer, &everybody, &bob, &why),
	    0);
	directory_close(writer);
	run_sql("INSERT INTO alias VALUES "
		"('campus.example', 'loop', 'pool@campus.example')");
	run_sql("INSERT INTO alias VALUES "
		"('campus.example', 'pool', 'loop@campus.example')");
}

START_TEST(mail_is_taken_for_who_is_here_and_nobody_else)
{
	struct policy policy;
	const struct address recipient =
	    policy_address(recipients[_i].recipient);
	struct buf finals = BUF_INIT;
	struct reply r;
	char text[REPLY_TEXT_MAX + 8];

	add_people();
	policy = policy_make(recipients[_i].login);
	policy_listener.protocol = recipients[_i].protocol;
	policy_listener.auth = recipients[_i].auth;
	r = policy_recipient(&policy, &recipient, 0, note, &finals);
	snprintf(text, sizeof(text), "%d %s", r.code, r.text);
	ck_assert_str_eq(text, recipients[_i].reply);
	ck_assert_str_eq(finals.data, recipients[_i].finals);
	buf_clear(&finals);
}
END_TEST

START_TEST(one_recipient_too_many_is_told_to_wait_for_the_next_message)
{
	struct policy policy = policy_make("");
	const struct address recipient = policy_address("bob@campus.example");
	struct buf finals = BUF_INIT;

	ck_assert_int_eq(policy_recipient(&policy, &recipient,
			     (size_t)world_config.max_recipients - 1, note,
			     &finals)
			     .code,
	    250);
	buf_reset(&finals);
	ck_assert_str_eq(policy_recipient(&policy, &recipient,
			     (size_t)world_config.max_recipients, note, &finals)
			     .text,
	    "4.5.3 Error: too many recipients");
	ck_assert_str_eq(finals.data, "");
	buf_clear(&finals);
}
END_TEST

START_TEST(a_change_of_the_directory_is_seen_at_once)
{
	struct policy policy = policy_make("");
	const struct address recipient = policy_address("new@campus.example");
	struct directory *writer = directory_open(true);
	struct buf finals = BUF_INIT;
	const char *why;

	ck_assert_int_eq(policy_recipient(&policy, &recipient, 0, note, &finals)
			     .code,
	    550);
	ck_assert_int_eq(directory_add_mailbox(writer, &recipient, &why), 0);
	ck_assert_int_eq(policy_recipient(&policy, &recipient, 0, note, &finals)
			     .code,
	    250);
	directory_close(writer);
	buf_clear(&finals);
}
END_TEST

Suite *
policy_rcpt_suite(void)
{
	Suite *suite = suite_create("policy_rcpt");
	TCase *tc = tcase_create("policy_rcpt");

	tcase_add_checked_fixture(tc, smtpd_world_make, smtpd_world_remove);
	tcase_add_loop_test(tc, mail_is_taken_for_who_is_here_and_nobody_else,
	    0, COUNT(recipients));
	tcase_add_test(tc,
	    one_recipient_too_many_is_told_to_wait_for_the_next_message);
	tcase_add_test(tc, a_change_of_the_directory_is_seen_at_once);
	suite_add_tcase(suite, tc);
	return suite;
}
