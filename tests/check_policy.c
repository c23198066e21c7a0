/*
 * check_policy.c - who may send what to whom.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/directory.h"
#include "smtpd/policy.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

static struct listener listener;

static struct policy
make_policy(const char *login)
{
	listener = world_listener();
	if (world_service.directory == NULL)
		world_service.directory = directory_open(false);
	return (struct policy){
		.config = &world_config,
		.listener = &listener,
		.directory = world_service.directory,
		.login = login,
	};
}

static struct address
address_of(const char *text)
{
	struct address address = { .local = "" };

	if (*text != '\0')
		ck_assert(address_parse(text, &address));
	return address;
}

#define ALICE "alice@campus.example"

static const struct {
	const char *login;
	enum auth_mode auth;
	enum leniency leniency;
	const char *sender;
	int code;
} senders[] = {
	/* clang-format off */
	{ "", AUTH_OFF,      STRICT,    "anybody@far.example", 250 },
	{ "", AUTH_OFF,      STRICT,    ALICE,                 250 },
	{ "", AUTH_OFF,      STRICT,    "",                    250 },
	{ "", AUTH_OPTIONAL, STRICT,    ALICE,                 250 },
	{ "", AUTH_REQUIRED, STRICT,    ALICE,                 530 },
	{ "", AUTH_REQUIRED, CLASSROOM, ALICE,                 530 },
	{ "", AUTH_REQUIRED, STRICT,    "",                    530 },
	{ ALICE, AUTH_REQUIRED, STRICT, ALICE,                 250 },
	{ ALICE, AUTH_REQUIRED, STRICT, "Alice@CAMPUS.example", 250 },
	{ ALICE, AUTH_REQUIRED, STRICT, "alice+list@campus.example", 250 },
	{ ALICE, AUTH_REQUIRED, STRICT, "staff@campus.example", 250 },
	{ ALICE, AUTH_REQUIRED, STRICT, "",                    250 },
	{ ALICE, AUTH_REQUIRED, STRICT, "bob@campus.example",  553 },
	{ ALICE, AUTH_REQUIRED, STRICT, "nobody@campus.example", 553 },
	{ ALICE, AUTH_REQUIRED, STRICT, "alice@far.example",   553 },
	{ ALICE, AUTH_REQUIRED, CLASSROOM, "alice@far.example", 250 },
	/* clang-format on */
};

START_TEST(a_login_sends_under_its_own_addresses)
{
	struct policy policy = make_policy(senders[_i].login);
	const struct address sender = address_of(senders[_i].sender);

	listener.auth = senders[_i].auth;
	listener.leniency = senders[_i].leniency;
	ck_assert_int_eq(policy_sender(&policy, &sender).code,
	    senders[_i].code);
}
END_TEST

static void
note(void *arg, const struct address *final)
{
	char text[ADDRESS_TEXT_MAX];

	buf_printf(arg, "%s ", address_format(final, text, sizeof(text)));
}

static const struct {
	const char *login;
	const char *recipient;
	const char *reply;
	const char *finals;
} recipients[] = {
	/* clang-format off */
	{ "", "bob@campus.example", "250 2.1.5 Ok", "bob@campus.example " },
	{ "", "bob+tag@campus.example", "250 2.1.5 Ok", "bob@campus.example " },
	{ "", "staff@campus.example", "250 2.1.5 Ok",
	  "alice@campus.example bob@campus.example " },
	{ "", "nobody@campus.example",
	  "550 5.1.1 <nobody@campus.example>: Recipient address rejected: User unknown in local recipient table", "" },
	{ "", "a@far.example", "554 5.7.1 <a@far.example>: Relay access denied", "" },
	{ "", "a@sub.campus.example", "554 5.7.1 <a@sub.campus.example>: Relay access denied", "" },
	{ ALICE, "bob@campus.example", "250 2.1.5 Ok", "bob@campus.example " },
	{ ALICE, "a@far.example",
	  "554 5.7.1 <a@far.example>: Relay access denied: mail to other hosts is not served yet", "" },
	{ "", "abroad@campus.example",
	  "554 5.7.1 <abroad@campus.example>: Relay access denied: the alias leads to another host, and mail to other hosts is not served yet", "" },
	/* the percent hack and quoted routes are names like any other */
	{ "", "a%far.example@campus.example",
	  "550 5.1.1 <a%far.example@campus.example>: Recipient address rejected: User unknown in local recipient table", "" },
	{ "", "\"a@far.example\"@campus.example",
	  "550 5.1.1 <\"a@far.example\"@campus.example>: Recipient address rejected: User unknown in local recipient table", "" },
	/* clang-format on */
};

START_TEST(mail_is_taken_for_who_is_here_and_nobody_else)
{
	struct policy policy = make_policy(recipients[_i].login);
	const struct address recipient = address_of(recipients[_i].recipient);
	struct buf finals = BUF_INIT;
	struct reply r =
	    policy_recipient(&policy, &recipient, 0, note, &finals);
	char text[REPLY_TEXT_MAX + 8];

	snprintf(text, sizeof(text), "%d %s", r.code, r.text);
	ck_assert_str_eq(text, recipients[_i].reply);
	ck_assert_str_eq(finals.data, recipients[_i].finals);
	buf_clear(&finals);
}
END_TEST

START_TEST(without_a_directory_everything_waits)
{
	struct policy policy = make_policy("");
	const struct address recipient = address_of("bob@campus.example");
	struct buf finals = BUF_INIT;

	policy.directory = NULL;
	ck_assert_int_eq(policy_recipient(&policy, &recipient, 0, note, &finals)
			     .code,
	    451);
	policy.login = ALICE;
	ck_assert_int_eq(policy_sender(&policy, &recipient).code, 451);
}
END_TEST

START_TEST(a_change_of_the_directory_is_seen_at_once)
{
	struct policy policy = make_policy("");
	const struct address recipient = address_of("new@campus.example");
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

/* Refusals with explain = yes: both lines carry the status. */
static const struct {
	const char *recipient;
	const char *status;
} explained[] = {
	{ "nobody@campus.example", "5.1.1 " },
	{ "a@far.example", "5.7.1 " },
	{ "abroad@campus.example", "5.7.1 " },
};

START_TEST(a_refusal_brings_its_reason_where_the_listener_explains)
{
	struct policy policy = make_policy("");
	const struct address recipient = address_of(explained[_i].recipient);
	struct buf finals = BUF_INIT;
	struct reply r;
	const char *second;

	listener.explain = true;
	r = policy_recipient(&policy, &recipient, 0, note, &finals);
	second = strchr(r.text, '\n');
	ck_assert_ptr_nonnull(second);
	ck_assert_int_eq(strncmp(r.text, explained[_i].status, 6), 0);
	ck_assert_int_eq(strncmp(second + 1, explained[_i].status, 6), 0);
}
END_TEST

Suite *
policy_suite(void)
{
	Suite *suite = suite_create("policy");
	TCase *tc = tcase_create("policy");

	tcase_add_checked_fixture(tc, smtpd_world_make, smtpd_world_remove);
	tcase_add_loop_test(tc, a_login_sends_under_its_own_addresses, 0,
	    COUNT(senders));
	tcase_add_loop_test(tc, mail_is_taken_for_who_is_here_and_nobody_else,
	    0, COUNT(recipients));
	tcase_add_test(tc, without_a_directory_everything_waits);
	tcase_add_test(tc, a_change_of_the_directory_is_seen_at_once);
	tcase_add_loop_test(tc,
	    a_refusal_brings_its_reason_where_the_listener_explains, 0,
	    COUNT(explained));
	suite_add_tcase(suite, tc);
	return suite;
}
