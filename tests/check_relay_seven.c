/*
 * check_relay_seven.c - what is left out, converted or refused for a host that
 * does not know an extension the message would need (RFC 6152 3, 6531 3.2).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/conn.h"
#include "smtpd/relay_seven.h"
#include "smtpd/relay_transaction.h"
#include "tests/check_relay_letter.h"
#include "tests/check_smtp_peer.h"
#include "tests/suites.h"

#define MAIL "MAIL FROM:<a@campus.example>"
#define RCPT "RCPT TO:<b@far.example>\r\n"
#define OK "250 2.0.0 Ok\r\n"
#define GO "354 go on\r\n"
#define HOST "mx.far.example[192.0.2.1]:25"
#define UMLAUT "\xc3\xbc"

/* Sends it to a host that offers that; MAIL and TEXT are what it expects. */
static void
send_letter(unsigned offered, const char *mail, const char *text, bool others)
{
	static const struct hop hop = { .host = "mx.far.example" };
	static const struct relay_batch batch = { 1, { 0 } };
	const struct exchange script[] = { { mail, OK }, { RCPT, OK },
		{ "DATA\r\n", GO }, { text, OK }, { NULL, NULL } };
	struct relay_session session = {
		.config = &relay_letter_config,
		.id = relay_letter_entry.id,
		.hop = &hop,
		.where = HOST,
		.others = others,
		.client = {
			.conn = smtp_peer_start(mail == NULL ? script + 4
							     : script, true),
			.extensions = offered,
		},
	};

	/* Who was told nothing of it may be offered to another. */
	ck_assert_int_eq(relay_transaction(&session, &relay_letter_job, &batch),
	    mail == NULL);
	ck_smtp_peer_was_content(session.client.conn);
}

#define PLAIN "Subject: x\n\nHello.\n"
#define BODY "Subject: x\n\nGr" UMLAUT "n\n"
#define HEADER "Subject: " UMLAUT "\n\nHello.\n"
#define QP                                                                     \
	"Subject: x\r\nMIME-Version: 1.0\r\n"                                  \
	"Content-Type: text/plain; charset=utf-8\r\n"                          \
	"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BCn\r\n"

static const struct {
	unsigned offered;
	const char *message, *parameters; /* given by the client */
	const char *mail, *text;          /* of the host */
	bool eight_bit;                   /* configured */
} ways[] = {
	/* clang-format off */
	{ EXT_8BITMIME, BODY, "BODY=8BITMIME", MAIL " BODY=8BITMIME\r\n",
	  "Subject: x\r\n\r\nGr" UMLAUT "n\r\n.\r\n", false },
	/* whatever the client has said: of what is true, it is said */
	{ EXT_8BITMIME, BODY, "", MAIL " BODY=8BITMIME\r\n",
	  "Subject: x\r\n\r\nGr" UMLAUT "n\r\n.\r\n", false },
	{ EXT_8BITMIME, PLAIN, "BODY=8BITMIME", MAIL "\r\n",
	  "Subject: x\r\n\r\nHello.\r\n.\r\n", false },
	{ EXT_8BITMIME | EXT_SIZE, BODY, "SIZE=9", MAIL
	  " SIZE=21 BODY=8BITMIME\r\n",
	  "Subject: x\r\n\r\nGr" UMLAUT "n\r\n.\r\n", false },
	{ 0, BODY, "BODY=8BITMIME", MAIL "\r\n", QP ".\r\n", false },
	/* the size is that of the copy: 18+19+41+45+2+11 octets */
	{ EXT_SIZE, BODY, "", MAIL " SIZE=130\r\n", QP ".\r\n", false },
	/* as the operator wants it */
	{ 0, BODY, "BODY=8BITMIME", MAIL "\r\n",
	  "Subject: x\r\n\r\nGr" UMLAUT "n\r\n.\r\n", true },
	/* RFC 6531 3.2, 3.4 */
	{ EXT_8BITMIME | EXT_SMTPUTF8, HEADER, "SMTPUTF8",
	  MAIL " BODY=8BITMIME SMTPUTF8\r\n",
	  "Subject: " UMLAUT "\r\n\r\nHello.\r\n.\r\n", false },
	/* asked for and not needed: not asked for (as Postfix does) */
	{ EXT_8BITMIME, PLAIN, "SMTPUTF8", MAIL "\r\n",
	  "Subject: x\r\n\r\nHello.\r\n.\r\n", false },
	/* clang-format on */
};

START_TEST(a_message_is_sent_in_the_words_that_the_host_knows)
{
	relay_letter_config.relay_eight_bit = ways[_i].eight_bit;
	relay_letter_write(ways[_i].message, ways[_i].parameters);
	send_letter(ways[_i].offered, ways[_i].mail, ways[_i].text, false);
	ck_assert_int_eq(relay_letter_entry.recipients[0].state, RCPT_DONE);
}
END_TEST

/* What cannot be: the status, by RFC 6531 3.5 and 3463 3.7. */
static const struct {
	unsigned offered;
	const char *message, *parameters;
	const char *status;
} refused[] = {
	{ EXT_8BITMIME, HEADER, "SMTPUTF8", "5.6.7" },
	{ 0, HEADER, "", "5.6.7" },
	{ EXT_SMTPUTF8,
	    "Content-Type: multipart/signed; boundary=b\n\n--b\n\n" UMLAUT
	    "\n--b--\n",
	    "", "5.6.3" },
};

START_TEST(what_a_host_cannot_take_is_not_said_to_it)
{
	const struct queue_recipient *rcpt;
	bool others = _i % 2 == 1;

	relay_letter_write(refused[_i / 2].message, refused[_i / 2].parameters);
	send_letter(refused[_i / 2].offered, NULL, NULL, others);
	rcpt = &relay_letter_entry.recipients[0];
	/* It is final when there is no other host that might. */
	ck_assert_int_eq(rcpt->state, others ? RCPT_PENDING : RCPT_FAILED);
	ck_assert_int_eq(rcpt->last.code / 100, others ? 4 : 5);
	ck_assert_int_eq(rcpt->last.text[0], others ? '4' : '5');
	ck_assert_int_eq(strncmp(rcpt->last.text + 1,
			     refused[_i / 2].status + 1, 4),
	    0);
	ck_assert_ptr_nonnull(strstr(rcpt->last.text, HOST));
	ck_assert_str_eq(rcpt->host, "");
}
END_TEST

START_TEST(a_copy_that_finds_no_room_waits)
{
	struct relay_seven *seven;
	int fd = smtp_peer_message(BODY, strlen(BODY));

	ck_assert_int_eq(rmdir("queue/incoming"), 0);
	seven = relay_seven_new(fd);
	ck_assert_int_eq(seven->made.code, 451);
	ck_assert_str_eq(seven->made.text,
	    "4.3.1 no room for a copy in 7 bits");
	relay_seven_free(seven);
	relay_seven_free(NULL);
	relay_letter_job.message.fd = fd;
}
END_TEST

Suite *
relay_seven_suite(void)
{
	Suite *suite = suite_create("relay_seven");
	TCase *tc = tcase_create("seven");

	tcase_add_checked_fixture(tc, relay_letter_begin, relay_letter_end);
	tcase_add_loop_test(tc,
	    a_message_is_sent_in_the_words_that_the_host_knows, 0, COUNT(ways));
	tcase_add_loop_test(tc, what_a_host_cannot_take_is_not_said_to_it, 0,
	    2 * (int)COUNT(refused));
	tcase_add_test(tc, a_copy_that_finds_no_room_waits);
	suite_add_tcase(suite, tc);
	return suite;
}
