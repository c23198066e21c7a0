/*
 * check_mailcap.c - which program shows a part, and that a message has no say
 * in the command line.
 *
 * The entries are RFC 1524's examples and lines of Debian's /etc/mailcap.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mua/mailcap.h"
#include "mua/program.h"
#include "mua/views.h"
#include "tests/check_folder.h"
#include "tests/check_mua_stage.h"
#include "tests/suites.h"

#define KEYS(...) ((const int[]){ __VA_ARGS__, 0 })

static const char file[] =
    "# a comment; with fields\n"
    "\n"
    "text/html; /usr/bin/w3m -I %{charset} -T text/html '%s'; copiousoutput; "
    "description=HTML Text; nametemplate=%s.html\n"
    "image/gif; no; test=forbidden\n"
    "image/*; xv %s \\\n ; test = test -n \"$DISPLAY\"\n"
    "text; less; needsterminal\n"
    "audio/basic; play \\; done %t\n"
    "video/x; show %s; nametemplate=%s.$(reboot)\n"
    "broken/x; ; copiousoutput\n"
    "broken/x; second\n"
    "test/x; never; test=look-into %s\n";

static bool
passes(const char *test)
{
	return strstr(test, "forbidden") == NULL;
}

static const struct {
	const char *type;
	const char *command; /* NULL: there is none */
	const char *ending;
	bool copious;
	bool on_terminal;
} cases[] = {
	/* clang-format off */
	{ "text/html", "/usr/bin/w3m -I %{charset} -T text/html '%s'", ".html",
	  true, false },
	{ "TEXT/HTML", "/usr/bin/w3m -I %{charset} -T text/html '%s'", ".html",
	  true, false },
	{ "image/gif", "xv %s", "", false, false },
	{ "image/png", "xv %s", "", false, false },
	{ "text/x-c", "less", "", false, true },
	{ "textual/x", NULL, NULL, false, false },
	{ "audio/basic", "play ; done %t", "", false, false },
	{ "video/x", "show %s", "", false, false },
	{ "broken/x", "second", "", false, false },
	{ "test/x", NULL, NULL, false, false },
	{ "application/pdf", NULL, NULL, false, false },
	/* clang-format on */
};

START_TEST(the_first_entry_that_fits_is_taken)
{
	struct mailcap_entry entry;
	bool found = mailcap_match(file, cases[_i].type, passes, &entry);

	ck_assert_int_eq(found, cases[_i].command != NULL);
	if (!found)
		return;
	ck_assert_str_eq(entry.command, cases[_i].command);
	ck_assert_str_eq(entry.ending, cases[_i].ending);
	ck_assert_int_eq(entry.copious, cases[_i].copious);
	ck_assert_int_eq(entry.on_terminal, cases[_i].on_terminal);
	mailcap_clear(&entry);
}
END_TEST

static const struct {
	const char *command;
	const char *type;
	const char *charset;
	const char *line;
	bool input;
} lines[] = {
	/* clang-format off */
	{ "show %s", "a/b", "", "show /tmp/p", false },
	{ "show '%s' %t", "image/png", "", "show '/tmp/p' image/png", false },
	{ "show", "a/b", "", "show", true },
	{ "a %{charset} %{name} %n %F", "a/b", "utf-8", "a utf-8   ", true },
	{ "100\\% %s", "a/b", "", "100% /tmp/p", false },
	/* bytes of a message that a shell would take for its own */
	{ "x %t %s", "a/`reboot`", "", "x  /tmp/p", false },
	{ "x %t %s", "a/b;reboot", "", "x  /tmp/p", false },
	{ "x %t %s", "-rf/x", "", "x  /tmp/p", false },
	{ "x %{charset} %s", "a/b", "$(reboot)", "x  /tmp/p", false },
	{ "x %{charset} %s", "a/b", "'", "x  /tmp/p", false },
	{ "x %{charset", "a/b", "u", "x ", true },
	{ "x %", "a/b", "u", "x ", true },
	/* clang-format on */
};

START_TEST(nothing_of_a_message_is_in_a_command_line)
{
	struct buf line = BUF_INIT;
	bool input = mailcap_expand(lines[_i].command, "/tmp/p", lines[_i].type,
	    lines[_i].charset, &line);

	ck_assert_str_eq(line.data, lines[_i].line);
	ck_assert_int_eq(input, lines[_i].input);
	buf_clear(&line);
}
END_TEST

START_TEST(files_for_programs_are_the_owners_alone)
{
	struct buf content = BUF_INIT;
	struct stat st;
	char *path;

	buf_addstr(&content, "secret");
	path = program_file(&content, ".txt");
	ck_assert_ptr_nonnull(path);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(st.st_size, 6);
	ck_assert_str_eq(path + strlen(path) - 4, ".txt");
	*strrchr(path, '/') = '\0';
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	free(path);
	buf_clear(&content);
}
END_TEST

/* Types the letters of TEXT. */
static void
type_text(int *keys, size_t *count, const char *text)
{
	for (; *text != '\0'; text++)
		keys[(*count)++] = (unsigned char)*text;
}

START_TEST(a_part_goes_through_a_pipe_and_its_output_is_harmless)
{
	int keys[100] = { 'v', K_LAST, '|' };
	size_t count = 3;

	type_text(keys, &count, "tr a-z A-Z; printf '\\033[31m'");
	keys[count++] = K_RETURN;
	keys[count++] = 'Q'; /* nothing */
	stage_run("box", 20, 80, keys);
	ck_assert(stage_shows("HELLO WORLD", NULL));
	ck_assert(stage_shows("^[[31m", NULL));
	count = 3;
	type_text(keys, &count, "exit 3");
	keys[count++] = K_RETURN;
	keys[count++] = 0;
	stage_run("box", 20, 80, keys);
	ck_assert_str_eq(stage_row(-1), "It ended with status 3");
	stage_run("box", 20, 80, KEYS('v', K_LAST, '|', K_ESCAPE));
	ck_assert_str_eq(stage_row(-1), "Nothing was run");
}
END_TEST

START_TEST(mailcap_shows_a_part_or_says_that_it_cannot)
{
	folder_write("mailcap",
	    "text/x-own; sed s/hello/goodbye/ %s; copiousoutput\n"
	    "text/plain; touch opened; needsterminal\n");
	ck_assert_int_eq(setenv("MAILCAPS", "mailcap", 1), 0);
	stage_run("box", 20, 80, KEYS('v', K_LAST, 'm', 'Q'));
	ck_assert(stage_shows("goodbye world", NULL));
	stage_run("box", 20, 80, KEYS('v', 'j', 'm'));
	ck_assert_int_eq(access("opened", F_OK), 0);
	ck_assert_int_eq(setenv("MAILCAPS", "nothing", 1), 0);
	stage_run("box", 20, 80, KEYS('v', K_LAST, 'm'));
	ck_assert_str_eq(stage_row(-1),
	    "No mailcap file has a program for text/x-own");
}
END_TEST

static void
set_up(void)
{
	folder_enter();
	stage_box();
	stage_message("1795313600.M1P1Q1.desk",
	    "From: a@b.example\nSubject: parts\nMIME-Version: 1.0\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n"
	    "--b\n\nplain\n--b\nContent-Type: text/x-own\n\nhello world\n"
	    "--b--\n");
}

Suite *
mailcap_suite(void)
{
	Suite *suite = suite_create("mailcap");
	TCase *tc = tcase_create("mailcap");

	tcase_add_checked_fixture(tc, set_up, folder_leave);
	tcase_add_loop_test(tc, the_first_entry_that_fits_is_taken, 0,
	    COUNT(cases));
	tcase_add_loop_test(tc, nothing_of_a_message_is_in_a_command_line, 0,
	    COUNT(lines));
	tcase_add_test(tc, files_for_programs_are_the_owners_alone);
	tcase_add_test(tc,
	    a_part_goes_through_a_pipe_and_its_output_is_harmless);
	tcase_add_test(tc, mailcap_shows_a_part_or_says_that_it_cannot);
	suite_add_tcase(suite, tc);
	return suite;
}
