/*
 * check_dialog.c - patterns, values and the reading of dialog files.
 *
 * That a dialog fails when it has to is proved in check_dialog_play.c.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "labs/dialog_pattern.h"
#include "labs/dialog_script.h"
#include "labs/dialog_values.h"
#include "tests/suites.h"

static const struct {
	const char *pattern;
	const char *line;
	bool matches;
	const char *x; /* what <x> is then */
} patterns[] = {
	/* clang-format off */
	{ "250 Ok", "250 Ok", true, NULL },
	{ "250 Ok", "250 ok", false, NULL },
	{ "250 Ok", "250 Ok ", false, NULL },
	{ "250 Ok", "250 O", false, NULL },
	{ "", "", true, NULL },
	{ "", " ", false, NULL },
	{ "250 *", "250 ", true, NULL },
	{ "250 *", "250 anything", true, NULL },
	{ "250 *", "250", false, NULL },
	{ "250 ...", "250 anything", true, NULL },
	{ "250 ...k", "250 Ok", true, NULL },
	{ "* a*b *", "x a--b y", true, NULL },
	{ "* a*b *", "x a-- y", false, NULL },
	{ "354 End data with <CR><LF>.<CR><LF>",
		"354 End data with <CR><LF>.<CR><LF>", true, NULL },
	{ "554 <bob@x.example>: no", "554 <bob@x.example>: no", true, NULL },
	{ "220 <x> ESMTP", "220 mail.x.example ESMTP", true,
		"mail.x.example" },
	{ "queued as <x>", "queued as 3F2A", true, "3F2A" },
	{ "queued as <x>", "queued as ", false, NULL },
	{ "<x> <x>", "a b", true, "a" },
	{ "<x>, *", "a, b, c", true, "a" },
	{ "\\*", "*", true, NULL },
	{ "\\*", "a", false, NULL },
	{ "\\<x>", "<x>", true, NULL },
	{ "\\...", "...", true, NULL },
	{ "\\...", "abc", false, NULL },
	{ "\\\\", "\\", true, NULL },
	{ "caf\\xe9", "caf\xe9", true, NULL },
	{ ".", ".", true, NULL },
	{ ".", "x", false, NULL },
	/* clang-format on */
};

START_TEST(a_pattern_matches_what_it_says)
{
	struct values values = { 0 };

	ck_assert_int_eq(pattern_match(patterns[_i].pattern, patterns[_i].line,
			     &values),
	    patterns[_i].matches);
	if (patterns[_i].x != NULL)
		ck_assert_str_eq(values_get(&values, "x"), patterns[_i].x);
	else
		ck_assert_ptr_null(values_get(&values, "x"));
	values_clear(&values);
}
END_TEST

#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *text;
	enum expansion how;
	const char *result; /* NULL: it has none */
	size_t size;
} expansions[] = {
	/* clang-format off */
	{ "RCPT TO:<${user}@x>", EXPAND_PLAIN, BYTES("RCPT TO:<bob@x>") },
	{ "a\\r\\n$ {x} $$", EXPAND_PLAIN, BYTES("a\\r\\n$ {x} $$") },
	{ "a\\r\\n\\0\\t\\\\\\x41\\q", EXPAND_ESCAPES,
		BYTES("a\r\n\0\t\\A\\q") },
	{ "${user} *", EXPAND_PATTERN, BYTES("bob *") },
	{ "${odd}", EXPAND_PATTERN, BYTES("\\*\\.\\\\\\<a>") },
	{ "${base64:\\0${user}\\012}", EXPAND_PLAIN, BYTES("AGJvYgAxMg==") },
	{ "${unbase64:AGJvYg==}", EXPAND_PLAIN, BYTES("\0bob") },
	{ "${repeat:3 ab\\n}", EXPAND_PLAIN, BYTES("ab\nab\nab\n") },
	{ "${repeat:0 ab}", EXPAND_PLAIN, BYTES("") },
	/* RFC 1939 7, mrose and tanstaaf; RFC 1321 A.5 */
	{ "${md5:<1896.697170952@dbc.mtview.ca.us>tanstaaf}", EXPAND_PLAIN,
		BYTES("c4c9334bac560ecc979e58001b3e22fb") },
	{ "${md5:}", EXPAND_PLAIN, BYTES("d41d8cd98f00b204e9800998ecf8427e") },
	/* RFC 2195 2, tim and tanstaaftanstaaf */
	{ "${cram-md5:tim tanstaaftanstaaf PDE4OTYuNjk3MTcwOTUyQHBvc3Rv"
		"ZmZpY2UucmVzdG9uLm1jaS5uZXQ+}", EXPAND_PLAIN,
		BYTES("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw") },
	/* RFC 7677 3, user and pencil */
	{ "${unbase64:${scram-sha-256:user pencil rOprNGfwEbeRWgbNEkqO "
		"${base64:r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF"
		"$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096}}}", EXPAND_PLAIN,
		BYTES("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)"
		"hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=") },
	{ "${unbase64:${scram-sha-256-server:user pencil rOprNGfwEbeRWgbNE"
		"kqO ${base64:r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)"
		"hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096}}}", EXPAND_PLAIN,
		BYTES("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=") },
	{ "${nobody}", EXPAND_PLAIN, NULL, 0 },
	{ "${base64:x", EXPAND_PLAIN, NULL, 0 },
	{ "${rot13:x}", EXPAND_PLAIN, NULL, 0 },
	{ "${base64:${nobody}}", EXPAND_PLAIN, NULL, 0 },
	{ "${unbase64:?}", EXPAND_PLAIN, NULL, 0 },
	{ "${repeat:x}", EXPAND_PLAIN, NULL, 0 },
	{ "${repeat:99999999999 x}", EXPAND_PLAIN, NULL, 0 },
	{ "${cram-md5:tim tanstaaf}", EXPAND_PLAIN, NULL, 0 },
	{ "${scram-sha-256:u p n AAAA}", EXPAND_PLAIN, NULL, 0 },
	/* clang-format on */
};

START_TEST(values_are_put_in_and_mistakes_are_told)
{
	struct values values = { 0 };
	struct buf result = BUF_INIT;

	values_set(&values, "user", "nobody else", 11);
	values_set(&values, "user", "bob", 3);
	values_set(&values, "odd", "*.\\<a>", 6);
	bool good = values_expand(&values, expansions[_i].text,
	    expansions[_i].how, &result);
	if (expansions[_i].result == NULL) {
		ck_assert(!good);
		ck_assert_str_ne(values.why, "");
	} else {
		ck_assert_msg(good, "%s", values.why);
		ck_assert_uint_eq(result.size, expansions[_i].size);
		ck_assert_mem_eq(result.data, expansions[_i].result,
		    result.size);
	}
	buf_clear(&result);
	values_clear(&values);
}
END_TEST

/* Loads TEXT as a dialog file; the complaint is not for the test's reader. */
static bool
load(const char *text, struct script *script)
{
	char path[] = "/tmp/check_dialog.XXXXXX";
	int fd = mkstemp(path);
	int silent = open("/dev/null", O_WRONLY);
	int saved = dup(STDERR_FILENO);

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	dup2(silent, STDERR_FILENO);
	bool good = script_load(path, script);
	dup2(saved, STDERR_FILENO);
	close(silent);
	close(saved);
	unlink(path);
	return good;
}

static const struct {
	const char *text;
	bool good;
	size_t count;
} files[] = {
	/* clang-format off */
	{ "# title\n\nburst: yes\nCONNECT smtp\nS: 220 *\nS: END\n", true, 3 },
	{ "CONNECT smtp\nC:\nC|\nC| \nS:\nS: ENDED\nTLS\nCLOSE\n", true, 8 },
	{ "CONNECT smtp\r\nC: x\r\n", true, 2 },
	{ "CONNECT smtp\nS! a\nS! b\nS- c\n", true, 4 },
	{ "", true, 0 },
	{ "S: 220\n", false, 0 },
	{ "CONNECT smtp\nS! a\nS: b\n", false, 0 },
	{ "CONNECT smtp\nS! a\n", false, 0 },
	{ "CONNECT\n", false, 0 },
	{ "CONNECT smtp\nC#\n", false, 0 },
	{ "CONNECT smtp\nCLOSE now\n", false, 0 },
	{ "CONNECT smtp\nHELO x\n", false, 0 },
	{ "CONNECT smtp\nc: HELO x\n", false, 0 },
	{ "CONNECTsmtp\n", false, 0 },
	{ "burst: maybe\nCONNECT smtp\n", false, 0 },
	{ "CONNECT smtp\nburst: yes\n", false, 0 },
	/* clang-format on */
};

START_TEST(a_file_is_read_or_refused)
{
	struct script script;

	ck_assert_int_eq(load(files[_i].text, &script), files[_i].good);
	if (files[_i].good)
		ck_assert_uint_eq(script.count, files[_i].count);
	script_clear(&script);
}
END_TEST

START_TEST(a_file_is_read_into_steps)
{
	struct script script;

	ck_assert(load("# the title\n# more\nworld: classroom\nburst: yes\n"
		       "CONNECT smtp as first\nC:  two blanks\nC| .\n"
		       "S- 250 x\nS: END\n",
	    &script));
	ck_assert_str_eq(script.title, "the title");
	ck_assert_str_eq(script.world, "classroom");
	ck_assert_int_eq(script.burst, BURST_YES);
	ck_assert_int_eq(script.steps[0].kind, STEP_CONNECT);
	ck_assert_str_eq(script.steps[0].text, "smtp as first");
	ck_assert_int_eq(script.steps[0].line, 5);
	ck_assert_int_eq(script.steps[1].kind, STEP_SAY);
	ck_assert_str_eq(script.steps[1].text, " two blanks");
	ck_assert_int_eq(script.steps[2].kind, STEP_TEXT);
	ck_assert_str_eq(script.steps[2].text, ".");
	ck_assert_int_eq(script.steps[3].kind, STEP_FIND);
	ck_assert_int_eq(script.steps[4].kind, STEP_END);
	script_clear(&script);
}
END_TEST

Suite *
dialog_suite(void)
{
	Suite *suite = suite_create("dialog");
	TCase *tc = tcase_create("dialog");

	tcase_add_loop_test(tc, a_pattern_matches_what_it_says, 0,
	    (int)COUNT(patterns));
	tcase_add_loop_test(tc, values_are_put_in_and_mistakes_are_told, 0,
	    (int)COUNT(expansions));
	tcase_add_loop_test(tc, a_file_is_read_or_refused, 0,
	    (int)COUNT(files));
	tcase_add_test(tc, a_file_is_read_into_steps);
	suite_add_tcase(suite, tc);
	return suite;
}
