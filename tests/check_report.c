/*
 * check_report.c - who is owed a delivery report (RFC 3461 4.1, 6.2) and what
 * it says (RFC 3464, 6522, 6533).
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "smtpd/report.h"
#include "tests/check_mail.h"
#include "tests/suites.h"

static char hostname[] = "mail.campus.example";
static const struct config config = { .hostname = hostname };

static struct queue_entry entry;

static void
make_entry(const char *sender, const char *parameters)
{
	queue_entry_init(&entry, "0A1B2C3D4E5F60",
	    &(struct queue_origin){
		.sender = sender,
		.parameters = parameters,
		.peer = "127.0.0.1",
		.uid = "",
		.helo = "desk",
		.login = "",
		.protocol = "ESMTP",
	    });
	entry.arrived = 1795313597;
	entry.size = 60;
	queue_entry_identify(&entry, "m1@desk.example");
}

static void
add(const char *address, const char *parameters, int code, const char *text)
{
	struct queue_recipient *rcpt = queue_entry_add(&entry, address, "");
	struct reply r = reply(code, "%s", text);

	rcpt->local = true;
	free(rcpt->parameters);
	rcpt->parameters = xstrdup(parameters);
	if (code != 0)
		queue_decide(rcpt, &r);
}

static void
remove_entry(void)
{
	queue_entry_clear(&entry);
}

/* What was asked, what came of it, and what is owed then. */
static const struct {
	const char *sender;
	const char *parameters;
	int code;
	bool late;
	enum report_action owed;
} debts[] = {
	/* clang-format off */
	{ "a@b.example", "",                      250, false, REPORT_NONE },
	{ "a@b.example", "",                      550, false, REPORT_FAILED },
	{ "a@b.example", "",                      451, false, REPORT_NONE },
	{ "a@b.example", "",                      451, true,  REPORT_DELAYED },
	{ "a@b.example", "",                      0,   true,  REPORT_DELAYED },
	{ "a@b.example", "NOTIFY=SUCCESS",        250, false, REPORT_DELIVERED },
	{ "a@b.example", "NOTIFY=SUCCESS",        550, false, REPORT_NONE },
	{ "a@b.example", "NOTIFY=SUCCESS",        451, true,  REPORT_NONE },
	{ "a@b.example", "NOTIFY=SUCCESS,FAILURE,DELAY", 550, false, REPORT_FAILED },
	{ "a@b.example", "NOTIFY=SUCCESS,FAILURE,DELAY", 250, false, REPORT_DELIVERED },
	{ "a@b.example", "NOTIFY=SUCCESS,FAILURE,DELAY", 451, true, REPORT_DELAYED },
	{ "a@b.example", "ORCPT=rfc822;x@y NOTIFY=DELAY", 550, false, REPORT_NONE },
	{ "a@b.example", "NOTIFY=FAILURE",        250, false, REPORT_NONE },
	{ "a@b.example", "NOTIFY=NEVER",          550, false, REPORT_NONE },
	{ "a@b.example", "NOTIFY=NEVER",          250, false, REPORT_NONE },
	{ "a@b.example", "NOTIFY=NEVER",          451, true,  REPORT_NONE },
	/* no report about a report, but to the postmaster */
	{ "",            "",                      550, false, REPORT_POSTMASTER },
	{ "",            "",                      451, true,  REPORT_NONE },
	{ "",            "NOTIFY=SUCCESS,FAILURE", 250, false, REPORT_NONE },
	/* clang-format on */
};

START_TEST(the_sender_is_told_what_he_asked_for)
{
	make_entry(debts[_i].sender, "");
	add("bob@campus.example", debts[_i].parameters, debts[_i].code, "x");
	ck_assert_int_eq(report_owed(&entry, 0, debts[_i].late),
	    debts[_i].owed);
	/* and told once */
	entry.recipients[0].reported =
	    debts[_i].owed == REPORT_NONE ? 0 : 1U << debts[_i].owed;
	ck_assert_int_eq(report_owed(&entry, 0, debts[_i].late), REPORT_NONE);
	remove_entry();
}
END_TEST

START_TEST(a_delay_that_was_told_does_not_hide_the_end)
{
	make_entry("a@b.example", "");
	add("bob@campus.example", "", 550, "5.1.1 x");
	entry.recipients[0].reported = 1U << REPORT_DELAYED;
	ck_assert_int_eq(report_owed(&entry, 0, true), REPORT_FAILED);
	remove_entry();
}
END_TEST

/* Who could not be told is asked no more; the postmaster once. */
START_TEST(what_nobody_else_can_be_told_is_the_postmasters)
{
	make_entry("a@b.example", "");
	add("bob@campus.example", "", 550, "5.1.1 x");
	entry.recipients[0].reported = 1U << REPORT_NONE;
	ck_assert_int_eq(report_owed(&entry, 0, false), REPORT_POSTMASTER);
	ck_assert(report_is_nobodys(&entry));
	entry.recipients[0].reported |= 1U << REPORT_POSTMASTER;
	ck_assert_int_eq(report_owed(&entry, 0, false), REPORT_NONE);
	ck_assert(!report_is_nobodys(&entry));
	entry.recipients[0].reported = 1U << REPORT_NONE | 1U << REPORT_NOBODY;
	ck_assert_int_eq(report_owed(&entry, 0, false), REPORT_NONE);
	ck_assert(report_is_nobodys(&entry));
	remove_entry();
}
END_TEST

START_TEST(about_a_double_bounce_there_is_no_report)
{
	make_entry("", "");
	free(entry.protocol);
	entry.protocol = xstrdup(REPORT_DOUBLE_BOUNCE);
	add("postmaster@campus.example", "", 550, "5.1.1 x");
	ck_assert_int_eq(report_owed(&entry, 0, false), REPORT_NONE);
	ck_assert(report_is_nobodys(&entry));
	remove_entry();
}
END_TEST

START_TEST(a_withdrawn_message_is_not_reported)
{
	make_entry("a@b.example", "");
	add("bob@campus.example", "", 550, "5.1.1 x");
	entry.withdrawn = true;
	ck_assert_int_eq(report_owed(&entry, 0, true), REPORT_NONE);
	remove_entry();
}
END_TEST

static int
collect(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

static const char message[] = "Received: from desk\n"
			      "Subject: hello\n"
			      "\n"
			      "the body\n";

/* Writes the report about all that is owed. */
static void
write_report(struct buf *to)
{
	enum report_action actions[8];
	struct report report = {
		.config = &config,
		.about = &entry,
		.to = entry.sender,
		.actions = actions,
		.id = "60F5E4D3C2B1A0",
		.when = 1795313600,
		.until = 1795745597,
		.message_fd = mail_make(message, strlen(message)),
	};

	for (size_t i = 0; i < entry.recipient_count; i++)
		actions[i] = report_owed(&entry, i, true);
	ck_assert_int_eq(report_write(&report, collect, to), 0);
	close(report.message_fd);
}

static void
expect(const struct buf *text, const char *const *lines)
{
	for (; *lines != NULL; lines++)
		ck_assert_msg(strstr(text->data, *lines) != NULL,
		    "\"%s\" is not in\n%s", *lines, text->data);
}

START_TEST(a_failure_brings_the_message_back)
{
	static const char *const lines[] = {
		"From: MAILER-DAEMON@mail.campus.example ",
		"\nSubject: Undelivered Mail Returned to Sender\n",
		"\nTo: a@b.example\n",
		"\nIn-Reply-To: <m1@desk.example>\n",
		"\nAuto-Submitted: auto-replied\n",
		"Content-Type: multipart/report; "
		"report-type=delivery-status;\n",
		"\n<no@campus.example>: 550 5.1.1 no such ?[31m user",
		"\n\nReporting-MTA: dns; mail.campus.example\n",
		"\nOriginal-Envelope-Id: QQ+314\n",
		"\nOriginal-Recipient: rfc822;No+one@Campus.Example\n"
		"Final-Recipient: rfc822;no@campus.example\n"
		"Action: failed\nStatus: 5.1.1\n"
		"Diagnostic-Code: smtp; 550 5.1.1 no such ?[31m user\n",
		"\nContent-Type: message/rfc822\n\nReceived: from desk\n",
		"\nthe body\n\n--report_60F5E4D3C2B1A0--\n",
		NULL,
	};
	struct buf text = BUF_INIT;

	make_entry("a@b.example", "ENVID=QQ+2B314");
	add("no@campus.example", "ORCPT=rfc822;No+2Bone@Campus.Example", 550,
	    "5.1.1 no such \x1b[31m user");
	add("bob@campus.example", "", 250, "2.0.0 Ok");
	write_report(&text);
	expect(&text, lines);
	ck_assert_ptr_null(strstr(text.data, "bob@campus.example"));
	buf_clear(&text);
	remove_entry();
}
END_TEST

/* RET=HDRS; and success or delay never bring the body back (RFC 3461 6.2). */
static const struct {
	const char *parameters;
	const char *notify;
	int code;
	const char *action;
	bool all;
} returned[] = {
	/* clang-format off */
	{ "",         "",               550, "Action: failed\nStatus: 5.0.0\n",    true },
	{ "RET=FULL", "",               550, "Action: failed\nStatus: 5.0.0\n",    true },
	{ "RET=HDRS", "",               550, "Action: failed\nStatus: 5.0.0\n",    false },
	{ "RET=FULL", "NOTIFY=SUCCESS", 250, "Action: delivered\nStatus: 2.0.0\n", false },
	{ "RET=FULL", "NOTIFY=DELAY",   451, "Action: delayed\nStatus: 4.0.0\n",   false },
	/* clang-format on */
};

START_TEST(what_comes_back_is_what_was_asked_for)
{
	struct buf text = BUF_INIT;

	make_entry("a@b.example", returned[_i].parameters);
	add("bob@campus.example", returned[_i].notify, returned[_i].code,
	    "said");
	write_report(&text);
	ck_assert_ptr_nonnull(strstr(text.data, returned[_i].action));
	ck_assert_int_eq(strstr(text.data, "\nthe body\n") != NULL,
	    returned[_i].all);
	ck_assert_int_eq(strstr(text.data, "Content-Type: message/rfc822\n") !=
		NULL,
	    returned[_i].all);
	ck_assert_int_eq(strstr(text.data,
			     "Content-Type: text/rfc822-headers\n") != NULL,
	    !returned[_i].all);
	ck_assert_ptr_nonnull(strstr(text.data, "\nSubject: hello\n"));
	buf_clear(&text);
	remove_entry();
}
END_TEST

/* RFC 3464 2.3.4; of a reply without one the class (RFC 3463 3.1). */
static const struct {
	int code;
	const char *said;
	const char *status;
} successes[] = {
	/* mda and Postfix, Exchange, Cyrus, Exim */
	{ 250, "2.0.0 <bob@campus.example> Saved", "2.0.0" },
	{ 250, "2.6.0 <m1@desk.example> Queued mail for delivery", "2.6.0" },
	{ 250, "2.1.5 Ok", "2.1.5" },
	{ 250, "OK id=1lFzVx-0003kb-TY", "2.0.0" },
	{ 251, "5.1.6 another class", "2.0.0" },
};

START_TEST(success_has_the_status_of_the_reply)
{
	struct buf text = BUF_INIT;
	char line[80];

	make_entry("a@b.example", "");
	add("bob@campus.example", "NOTIFY=SUCCESS", successes[_i].code,
	    successes[_i].said);
	write_report(&text);
	snprintf(line, sizeof(line), "\nAction: delivered\nStatus: %s\n",
	    successes[_i].status);
	ck_assert_ptr_nonnull(strstr(text.data, line));
	buf_clear(&text);
	remove_entry();
}
END_TEST

START_TEST(a_delay_says_how_long_it_is_tried)
{
	struct buf text = BUF_INIT;

	make_entry("a@b.example", "");
	add("bob@campus.example", "", 451, "4.4.1 mda is away");
	write_report(&text);
	ck_assert_ptr_nonnull(strstr(text.data, "\nWill-Retry-Until: "));
	ck_assert_ptr_nonnull(
	    strstr(text.data, "\nSubject: Delayed Mail (still being retried)"));
	buf_clear(&text);
	remove_entry();
}
END_TEST

START_TEST(other_letters_have_other_types)
{
	static const char *const lines[] = {
		"\nContent-Type: message/global-delivery-status\n",
		"\nContent-Type: message/global\n",
		"\nFinal-Recipient: utf-8;j\xc3\xb6rg@campus.example\n",
		NULL,
	};
	struct buf text = BUF_INIT;

	make_entry("a@b.example", "SMTPUTF8");
	add("j\xc3\xb6rg@campus.example", "", 550, "5.1.1 unknown");
	write_report(&text);
	expect(&text, lines);
	buf_clear(&text);
	remove_entry();
}
END_TEST

Suite *
report_suite(void)
{
	Suite *suite = suite_create("report");
	TCase *tc = tcase_create("report");

	tcase_add_loop_test(tc, the_sender_is_told_what_he_asked_for, 0,
	    COUNT(debts));
	tcase_add_test(tc, a_delay_that_was_told_does_not_hide_the_end);
	tcase_add_test(tc, what_nobody_else_can_be_told_is_the_postmasters);
	tcase_add_test(tc, about_a_double_bounce_there_is_no_report);
	tcase_add_test(tc, a_withdrawn_message_is_not_reported);
	tcase_add_test(tc, a_failure_brings_the_message_back);
	tcase_add_loop_test(tc, what_comes_back_is_what_was_asked_for, 0,
	    COUNT(returned));
	tcase_add_loop_test(tc, success_has_the_status_of_the_reply, 0,
	    COUNT(successes));
	tcase_add_test(tc, a_delay_says_how_long_it_is_tried);
	tcase_add_test(tc, other_letters_have_other_types);
	suite_add_tcase(suite, tc);
	return suite;
}
