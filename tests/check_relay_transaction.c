/*
 * check_relay_transaction.c - one message over an open session: what is said
 * (RFC 5321 4.1, 3461 4 to 5, 3030 2, 6152, 6531 3) and what becomes of each
 * of two recipients.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/conn.h"
#include "smtpd/relay_seven.h"
#include "smtpd/relay_transaction.h"
#include "smtpd/report.h"
#include "tests/check_relay_letter.h"
#include "tests/check_smtp_peer.h"
#include "tests/suites.h"

#define M "MAIL FROM:<a@campus.example>\r\n"
#define B "RCPT TO:<b@far.example>\r\n"
#define C "RCPT TO:<c@far.example>\r\n"
#define D "DATA\r\n"
#define T "Subject: x\r\n\r\nHello.\r\n.\r\n"
#define R "RSET\r\n"
#define OK "250 2.0.0 Ok\r\n"
#define GO "354 go on\r\n"
#define NO "550 5.1.1 nobody\r\n"
#define FULL "452 4.2.2 full\r\n"
#define HOST "mx.far.example[192.0.2.1]:25"
#define LOST "4.4.2 conversation with " HOST ": closed by the other side"
#define NOISE "4.4.2 conversation with " HOST ": "
#define SENT "4.4.2 conversation with " HOST ", after the message was sent: "

static struct hop hop;
static struct relay_session session;
static const struct relay_batch both = { 2, { 0, 1 } };

static void
begin(void)
{
	relay_letter_begin();
	hop = (struct hop){ .host = "mx.far.example" };
	hop.address.ss_family = AF_INET;
}

/* The same for c as well. */
static void
write_letter(const char *text, const char *parameters)
{
	relay_letter_write(text, parameters);
	queue_entry_add(&relay_letter_entry, "c@far.example", "");
}

/* Sends it to a host that offers that and plays SCRIPT. */
static bool
send_letter(unsigned offered, const struct exchange *script, bool until_end)
{
	session = (struct relay_session){
		.config = &relay_letter_config,
		.id = relay_letter_entry.id,
		.hop = &hop,
		.where = HOST,
		.client = {
			.conn = smtp_peer_start(script, until_end),
			.extensions = offered,
		},
	};
	return relay_transaction(&session, &relay_letter_job, &both);
}

struct word {
	int code;
	const char *text;
};

/* A 2xx is done, a 5xx has failed, and a 4xx waits (RFC 5321 4.2.1). */
static void
ck_was_told(size_t i, const struct word *word, bool by_host)
{
	const struct queue_recipient *rcpt = &relay_letter_entry.recipients[i];
	enum recipient_state state = RCPT_PENDING;

	if (word->code / 100 == 2)
		state = RCPT_DONE;
	else if (word->code / 100 == 5)
		state = RCPT_FAILED;
	ck_assert_int_eq(rcpt->last.code, word->code);
	ck_assert_str_eq(rcpt->last.text, word->text);
	ck_assert_int_eq(rcpt->state, state);
	ck_assert_str_eq(rcpt->host, by_host ? "mx.far.example" : "");
	ck_assert(rcpt->fresh);
}

enum { PIPE = EXT_PIPELINING };
static const struct word done = { 250, "2.0.0 Ok" };
static const struct word nobody = { 550, "5.1.1 nobody" };

/* What the host says, up to the end; it and the connection remain. */
static const struct {
	unsigned offered;
	struct exchange script[EXCHANGES_MAX];
	struct word b, c;
	bool go_on; /* who waits may be offered to another host */
} verdicts[] = {
	/* clang-format off */
	{ 0, { { M, OK }, { B, OK }, { C, OK }, { D, GO }, { T, OK } },
	  { 250, "2.0.0 Ok" }, { 250, "2.0.0 Ok" }, false },
	{ PIPE, { { M B C D, OK OK OK GO }, { T, OK } },
	  { 250, "2.0.0 Ok" }, { 250, "2.0.0 Ok" }, false },
	/* MAIL: it is about both */
	{ 0, { { M, "451 4.3.0 later\r\n" } },
	  { 451, "4.3.0 later" }, { 451, "4.3.0 later" }, true },
	{ 0, { { M, "550 5.7.1 go away\r\n" } },
	  { 550, "5.7.1 go away" }, { 550, "5.7.1 go away" }, true },
	{ PIPE, { { M B C D, "550 5.7.1 no\r\n503 a\r\n503 b\r\n503 c\r\n" } },
	  { 550, "5.7.1 no" }, { 550, "5.7.1 no" }, true },
	/* RCPT: each for himself */
	{ 0, { { M, OK }, { B, NO }, { C, OK }, { D, GO }, { T, OK } },
	  { 550, "5.1.1 nobody" }, { 250, "2.0.0 Ok" }, false },
	{ 0, { { M, OK }, { B, OK }, { C, FULL }, { D, GO }, { T, OK } },
	  { 250, "2.0.0 Ok" }, { 452, "4.2.2 full" }, false },
	{ PIPE, { { M B C D, OK NO FULL "503 5.5.1 none\r\n" }, { R, OK } },
	  { 550, "5.1.1 nobody" }, { 452, "4.2.2 full" }, true },
	/* RFC 2920 3.1: DATA may be accepted for nobody */
	{ PIPE, { { M B C D, OK NO FULL GO }, { ".\r\n", "554 none\r\n" } },
	  { 550, "5.1.1 nobody" }, { 452, "4.2.2 full" }, true },
	{ 0, { { M, OK }, { B, NO }, { C, FULL }, { R, OK } },
	  { 550, "5.1.1 nobody" }, { 452, "4.2.2 full" }, true },
	/* DATA: about those who were accepted */
	{ 0, { { M, OK }, { B, OK }, { C, NO }, { D, "451 4.3.2 no\r\n" },
	       { R, OK } },
	  { 451, "4.3.2 no" }, { 550, "5.1.1 nobody" }, true },
	{ 0, { { M, OK }, { B, FULL }, { C, OK }, { D, "554 5.7.1 no\r\n" },
	       { R, OK } },
	  { 452, "4.2.2 full" }, { 554, "5.7.1 no" }, true },
	/* the final dot: the same, and no further host is asked */
	{ 0, { { M, OK }, { B, OK }, { C, NO }, { D, GO },
	       { T, "452 4.3.1 disk\r\n" } },
	  { 452, "4.3.1 disk" }, { 550, "5.1.1 nobody" }, false },
	{ 0, { { M, OK }, { B, FULL }, { C, OK }, { D, GO },
	       { T, "550 5.7.1 spam\r\n" } },
	  { 452, "4.2.2 full" }, { 550, "5.7.1 spam" }, false },
	/* BDAT (RFC 3030 2) */
	{ EXT_CHUNKING, { { M, OK }, { B, OK }, { C, NO },
	    { "BDAT 22 LAST\r\nSubject: x\r\n\r\nHello.\r\n", OK } },
	  { 250, "2.0.0 Ok" }, { 550, "5.1.1 nobody" }, false },
	{ EXT_CHUNKING, { { M, OK }, { B, FULL }, { C, NO }, { R, OK } },
	  { 452, "4.2.2 full" }, { 550, "5.1.1 nobody" }, true },
	{ EXT_CHUNKING, { { M, OK }, { B, OK }, { C, OK },
	    { "BDAT 22 LAST\r\nSubject: x\r\n\r\nHello.\r\n",
	      "552 5.3.4 big\r\n" }, { R, OK } },
	  { 552, "5.3.4 big" }, { 552, "5.3.4 big" }, false },
	/* RFC 1870 6.1: too large is said to MAIL */
	{ EXT_SIZE, { { "MAIL FROM:<a@campus.example> SIZE=22\r\n",
	      "552 5.3.4 big\r\n" } },
	  { 552, "5.3.4 big" }, { 552, "5.3.4 big" }, true },
	/* clang-format on */
};

START_TEST(a_hosts_word_is_passed_on_to_whom_it_concerns)
{
	relay_letter_config.relay_chunking = true;
	write_letter("Subject: x\n\nHello.\n", "");
	ck_assert_int_eq(send_letter(verdicts[_i].offered, verdicts[_i].script,
			     true),
	    verdicts[_i].go_on);
	ck_was_told(0, &verdicts[_i].b, true);
	ck_was_told(1, &verdicts[_i].c, true);
	ck_assert(!session.client.broken);
	ck_smtp_peer_was_content(session.client.conn);
}
END_TEST

/* The connection ends behind the script, or is of no use any more. */
static const struct {
	unsigned offered;
	struct exchange script[EXCHANGES_MAX];
	struct word b, c;
	bool go_on;
	bool by_host; /* b's word */
	bool c_by_host;
} troubles[] = {
	/* clang-format off */
	{ 0, { { M, NULL } }, { 451, LOST }, { 451, LOST }, true, 0, 0 },
	{ 0, { { M, OK }, { B, NULL } },
	  { 451, LOST }, { 451, LOST }, true, 0, 0 },
	{ 0, { { M, OK }, { B, "250-2.0.0 and\r\n" } },
	  { 451, LOST }, { 451, LOST }, true, 0, 0 },
	{ 0, { { M, OK }, { B, NO }, { C, NULL } },
	  { 550, "5.1.1 nobody" }, { 451, LOST }, true, true, 0 },
	{ 0, { { M, OK }, { B, OK }, { C, NO }, { D, NULL } },
	  { 451, LOST }, { 550, "5.1.1 nobody" }, true, 0, true },
	{ PIPE, { { M B C D, OK NO } },
	  { 550, "5.1.1 nobody" }, { 451, LOST }, true, true, 0 },
	/* RFC 5321 4.5.4.1: he may have it, or not */
	{ 0, { { M, OK }, { B, OK }, { C, NO }, { D, GO }, { T, NULL } },
	  { 451, SENT "closed by the other side" }, { 550, "5.1.1 nobody" },
	  false, 0, true },
	{ 0, { { M, OK }, { B, OK }, { C, OK }, { D, GO }, { T, "25" } },
	  { 451, SENT "closed by the other side" },
	  { 451, SENT "closed by the other side" }, false, 0, 0 },
	{ 0, { { M, OK }, { B, OK }, { C, OK }, { D, GO }, { T, "what?\r\n" } },
	  { 451, SENT "the other side does not answer as SMTP does" },
	  { 451, SENT "the other side does not answer as SMTP does" },
	  false, 0, 0 },
	{ 0, { { M, OK }, { B, OK }, { C, OK }, { D, GO }, { T, GO } },
	  { 451, SENT "354 is no answer to this command" },
	  { 451, SENT "354 is no answer to this command" }, false, 0, 0 },
	/* 421 is the host's own word */
	{ 0, { { M, "421 4.3.2 shutting down\r\n" } },
	  { 421, "4.3.2 shutting down" }, { 421, "4.3.2 shutting down" },
	  true, true, true },
	/*
	 * One reply too many, late: who was answered what cannot be known, so
	 * nobody has failed, and nobody has it.
	 */
	{ 0, { { M, OK OK }, { B C, NO OK } },
	  { 451, NOISE "250 is no answer to this command" },
	  { 451, NOISE "250 is no answer to this command" }, true, 0, 0 },
	{ PIPE, { { M B C D, OK OK NO OK GO } },
	  { 451, NOISE "250 is no answer to this command" },
	  { 451, NOISE "250 is no answer to this command" }, true, 0, 0 },
	/* one too few */
	{ PIPE, { { M B C D, OK NO GO } },
	  { 451, NOISE "354 is no answer to this command" },
	  { 451, NOISE "354 is no answer to this command" }, true, 0, 0 },
	/* DATA was accepted, but by a reply to something else refused */
	{ 0, { { M, OK OK }, { B C, OK NO }, { D R, GO } },
	  { 451, NOISE "354 is no answer to RSET" },
	  { 451, NOISE "354 is no answer to RSET" }, true, 0, 0 },
	/* CHUNKING is offered, and BDAT not known: nothing was sent */
	{ EXT_CHUNKING, { { M, OK }, { B, OK }, { C, NO },
	    { "BDAT 22 LAST\r\nSubject: x\r\n\r\nHello.\r\n", "500 what\r\n" } },
	  { 421, "4.5.0 CHUNKING is offered, but BDAT is not known: 500 what" },
	  { 550, "5.1.1 nobody" }, true, true, true },
	/* clang-format on */
};

START_TEST(trouble_on_the_way_is_a_word_of_ours_and_final_for_nobody)
{
	relay_letter_config.relay_chunking = true;
	write_letter("Subject: x\n\nHello.\n", "");
	ck_assert_int_eq(send_letter(troubles[_i].offered, troubles[_i].script,
			     false),
	    troubles[_i].go_on);
	ck_was_told(0, &troubles[_i].b, troubles[_i].by_host);
	ck_was_told(1, &troubles[_i].c, troubles[_i].c_by_host);
	/* Who does not know BDAT is remembered, and no other. */
	ck_assert_int_eq(relay_bdat_is_refused(&relay_letter_bdat,
			     &hop.address),
	    (troubles[_i].offered & EXT_CHUNKING) != 0);
	ck_smtp_peer_was_content(session.client.conn);
}
END_TEST

START_TEST(who_is_silent_after_the_final_dot_may_have_it)
{
	static const struct exchange script[] = { { M, OK }, { B, OK },
		{ C, OK }, { D, GO }, { T, NULL }, { NULL, NULL } };

	relay_letter_config.relay_final_timeout = 1;
	write_letter("Subject: x\n\nHello.\n", "");
	ck_assert(!send_letter(0, script, true));
	ck_was_told(0, &(struct word){ 451, SENT "timed out" }, false);
	ck_assert(session.client.broken);
	ck_smtp_peer_was_content(session.client.conn);
}
END_TEST

/* A reset that is refused leaves nobody knows what for the next message. */
START_TEST(who_refuses_a_reset_gets_nothing_more_on_this_connection)
{
	static const struct exchange script[] = { { M, OK }, { B, NO },
		{ C, NO }, { R, "502 5.5.1 what\r\n" }, { NULL, NULL } };

	write_letter("Subject: x\n\nHello.\n", "");
	ck_assert(send_letter(0, script, true));
	ck_was_told(0, &nobody, true);
	ck_was_told(1, &nobody, true);
	ck_assert(session.client.broken);
	ck_smtp_peer_was_content(session.client.conn);
}
END_TEST

START_TEST(the_duty_to_report_success_goes_to_who_knows_dsn_and_has_taken_it)
{
	static const struct exchange with[] = {
		{ "MAIL FROM:<a@campus.example> RET=HDRS ENVID=7\r\n", OK },
		{ "RCPT TO:<b@far.example> NOTIFY=SUCCESS\r\n", OK }, { C, NO },
		{ D, GO }, { T, OK }, { NULL, NULL }
	};
	static const struct exchange without[] = { { M, OK }, { B, OK },
		{ C, NO }, { D, GO }, { T, OK }, { NULL, NULL } };

	write_letter("Subject: x\n\nHello.\n", "RET=HDRS ENVID=7");
	free(relay_letter_entry.recipients[0].parameters);
	relay_letter_entry.recipients[0].parameters = xstrdup("NOTIFY=SUCCESS");
	send_letter(_i == 0 ? 0 : EXT_DSN, _i == 0 ? without : with, true);
	ck_was_told(0, &done, true);
	ck_was_told(1, &nobody, true);
	ck_assert_uint_eq(relay_letter_entry.recipients[0].reported,
	    _i == 0 ? 0 : 1U << REPORT_RELAYED);
	ck_assert_uint_eq(relay_letter_entry.recipients[1].reported, 0);
	ck_smtp_peer_was_content(session.client.conn);
}
END_TEST

Suite *
relay_transaction_suite(void)
{
	Suite *suite = suite_create("relay_transaction");
	TCase *tc = tcase_create("transaction");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, begin, relay_letter_end);
	tcase_add_loop_test(tc, a_hosts_word_is_passed_on_to_whom_it_concerns,
	    0, COUNT(verdicts));
	tcase_add_loop_test(tc,
	    trouble_on_the_way_is_a_word_of_ours_and_final_for_nobody, 0,
	    COUNT(troubles));
	tcase_add_test(tc, who_is_silent_after_the_final_dot_may_have_it);
	tcase_add_test(tc,
	    who_refuses_a_reset_gets_nothing_more_on_this_connection);
	tcase_add_loop_test(tc,
	    the_duty_to_report_success_goes_to_who_knows_dsn_and_has_taken_it,
	    0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
