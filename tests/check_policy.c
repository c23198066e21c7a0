/*
 * check_policy.c - MAIL: who may send as whom; and how the rules are shown.
 *
 * RCPT is in check_policy_rcpt.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/directory.h"
#include "common/log.h"
#include "smtpd/policy.h"
#include "tests/check_policy_world.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

#define ALICE "alice@campus.example"

/* MAIL on every kind of policy_listener. */
static const struct {
	enum protocol protocol;
	enum auth_mode auth;
	enum sender_policy whose;
	const char *login;
	const char *sender;
	int code;
} senders[] = {
	/* clang-format off */
	/* who has no login may call himself anything, or has to log in */
	{ PROTO_MTA, AUTH_OFF,      SENDER_ALIAS,  "", "anybody@far.example", 250 },
	{ PROTO_MTA, AUTH_OFF,      SENDER_STRICT, "", ALICE,                 250 },
	{ PROTO_MTA, AUTH_OFF,      SENDER_STRICT, "", "",                    250 },
	{ PROTO_MTA, AUTH_OPTIONAL, SENDER_STRICT, "", ALICE,                 250 },
	{ PROTO_MTA, AUTH_REQUIRED, SENDER_FREE,   "", ALICE,                 530 },
	{ PROTO_MSA, AUTH_OPTIONAL, SENDER_STRICT, "", ALICE,                 250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_STRICT, "", ALICE,                 530 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_ALIAS,  "", ALICE,                 530 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_FREE,   "", ALICE,                 530 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_FREE,   "", "",                    530 },
	/* strict: the login's own address, in any spelling that is the same */
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_STRICT, ALICE, ALICE,              250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_STRICT, ALICE, "ALICE@Campus.Example", 250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_STRICT, ALICE, "\"alice\"@campus.example", 250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_STRICT, ALICE, "",                 250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_STRICT, ALICE, "alice+list@campus.example", 553 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_STRICT, ALICE, "staff@campus.example", 553 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_STRICT, ALICE, "bob@campus.example", 553 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_STRICT, ALICE, "alice@far.example", 553 },
	/* alias: also what leads to it */
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_ALIAS,  ALICE, ALICE,              250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_ALIAS,  ALICE, "alice+list@campus.example", 250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_ALIAS,  ALICE, "Staff@campus.example", 250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_ALIAS,  ALICE, "",                 250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_ALIAS,  ALICE, "bob@campus.example", 553 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_ALIAS,  ALICE, "bob+alice@campus.example", 553 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_ALIAS,  ALICE, "nobody@campus.example", 553 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_ALIAS,  ALICE, "alice@far.example", 553 },
	{ PROTO_MSA, AUTH_OPTIONAL, SENDER_ALIAS,  ALICE, "bob@campus.example", 553 },
	{ PROTO_MTA, AUTH_OPTIONAL, SENDER_ALIAS,  ALICE, "bob@campus.example", 553 },
	/* free */
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_FREE,   ALICE, "bob@campus.example", 250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_FREE,   ALICE, "alice@far.example", 250 },
	{ PROTO_MSA, AUTH_REQUIRED, SENDER_FREE,   ALICE, "",                 250 },
	{ PROTO_MTA, AUTH_OPTIONAL, SENDER_FREE,   ALICE, "bob@campus.example", 250 },
	/* clang-format on */
};

START_TEST(a_login_sends_under_the_addresses_that_sender_policy_gives_it)
{
	struct policy policy = policy_make(senders[_i].login);
	const struct address sender = policy_address(senders[_i].sender);

	policy_listener.protocol = senders[_i].protocol;
	policy_listener.auth = senders[_i].auth;
	policy_listener.sender_policy = senders[_i].whose;
	/* How it is typed changes nothing about whose it is. */
	for (int i = 0; i < 2; i++) {
		policy_listener.leniency = i == 0 ? STRICT : CLASSROOM;
		ck_assert_int_eq(policy_sender(&policy, &sender).code,
		    senders[_i].code);
	}
}
END_TEST

/* RFC 3207 4: the words, and that they come before those about a login. */
static const struct {
	enum tls_mode tls;
	bool encrypted;
	enum auth_mode auth;
	const char *reply;
} encryption[] = {
	/* clang-format off */
	{ TLS_REQUIRED, false, AUTH_OFF,      "530 5.7.0 Must issue a STARTTLS command first" },
	{ TLS_REQUIRED, false, AUTH_REQUIRED, "530 5.7.0 Must issue a STARTTLS command first" },
	{ TLS_REQUIRED, true,  AUTH_OFF,      "250 2.1.0 Ok" },
	{ TLS_REQUIRED, true,  AUTH_REQUIRED, "530 5.7.0 Authentication required" },
	{ TLS_STARTTLS, false, AUTH_OFF,      "250 2.1.0 Ok" },
	{ TLS_STARTTLS, false, AUTH_REQUIRED, "530 5.7.0 Authentication required" },
	{ TLS_OFF,      false, AUTH_OFF,      "250 2.1.0 Ok" },
	{ TLS_IMPLICIT, true,  AUTH_OFF,      "250 2.1.0 Ok" },
	/* clang-format on */
};

START_TEST(a_listener_that_requires_tls_takes_nothing_in_clear)
{
	struct policy policy = policy_make("");
	const struct address sender = policy_address("x@far.example");
	struct reply r;
	char text[REPLY_TEXT_MAX + 8];

	policy.tls = encryption[_i].encrypted;
	policy_listener.tls = encryption[_i].tls;
	policy_listener.auth = encryption[_i].auth;
	for (int i = 0; i < 2; i++) {
		policy_listener.protocol = i == 0 ? PROTO_MTA : PROTO_MSA;
		r = policy_sender(&policy, &sender);
		snprintf(text, sizeof(text), "%d %s", r.code, r.text);
		ck_assert_str_eq(text, encryption[_i].reply);
	}
}
END_TEST

/* What a login says that is free to say anything, in the log. */
static const struct {
	const char *sender;
	bool differs;
} differences[] = {
	{ ALICE, false },
	{ "alice+x@campus.example", false },
	{ "staff@campus.example", false },
	{ "", false },
	{ "bob@campus.example", true },
	{ "president@far.example", true },
};

START_TEST(a_sender_that_is_not_the_logins_own_is_logged_where_it_is_free)
{
	struct policy policy = policy_make(ALICE);
	const struct address sender = policy_address(differences[_i].sender);
	struct buf said = BUF_INIT;
	int fd = memfd_create("log", MFD_CLOEXEC);
	int kept = dup(STDERR_FILENO);

	policy_listener.auth = AUTH_REQUIRED;
	policy_listener.sender_policy = SENDER_FREE;
	log_set_level(LOG_INFO);
	ck_assert_int_ne(dup2(fd, STDERR_FILENO), -1);
	ck_assert_int_eq(policy_sender(&policy, &sender).code, 250);
	ck_assert_int_ne(dup2(kept, STDERR_FILENO), -1);
	lseek(fd, 0, SEEK_SET);
	buf_read(&said, fd, 4096);
	ck_assert_int_eq(strstr(said.data, "event=sender-differs") != NULL,
	    differences[_i].differs);
	if (differences[_i].differs) {
		ck_assert_ptr_nonnull(strstr(said.data, "login=" ALICE " "));
		ck_assert_ptr_nonnull(strstr(said.data, "from="));
		ck_assert_ptr_nonnull(strstr(said.data, sender.local));
	}
	buf_clear(&said);
	close(kept);
	close(fd);
}
END_TEST

static void
note(void *arg, const struct address *final, bool local)
{
	char text[ADDRESS_TEXT_MAX];

	(void)local;
	buf_printf(arg, "%s ", address_format(final, text, sizeof(text)));
}

START_TEST(without_a_directory_everything_waits)
{
	struct policy policy = policy_make("");
	const struct address recipient = policy_address("bob@campus.example");
	struct buf finals = BUF_INIT;

	policy.directory = NULL;
	policy_listener.auth = AUTH_OPTIONAL;
	policy_listener.sender_policy = SENDER_ALIAS;
	ck_assert_int_eq(policy_recipient(&policy, &recipient, 0, note, &finals)
			     .code,
	    451);
	policy.login = ALICE;
	ck_assert_int_eq(policy_sender(&policy, &recipient).code, 451);
	policy_listener.sender_policy = SENDER_FREE;
	ck_assert_int_eq(policy_sender(&policy, &recipient).code, 250);
}
END_TEST

/* Each rule that was asked, with "!" where it applied. */
static void
note_ruling(void *arg, const struct ruling *ruling)
{
	ck_assert_int_eq(ruling->applies, !reply_is_ok(&ruling->reply));
	ck_assert_ptr_nonnull(ruling->reason);
	buf_printf(arg, "%s%s ", ruling->rule, ruling->applies ? "!" : "");
}

START_TEST(each_rule_that_is_asked_can_be_seen)
{
	struct policy policy = policy_make("");
	const struct address bob = policy_address("bob@campus.example");
	const struct address nobody = policy_address("nobody@campus.example");
	struct buf asked = BUF_INIT;
	struct buf finals = BUF_INIT;

	policy.asked = note_ruling;
	policy.arg = &asked;
	policy_sender(&policy, &bob);
	policy_recipient(&policy, &nobody, 0, note, &finals);
	ck_assert_str_eq(asked.data,
	    "too-many-recipients relay-needs-login directory-away "
	    "unknown-user! ");
	buf_reset(&asked);
	policy_listener.protocol = PROTO_MSA;
	policy_listener.auth = AUTH_REQUIRED;
	policy_listener.tls = TLS_REQUIRED;
	policy.tls = true;
	policy_sender(&policy, &bob);
	ck_assert_str_eq(asked.data, "tls-first login-first! ");
	buf_clear(&asked);
	buf_clear(&finals);
}
END_TEST

/* The names of the rules of LISTENER, as config show has them. */
static void
print(struct buf *to)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	policy_print(&policy_listener, out);
	fclose(out);
	for (const char *line = text; *line != '\0';
	     line += strcspn(line, "\n") + 1) {
		ck_assert_int_eq(*line, '#');
		if (strncmp(line, "#    ", 5) == 0 && line[5] != ' ')
			buf_printf(to, "%.*s ", (int)strcspn(line + 5, " "),
			    line + 5);
	}
	free(text);
}

START_TEST(the_two_rule_sets_differ)
{
	struct buf mta = BUF_INIT;
	struct buf msa = BUF_INIT;

	policy_make("");
	print(&mta);
	ck_assert_str_eq(mta.data,
	    "too-many-recipients relay-needs-login directory-away "
	    "unknown-user ");
	policy_listener.protocol = PROTO_MSA;
	policy_listener.auth = AUTH_REQUIRED;
	policy_listener.tls = TLS_REQUIRED;
	policy_listener.sender_policy = SENDER_ALIAS;
	print(&msa);
	ck_assert_str_eq(msa.data,
	    "tls-first login-first directory-away sender-of-another "
	    "too-many-recipients relay-needs-login directory-away "
	    "unknown-user ");
	buf_clear(&mta);
	buf_clear(&msa);
}
END_TEST

Suite *
policy_suite(void)
{
	Suite *suite = suite_create("policy");
	TCase *tc = tcase_create("policy");

	tcase_add_checked_fixture(tc, smtpd_world_make, smtpd_world_remove);
	tcase_add_loop_test(tc,
	    a_login_sends_under_the_addresses_that_sender_policy_gives_it, 0,
	    COUNT(senders));
	tcase_add_loop_test(tc,
	    a_listener_that_requires_tls_takes_nothing_in_clear, 0,
	    COUNT(encryption));
	tcase_add_loop_test(tc,
	    a_sender_that_is_not_the_logins_own_is_logged_where_it_is_free, 0,
	    COUNT(differences));
	tcase_add_test(tc, without_a_directory_everything_waits);
	tcase_add_test(tc, each_rule_that_is_asked_can_be_seen);
	tcase_add_test(tc, the_two_rule_sets_differ);
	suite_add_tcase(suite, tc);
	return suite;
}
