/*
 * check_local.c - what an LMTP server is told of the client, and of the
 * recipient: only what it has offered to hear.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "smtpd/local.h"
#include "tests/check_queue_world.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

#define ALL "XFORWARD ADDR HELO PROTO IDENT LOGIN TLS"
#define BEFORE_TLS "XFORWARD ADDR HELO PROTO IDENT LOGIN"
#define WORDS "TLS1.3 with cipher X (256/256 bits)"
#define WHO "XFORWARD ADDR=127.0.0.1 HELO=desk PROTO=ESMTP"
#define TO_BOB "RCPT TO:<bob@campus.example>"
#define TO_TYPED TO_BOB " ORCPT=rfc822;bob@campus.example"

/*
 * What is announced, the session's TLS, and what mda then hears; # is the queue
 * id.  xtext is RFC 3461 4's, and [UNAVAILABLE] is of www.postfix.org's
 * XFORWARD_README, which also says that what is not announced is not sent.
 */
static const struct {
	const char *offers;
	const char *tls;
	const char *heard;
} servers[] = {
	/* clang-format off */
	{ ALL, WORDS, WHO " IDENT=# LOGIN=[UNAVAILABLE]"
	    " TLS=TLS1.3+20with+20cipher+20X+20(256/256+20bits)\n"
	    TO_TYPED "\n" },
	{ ALL, "", WHO " IDENT=# LOGIN=[UNAVAILABLE] TLS=[UNAVAILABLE]\n"
	    TO_TYPED "\n" },
	/* ours, of the version before */
	{ BEFORE_TLS, WORDS, WHO " IDENT=# LOGIN=[UNAVAILABLE]\n"
	    TO_TYPED "\n" },
	/* others: no attributes of ours, and no ORCPT without DSN */
	{ "XFORWARD NAME ADDR HELO PROTO", WORDS, WHO "\n" TO_BOB "\n" },
	{ "xforward tls", WORDS,
	    "XFORWARD TLS=TLS1.3+20with+20cipher+20X+20(256/256+20bits)\n"
	    TO_BOB "\n" },
	{ "XFORWARD NAME SOURCE TLSA", WORDS, TO_BOB "\n" },
	{ "XFORWARD", WORDS, TO_BOB "\n" },
	{ "SIZE", WORDS, TO_BOB "\n" },
	/* clang-format on */
};

static char *
fill_in(const char *text, const char *id)
{
	const char *mark = strchr(text, '#');

	return mark == NULL
	    ? xstrdup(text)
	    : xasprintf("%.*s%s%s", (int)(mark - text), text, id, mark + 1);
}

START_TEST(a_server_hears_what_it_has_announced)
{
	struct queue_entry envelope = world_envelope("bob");
	int message = world_message();
	char *expected = fill_in(servers[_i].heard, envelope.id);

	world_mda_offers = servers[_i].offers;
	world_start_mda();
	free(envelope.tls);
	envelope.tls = xstrdup(servers[_i].tls);
	local_deliver(&world_config, &envelope, message);
	ck_assert_int_eq(envelope.recipients[0].state, RCPT_DONE);
	ck_file("heard", expected);
	free(expected);
	close(message);
	queue_entry_clear(&envelope);
}
END_TEST

Suite *
local_suite(void)
{
	Suite *suite = suite_create("local");
	TCase *tc = tcase_create("local");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, smtpd_world_make, smtpd_world_remove);
	tcase_add_loop_test(tc, a_server_hears_what_it_has_announced, 0,
	    COUNT(servers));
	suite_add_tcase(suite, tc);
	return suite;
}
