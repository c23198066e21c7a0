/*
 * check_lmtp.c - what an LMTP client sees, and what lies in the Maildir then.
 *
 * The conversations are written by check_mda_world.h's play(): the client's
 * whole side at once, so all of it is pipelined.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "tests/check_mda_world.h"
#include "tests/suites.h"

START_TEST(lhlo_lists_what_rfc_2033_asks_for)
{
	ck_assert_str_eq(play("LHLO mx.campus.example\r\nQUIT\r\n"),
	    "220 mail.campus.example LMTP Postlab\r\n"
	    "250-mail.campus.example\r\n"
	    "250-PIPELINING\r\n"
	    "250-SIZE 1114112\r\n"
	    "250-ENHANCEDSTATUSCODES\r\n"
	    "250-8BITMIME\r\n"
	    "250-SMTPUTF8\r\n"
	    "250-XFORWARD ADDR HELO PROTO IDENT LOGIN TLS\r\n"
	    "250 CHUNKING\r\n"
	    "221 2.0.0 Bye\r\n");
}
END_TEST

static const struct {
	const char *wire;
	const char *codes;
} dialogs[] = {
	/* clang-format off */
	{ "HELO x\r\nEHLO x\r\nlhlo x\r\n",             "220 500 500 250" },
	{ "LHLO\r\nFOO\r\n\r\nquit\r\nNOOP\r\n",        "220 501 500 500 221" },
	{ FROM_ALICE TO_BOB "DATA\r\n",                 "220 503 503 503" },
	{ GREET TO_BOB "DATA\r\n",                      "220 250 503 503" },
	{ GREET FROM_ALICE "DATA\r\n",                  "220 250 250 503" },
	{ GREET FROM_ALICE FROM_ALICE,                  "220 250 250 503" },
	{ GREET FROM_ALICE TO_BOB "RSET\r\n" TO_BOB,    "220 250 250 250 250 503" },
	{ GREET FROM_ALICE TO_BOB GREET TO_BOB,         "220 250 250 250 250 503" },
	{ GREET FROM_ALICE "RCPT TO:<nobody@campus.example>\r\nDATA\r\n",
	    "220 250 250 550 503" },
	{ GREET FROM_ALICE "RCPT TO:<bob@far.example>\r\n", "220 250 250 550" },
	{ GREET FROM_ALICE "RCPT TO:<>\r\n",            "220 250 250 501" },
	{ GREET FROM_ALICE "RCPT TO:<BOB@Campus.EXAMPLE>\r\n", "220 250 250 250" },
	{ GREET "MAIL FROM:<>\r\n" TO_BOB,              "220 250 250 250" },
	{ GREET "MAIL FROM:alice\r\nMAIL\r\nMAIL TO:<a@b>\r\n", "220 250 501 501 501" },
	{ GREET "MAIL FROM:<a@b.example> SIZE=1114112 BODY=8BITMIME\r\n", "220 250 250" },
	{ GREET "MAIL FROM:<a@b.example> SIZE=1114113\r\n", "220 250 552" },
	{ GREET "MAIL FROM:<a@b.example> SIZE=99999999999999999999\r\n", "220 250 552" },
	{ GREET "MAIL FROM:<a@b.example> SIZE=x\r\n",   "220 250 501" },
	{ GREET "MAIL FROM:<a@b.example> SIZE\r\n",     "220 250 501" },
	{ GREET "MAIL FROM:<a@b.example> BODY=9BIT\r\n", "220 250 501" },
	{ GREET "MAIL FROM:<a@b.example> FOO=1\r\n",    "220 250 555" },
	{ GREET FROM_ALICE "RCPT TO:<bob@campus.example> FOO\r\n", "220 250 250 555" },
	{ GREET FROM_ALICE "XFORWARD ADDR=192.0.2.1\r\n", "220 250 250 503" },
	{ GREET "XFORWARD ADDR=192.0.2.1 HELO=a+20b ident=3F\r\n", "220 250 250" },
	{ GREET "XFORWARD\r\nXFORWARD HELO\r\nXFORWARD FOO=1\r\n", "220 250 501 501 501" },
	{ GREET "XFORWARD HELO=a+0Db\r\nXFORWARD HELO=a+0\r\n", "220 250 501 501" },
	{ GREET "XFORWARD tls=TLS1.3+20X\r\nXFORWARD TLS=a+0Ab\r\nXFORWARD TLS\r\n",
	    "220 250 250 501 501" },
	{ GREET "STARTTLS\r\nTURN\r\nHELP\r\n",       "220 250 500 500 500" },
	{ "VRFY bob\r\n" GREET FROM_ALICE "VRFY nobody\r\n" TO_BOB "VRFY\r\n",
	    "220 252 250 250 252 250 501" },
	{ GREET "MAIL FROM:<J\xc3\xb6rg@b.example> SMTPUTF8\r\n", "220 250 250" },
	{ GREET "MAIL FROM:<a@b.example> SMTPUTF8=1\r\n", "220 250 501" },
	/* what LHLO does not offer */
	{ GREET "MAIL FROM:<a@b.example> AUTH=<>\r\n", "220 250 555" },
	{ GREET "MAIL FROM:<a@b.example> RET=HDRS\r\n", "220 250 555" },
	{ GREET "MAIL FROM:<a@b.example> ENVID=1\r\n", "220 250 555" },
	{ GREET FROM_ALICE "RCPT TO:<bob@campus.example> NOTIFY=NEVER\r\n",
	    "220 250 250 555" },
	/* clang-format on */
};

START_TEST(commands_obey_the_state)
{
	ck_assert_str_eq(codes_of(play(dialogs[_i].wire)), dialogs[_i].codes);
}
END_TEST

START_TEST(unknown_mailboxes_are_refused_with_their_name)
{
	const char *said =
	    play(GREET FROM_ALICE "RCPT TO:<nobody@campus.example>\r\n");

	ck_assert_ptr_nonnull(strstr(said,
	    "\r\n550 5.1.1 <nobody@campus.example> No such mailbox here\r\n"));
}
END_TEST

START_TEST(a_copy_is_three_fields_and_the_message)
{
	char name[256];
	const char *said = play(
	    GREET "MAIL FROM:<alice@campus.example>\r\n"
		  "RCPT TO:<Bob@campus.example>\r\n"
		  "DATA\r\n"
		  "Received: by mx; Sun, 22 Nov 2026 02:00:00 +0000\r\n"
		  "Subject: dots\r\n\r\n..\r\n...x\r\n\xE9\r\n.\r\nQUIT\r\n");

	ck_assert_str_eq(codes_of(said), "220 250 250 250 354 250 221");
	ck_assert_ptr_nonnull(
	    strstr(said, "\r\n250 2.0.0 <bob@campus.example> Saved\r\n"));
	ck_assert_str_eq(only_message(BOB, name, sizeof(name)),
	    "Return-Path: <alice@campus.example>\n"
	    "X-Original-To: Bob@campus.example\n"
	    "Delivered-To: bob@campus.example\n"
	    "Received: by mx; Sun, 22 Nov 2026 02:00:00 +0000\n"
	    "Subject: dots\n\n.\n..x\n\xE9\n");
	/* 36+34+33+49+14+1+2+4+2 octets with LF, nine lines */
	ck_assert_msg(strstr(name, ",S=175,W=184") != NULL, "%s", name);
}
END_TEST

START_TEST(the_null_sender_is_kept_as_such)
{
	char name[256];

	play(GREET "MAIL FROM:<>\r\n" TO_BOB "DATA\r\nSubject: x\r\n\r\n.\r\n");
	ck_assert_int_eq(strncmp(only_message(BOB, name, sizeof(name)),
			     "Return-Path: <>\nX-Original-To: ", 31),
	    0);
}
END_TEST

START_TEST(a_text_without_header_stays_body)
{
	char name[256];

	play(GREET FROM_ALICE TO_BOB "DATA\r\nhello Bob\r\n.\r\n");
	ck_assert_ptr_nonnull(strstr(only_message(BOB, name, sizeof(name)),
	    "Delivered-To: bob@campus.example\n\nhello Bob\n"));
	ck_assert_ptr_nonnull(strstr(name, ",S=114,W=119"));
}
END_TEST

static const struct {
	const char *parameter;
	const char *original;
} originals[] = {
	/* clang-format off */
	{ "ORCPT=rfc822;staff@campus.example",     "staff@campus.example" },
	{ "orcpt=RFC822;bob+2Bnews@campus.example",
	    "bob+news@campus.example" },
	{ "ORCPT=x400;/c=es/",                     "bob@campus.example" },
	/* what would become a header line of its own */
	{ "ORCPT=rfc822;a+0AFrom:+20evil",         "bob@campus.example" },
	{ "ORCPT=rfc822;",                         "bob@campus.example" },
	{ "ORCPT",                                 "bob@campus.example" },
	/* clang-format on */
};

START_TEST(orcpt_becomes_x_original_to)
{
	char wire[512], expected[256], name[256];

	snprintf(wire, sizeof(wire),
	    GREET FROM_ALICE "RCPT TO:<bob@campus.example> %s\r\n"
			     "DATA\r\nSubject: x\r\n\r\n.\r\n",
	    originals[_i].parameter);
	ck_assert_str_eq(codes_of(play(wire)), "220 250 250 250 354 250");
	snprintf(expected, sizeof(expected),
	    "Return-Path: <alice@campus.example>\nX-Original-To: %s\n"
	    "Delivered-To: bob@campus.example\nSubject: x\n\n",
	    originals[_i].original);
	ck_assert_str_eq(only_message(BOB, name, sizeof(name)), expected);
}
END_TEST

START_TEST(every_recipient_gets_an_answer_of_his_own_in_order)
{
	const char *said = play(GREET FROM_ALICE TO_BOB
	    "RCPT TO:<nobody@campus.example>\r\n"
	    "RCPT TO:<alice@campus.example>\r\n"
	    "DATA\r\nDelivered-To: bob@campus.example\r\n\r\nhi\r\n.\r\n"
	    "NOOP\r\n");

	ck_assert_str_eq(codes_of(said),
	    "220 250 250 250 550 250 354 554 250 250");
	ck_assert_ptr_nonnull(strstr(said, "\r\n554 5.4.6 <bob@campus"));
	ck_assert_ptr_nonnull(
	    strstr(said, "\r\n250 2.0.0 <alice@campus.example> Saved\r\n"));
	ck_assert_int_eq(count_new(BOB), 0);
	ck_assert_int_eq(count_new(ALICE), 1);
}
END_TEST

START_TEST(who_is_named_twice_gets_one_copy_and_two_answers)
{
	ck_assert_str_eq(codes_of(play(GREET FROM_ALICE TO_BOB TO_BOB
			     "DATA\r\nSubject: x\r\n\r\n.\r\n")),
	    "220 250 250 250 250 354 250 250");
	ck_assert_int_eq(count_new(BOB), 1);
}
END_TEST

START_TEST(several_transactions_share_nothing)
{
	char name[256];
	const char *said = play(GREET FROM_ALICE TO_BOB
	    "RCPT TO:<alice@campus.example>\r\n"
	    "DATA\r\nSubject: first\r\n\r\nlong long long\r\n.\r\n"
	    "MAIL FROM:<>\r\nRCPT TO:<small@campus.example>\r\n"
	    "DATA\r\nSubject: second\r\n\r\n.\r\n");

	ck_assert_str_eq(codes_of(said),
	    "220 250 250 250 250 354 250 250 250 250 354 250");
	ck_assert_int_eq(count_new(BOB), 1);
	ck_assert_str_eq(only_message("mail/campus.example/small", name,
			     sizeof(name)),
	    "Return-Path: <>\nX-Original-To: small@campus.example\n"
	    "Delivered-To: small@campus.example\nSubject: second\n\n");
}
END_TEST

/* Who says XFORWARD is a program, and holds a worker that others wait for. */
static const struct {
	const char *xforward;
	const char *codes;
} pauses[] = {
	{ "", "220 250 250 250 354 250 221" },
	{ "XFORWARD IDENT=4F\r\n", "220 250 250 250 250 354 250" },
};

START_TEST(a_front_end_is_not_waited_for_after_its_message)
{
	char wire[512];

	snprintf(wire, sizeof(wire),
	    GREET "%s" FROM_ALICE TO_BOB "DATA\r\nSubject: x\r\n\r\n.\r\n",
	    pauses[_i].xforward);
	ck_assert_str_eq(codes_of(play_slowly(wire, "QUIT\r\n")),
	    pauses[_i].codes);
	ck_assert_int_eq(count_new(BOB), 1);
}
END_TEST

#define TEXT(s) s, sizeof(s) - 1

static const struct {
	const char *text;
	size_t size;
	const char *reply;
} refused[] = {
	/* clang-format off */
	{ TEXT("S: x\r\n\r\na\nb\r\n.\r\n"),      "550 5.5.2 <LF> without" },
	{ TEXT("S: x\r\n\r\na\rb\r\n.\r\n"),      "550 5.5.2 <CR> without" },
	{ TEXT("S: x\r\n\r\na\0b\r\n.\r\n"),      "550 5.5.2 NUL" },
	{ TEXT("S: x\r\n\r\nb\n.\r\n\r\n.\r\n"), "550 5.5.2 <LF> without" },
	/* clang-format on */
};

START_TEST(a_text_with_wrong_line_ends_is_refused_for_everybody)
{
	struct buf wire = BUF_INIT;
	const char *said, *first;

	buf_addstr(&wire,
	    GREET FROM_ALICE TO_BOB
	    "RCPT TO:<alice@campus.example>\r\nDATA\r\n");
	buf_add(&wire, refused[_i].text, refused[_i].size);
	buf_addstr(&wire, "NOOP\r\n");
	said = play_bytes(wire.data, wire.size);
	ck_assert_str_eq(codes_of(said), "220 250 250 250 250 354 550 550 250");
	first = strstr(said, refused[_i].reply);
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_nonnull(strstr(first + 1, refused[_i].reply));
	ck_assert_int_eq(count_new(BOB) + count_new(ALICE), 0);
	buf_clear(&wire);
}
END_TEST

START_TEST(a_message_that_breaks_off_is_not_delivered)
{
	ck_assert_str_eq(codes_of(play(GREET FROM_ALICE TO_BOB
			     "DATA\r\nSubject: x\r\n\r\nhalf of it\r\n.")),
	    "220 250 250 250 354");
	ck_assert_int_eq(count_new(BOB), 0);
}
END_TEST

/* 256 KiB stay in memory; around that size and above it all must arrive. */
START_TEST(a_message_of_any_size_arrives_whole)
{
	static const size_t sizes[] = { 1000, 262100, 262144, 262145, 300000,
		1000000 };
	struct buf wire = BUF_INIT, expected = BUF_INIT;
	char name[256], sizes_in_name[64];
	int64_t lines = 5;

	buf_addstr(&wire,
	    GREET FROM_ALICE TO_BOB
	    "DATA\r\nReturn-Path: <x@y>\r\nSubject: x\r\n\r\n");
	buf_addstr(&expected,
	    "Return-Path: <alice@campus.example>\n"
	    "X-Original-To: bob@campus.example\n"
	    "Delivered-To: bob@campus.example\n"
	    "Subject: x\n\n");
	for (unsigned n = 0; wire.size < sizes[_i]; n++, lines++) {
		buf_printf(&wire, "%u bottles of beer on the wall\r\n", n);
		buf_printf(&expected, "%u bottles of beer on the wall\n", n);
	}
	buf_addstr(&wire, ".\r\n");
	ck_assert_str_eq(codes_of(play_bytes(wire.data, wire.size)),
	    "220 250 250 250 354 250");
	ck_assert(
	    strcmp(only_message(BOB, name, sizeof(name)), expected.data) == 0);
	snprintf(sizes_in_name, sizeof(sizes_in_name), ",S=%zu,W=%zu",
	    expected.size, expected.size + (size_t)lines);
	ck_assert_ptr_nonnull(strstr(name, sizes_in_name));
	buf_clear(&wire);
	buf_clear(&expected);
}
END_TEST

START_TEST(a_message_that_is_too_big_leaves_the_session_usable)
{
	struct buf wire = BUF_INIT;

	buf_addstr(&wire, GREET FROM_ALICE TO_BOB "DATA\r\n");
	while (wire.size < 1200000)
		buf_addstr(&wire, "a line like any other\r\n");
	buf_addstr(&wire, ".\r\n" FROM_ALICE);
	ck_assert_str_eq(codes_of(play_bytes(wire.data, wire.size)),
	    "220 250 250 250 354 552 250");
	ck_assert_int_eq(count_new(BOB), 0);
	buf_clear(&wire);
}
END_TEST

Suite *
lmtp_suite(void)
{
	Suite *suite = suite_create("lmtp");
	TCase *tc = tcase_create("lmtp");

	/* One of them pauses. */
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, mda_world_make, mda_world_remove);
	tcase_add_test(tc, lhlo_lists_what_rfc_2033_asks_for);
	tcase_add_loop_test(tc, commands_obey_the_state, 0, COUNT(dialogs));
	tcase_add_test(tc, unknown_mailboxes_are_refused_with_their_name);
	tcase_add_test(tc, a_copy_is_three_fields_and_the_message);
	tcase_add_test(tc, the_null_sender_is_kept_as_such);
	tcase_add_test(tc, a_text_without_header_stays_body);
	tcase_add_loop_test(tc, orcpt_becomes_x_original_to, 0,
	    COUNT(originals));
	tcase_add_test(tc, every_recipient_gets_an_answer_of_his_own_in_order);
	tcase_add_test(tc, who_is_named_twice_gets_one_copy_and_two_answers);
	tcase_add_test(tc, several_transactions_share_nothing);
	tcase_add_loop_test(tc, a_front_end_is_not_waited_for_after_its_message,
	    0, sizeof(pauses) / sizeof(pauses[0]));
	tcase_add_loop_test(tc,
	    a_text_with_wrong_line_ends_is_refused_for_everybody, 0,
	    COUNT(refused));
	tcase_add_test(tc, a_message_that_breaks_off_is_not_delivered);
	tcase_add_loop_test(tc, a_message_of_any_size_arrives_whole, 0, 6);
	tcase_add_test(tc, a_message_that_is_too_big_leaves_the_session_usable);
	suite_add_tcase(suite, tc);
	return suite;
}
