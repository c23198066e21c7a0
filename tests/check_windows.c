/*
 * check_windows.c - the windows on a message: from key to key, and with the
 * envelope that the index has kept.
 */
#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "maildir/index.h"
#include "mua/views.h"
#include "tests/check_folder.h"
#include "tests/check_mua_stage.h"
#include "tests/suites.h"

#define KEYS(...) ((const int[]){ __VA_ARGS__, 0 })
#define NAME "1795313600.M1P1Q1.desk"

/* In the message's header, an envelope that is not the one in the index. */
static const char letter[] =
    "Return-Path: <other@far.example>\n"
    "Received: from far ([192.0.2.1]) by mail.campus.example with SMTP id "
    "AAAA; Sun, 22 Nov 2026 02:13:17 +0000\n"
    "From: Alice <alice@campus.example>\nTo: bob@campus.example\n"
    "Date: Sun, 22 Nov 2026 02:13:17 +0000\nMessage-ID: <1@x.example>\n"
    "Subject: windows\n\nhello \033[31m\n";

/* Delivery with the envelope, as mda does it. */
static void
keep_envelope(const char *tls, const char *queue_id)
{
	struct delivery delivery = {
		.sender = "alice@campus.example",
		.recipient = "staff@campus.example",
		.helo = "desk.kept.example",
		.peer = "192.0.2.77",
		.login = "100012345",
		.protocol = "ESMTPSA",
		.tls = tls,
		.queue_id = queue_id,
	};
	struct maildir maildir;
	struct index *index;
	int fd = open("box/new/" NAME, O_RDONLY);

	ck_assert_int_eq(maildir_open(AT_FDCWD, "box", false, &maildir), 0);
	index = index_open(&maildir);
	ck_assert_ptr_nonnull(index);
	ck_assert_int_eq(index_add(index, NAME, fd, &delivery), 0);
	index_close(index);
	maildir_close(&maildir);
	close(fd);
}

START_TEST(the_envelope_is_the_one_the_index_has_kept)
{
	enum style style;

	keep_envelope("TLS1.3 with cipher X (256/256 bits)", "KEPT01");
	stage_run("box", 40, 100, KEYS(K_LAST, 'e', 'Q'));
	ck_assert(stage_shows("MAIL FROM:<alice@campus.example>", NULL));
	ck_assert(stage_shows("RCPT TO:<staff@campus.example>", &style));
	ck_assert_int_eq((int)style, STYLE_FAULT);
	ck_assert(stage_shows("as the index has kept it", NULL));
	ck_assert(stage_shows("HELO      desk.kept.example", NULL));
	ck_assert(stage_shows("client    192.0.2.77", NULL));
	ck_assert(stage_shows("login     100012345", NULL));
	ck_assert(
	    stage_shows("TLS       TLS1.3 with cipher X (256/256 bits)", NULL));
	ck_assert(stage_shows("queue id  KEPT01", NULL));
	ck_assert(stage_shows("neither in To nor in Cc", NULL));
	ck_assert(stage_shows("by the login 100012345", NULL));
}
END_TEST

START_TEST(without_one_the_header_is_asked_and_that_is_said)
{
	stage_run("box", 40, 100, KEYS(K_LAST, 'e', 'Q'));
	ck_assert(stage_shows("MAIL FROM:<other@far.example>", NULL));
	ck_assert(stage_shows("RCPT TO is not known", NULL));
	ck_assert(stage_shows("the index has no envelope", NULL));
	ck_assert(stage_shows("queue id  AAAA", NULL));
}
END_TEST

/* What the index has, and what the window then says. */
static const struct {
	const char *tls;
	const char *queue_id; /* NULL: it has no envelope */
	const char *shown;    /* NULL: nothing */
} sessions[] = {
	/* clang-format off */
	{ "TLS1.3 with cipher X", "AAAA", "TLS       TLS1.3 with cipher X" },
	{ "", "AAAA", "TLS       TLS1.2 Y (from Received)" },
	{ "", "BBBB", NULL },
	{ "", NULL, "TLS       TLS1.2 Y" },
	/* clang-format on */
};

START_TEST(tls_that_was_not_kept_is_that_of_the_same_session)
{
	stage_message(NAME,
	    "Received: from far ([192.0.2.1])\n\tby mail.campus.example "
	    "(Postlab) with ESMTPS id AAAA\n"
	    "\t(using TLS1.2 with cipher Y (128/128 bits));\n"
	    "\tSun, 22 Nov 2026 02:13:17 +0000\nSubject: windows\n\nhello\n");
	if (sessions[_i].queue_id != NULL)
		keep_envelope(sessions[_i].tls, sessions[_i].queue_id);
	stage_run("box", 40, 100, KEYS(K_LAST, 'e', 'Q'));
	if (sessions[_i].shown != NULL)
		ck_assert(stage_shows(sessions[_i].shown, NULL));
	else
		ck_assert(!stage_shows("TLS1", NULL));
}
END_TEST

START_TEST(each_window_is_one_key_from_the_others)
{
	stage_run("box", 24, 80, KEYS(K_LAST, K_RETURN, 'T', 'Q'));
	ck_assert(stage_shows("Trace: windows", NULL));
	stage_run("box", 24, 80, KEYS(K_LAST, K_RETURN, 'T', 'S', 'Q'));
	ck_assert(stage_shows("Structure: windows", NULL));
	stage_run("box", 24, 80, KEYS(K_LAST, K_RETURN, 'S', 'R', 'Q'));
	ck_assert(stage_shows("Raw: windows", NULL));
	stage_run("box", 24, 80, KEYS(K_LAST, K_RETURN, 'R', 'e', 'Q'));
	ck_assert(stage_shows("Envelope: windows", NULL));
	/* and q is back in the message */
	stage_run("box", 24, 80, KEYS(K_LAST, K_RETURN, 'R', 'e', 'q', 'Q'));
	ck_assert(stage_shows("hello ^[[31m", NULL));
}
END_TEST

START_TEST(the_raw_cursor_moves_in_all_panes)
{
	enum style style;

	stage_run("box", 24, 150, KEYS(K_LAST, K_RETURN, 'R', 'j', 'j', 'Q'));
	ck_assert(stage_shows("From: Alice", &style));
	ck_assert_int_eq((int)style, STYLE_SELECTED);
	ck_assert(stage_shows("    140 From", &style));
	ck_assert_int_eq((int)style, STYLE_SELECTED);
	ck_assert(stage_shows("Alice <alice@campus.example>", NULL));
	/* the one oddity, and its reason */
	stage_run("box", 24, 80, KEYS(K_LAST, K_RETURN, 'R', 'o', 'Q'));
	ck_assert(stage_shows("! An escape character", &style));
	ck_assert(
	    stage_shows("1 odd, 8/9", NULL) || stage_shows("1 odd, 9/9", NULL));
	/* one pane on a narrow screen, and Tab for the next */
	stage_run("box", 10, 40, KEYS(K_LAST, K_RETURN, 'R', 'Q'));
	ck_assert(stage_shows("Return-Path: <other", NULL));
	stage_run("box", 10, 40, KEYS(K_LAST, K_RETURN, 'R', '\t', 'Q'));
	ck_assert(stage_shows("alice", NULL)); /* what To and From mean */
	ck_assert(!stage_shows("Return-Path: <other", NULL));
	/* search, nodes, ends: nothing goes past the last line */
	stage_run("box", 24, 80,
	    KEYS(K_LAST, K_RETURN, 'R', 'G', 'j', '}', '}', ' ', 'Q'));
	ck_assert(stage_shows("9/9", NULL));
	stage_run("box", 24, 80,
	    KEYS(K_LAST, K_RETURN, 'R', 'G', '{', '{', K_FIRST, 'k', 'Q'));
	ck_assert(stage_shows("1/9", NULL));
}
END_TEST

START_TEST(an_empty_message_has_windows_too)
{
	stage_message("1795313700.M1P1Q1.desk", "");
	stage_run("box", 24, 80, KEYS(K_LAST, K_RETURN, 'R', 'o'));
	ck_assert_str_eq(stage_row(-1), "The message is empty");
	stage_run("box", 24, 80,
	    KEYS(K_LAST, K_RETURN, 'R', 'j', 'G', 'T', 'S', 'e', 'Q'));
	ck_assert(stage_shows("Envelope:", NULL));
}
END_TEST

static void
set_up(void)
{
	folder_enter();
	stage_box();
	stage_message(NAME, letter);
}

Suite *
windows_suite(void)
{
	Suite *suite = suite_create("windows");
	TCase *tc = tcase_create("windows");

	tcase_add_checked_fixture(tc, set_up, folder_leave);
	tcase_add_test(tc, the_envelope_is_the_one_the_index_has_kept);
	tcase_add_test(tc, without_one_the_header_is_asked_and_that_is_said);
	tcase_add_loop_test(tc,
	    tls_that_was_not_kept_is_that_of_the_same_session, 0,
	    COUNT(sessions));
	tcase_add_test(tc, each_window_is_one_key_from_the_others);
	tcase_add_test(tc, the_raw_cursor_moves_in_all_panes);
	tcase_add_test(tc, an_empty_message_has_windows_too);
	suite_add_tcase(suite, tc);
	return suite;
}
