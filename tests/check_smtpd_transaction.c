/*
 * check_smtpd_transaction.c - whom an SMTP transaction is from and for: what is
 * kept of its recipients, what ends it, who may begin one.
 */
#include <stdio.h>
#include <string.h>

#include "common/directory.h"
#include "smtpd/session.h"
#include "tests/check_session_world.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

START_TEST(ehlo_forgets_the_transaction)
{
	world_bring_to(RCPTS);
	ck_assert_int_eq(world_say("EHLO again").code, 250);
	ck_assert_int_eq(world_say("DATA").code, 503);
	ck_assert_uint_eq(world_session.transaction.accepted, 0);
}
END_TEST

START_TEST(rset_forgets_sender_and_recipients)
{
	world_bring_to(RCPTS);
	world_say("RSET");
	ck_assert_int_eq(world_say("RCPT TO:<bob@campus.example>").code, 503);
	ck_assert_uint_eq(world_session.transaction.envelope.recipient_count,
	    0);
}
END_TEST

START_TEST(a_recipient_named_twice_gets_one_copy)
{
	world_bring_to(SENDER);
	world_say("RCPT TO:<staff@campus.example>");
	world_say("RCPT TO:<Bob@campus.example>");
	world_say("RCPT TO:<staff@campus.example>");
	ck_assert_uint_eq(world_session.transaction.accepted, 3);
	ck_assert_uint_eq(world_session.transaction.envelope.recipient_count,
	    2);
}
END_TEST

START_TEST(an_alias_is_remembered_as_it_was_typed)
{
	const struct queue_recipient *rcpt;

	world_bring_to(SENDER);
	world_say("RCPT TO:<Staff@campus.example>");
	rcpt = world_session.transaction.envelope.recipients;
	ck_assert_str_eq(rcpt[0].address, "alice@campus.example");
	ck_assert_str_eq(rcpt[0].original, "Staff@campus.example");
	ck_assert(rcpt[0].local);
}
END_TEST

START_TEST(one_recipient_more_than_allowed_is_452)
{
	world_config.max_recipients = 2;
	world_bring_to(SENDER);
	world_say("RCPT TO:<alice@campus.example>");
	world_say("RCPT TO:<nobody@campus.example>");
	ck_assert_int_eq(world_say("RCPT TO:<bob@campus.example>").code, 250);
	ck_assert_int_eq(world_say("RCPT TO:<full@campus.example>").code, 452);
	ck_assert_int_eq(world_session.state, RCPTS);
}
END_TEST

START_TEST(a_declared_size_over_the_limit_is_552_at_once)
{
	world_bring_to(READY);
	ck_assert_int_eq(world_say("MAIL FROM:<a@b.example> SIZE=10240000")
			     .code,
	    250);
	world_say("RSET");
	ck_assert_int_eq(world_say("MAIL FROM:<a@b.example> SIZE=10240001")
			     .code,
	    552);
	ck_assert_int_eq(world_say("MAIL FROM:<a@b.example> SIZE=99999999999")
			     .code,
	    552);
	ck_assert_int_eq(world_session.state, READY);
}
END_TEST

static void
change_alice(bool gone)
{
	struct directory *directory = directory_open(true);
	struct address alice;
	const char *why = "";
	int rc;

	ck_assert_ptr_nonnull(directory);
	ck_assert(address_parse("alice@campus.example", &alice));
	rc = gone ? directory_delete_mailbox(directory, &alice, &why)
		  : directory_set_disabled(directory, &alice, true, &why);
	ck_assert_msg(rc == 0, "%s", why);
	directory_close(directory);
}

START_TEST(an_account_that_is_disabled_or_gone_submits_no_more)
{
	world_bring_to(READY);
	strcpy(world_session.login, "alice@campus.example");
	ck_assert_int_eq(world_say("MAIL FROM:<alice@campus.example>").code,
	    250);
	ck_assert_int_eq(world_say("RSET").code, 250);
	change_alice(_i == 1);
	ck_assert_int_eq(world_say("MAIL FROM:<alice@campus.example>").code,
	    530);
	ck_assert_int_eq(world_session.state, DONE);
}
END_TEST

static const char *const postmasters[] = { "<postmaster>", "<Postmaster>",
	"<postmaster@campus.example>", "<PostMaster@MX.campus.example>" };

START_TEST(postmaster_of_domain_and_host_is_here)
{
	struct directory *directory = directory_open(true);
	struct address alias, target;
	const char *why = "";
	char line[100];

	ck_assert_ptr_nonnull(directory);
	ck_assert(address_parse("postmaster@campus.example", &alias));
	ck_assert(address_parse("alice@campus.example", &target));
	ck_assert_int_eq(directory_add_alias(directory, &alias, &target, &why),
	    0);
	directory_close(directory);
	world_session_listener.leniency = STRICT;
	world_bring_to(SENDER);
	snprintf(line, sizeof(line), "RCPT TO:%s", postmasters[_i]);
	ck_assert_int_eq(world_say(line).code, 250);
	ck_assert_int_eq(world_say("RCPT TO:<bob@mx.campus.example>").code,
	    554);
}
END_TEST

Suite *
smtpd_transaction_suite(void)
{
	Suite *suite = suite_create("smtpd_transaction");
	TCase *tc = tcase_create("smtpd_transaction");

	tcase_add_checked_fixture(tc, session_world_make, session_world_remove);
	tcase_add_test(tc, ehlo_forgets_the_transaction);
	tcase_add_test(tc, rset_forgets_sender_and_recipients);
	tcase_add_test(tc, a_recipient_named_twice_gets_one_copy);
	tcase_add_test(tc, an_alias_is_remembered_as_it_was_typed);
	tcase_add_test(tc, one_recipient_more_than_allowed_is_452);
	tcase_add_test(tc, a_declared_size_over_the_limit_is_552_at_once);
	tcase_add_loop_test(tc,
	    an_account_that_is_disabled_or_gone_submits_no_more, 0, 2);
	tcase_add_loop_test(tc, postmaster_of_domain_and_host_is_here, 0,
	    COUNT(postmasters));
	suite_add_tcase(suite, tc);
	return suite;
}
