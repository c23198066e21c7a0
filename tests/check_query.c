/*
 * check_query.c - the query language: what is found, and what is refused with
 * which words.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/mem.h"
#include "maildir/query.h"
#include "maildir/query_date.h"
#include "tests/suites.h"

/* 2026-11-19 10:21:04 UTC; tests run in UTC. */
static const struct index_entry entry = {
	.uid = 1,
	.octets = 20480,
	.received = 1795083700,
	.date = 1795083664,
	.flags = "FS",
	.from = "J\xC3\xB6rg M\xC3\xBCller <joerg@campus.example>",
	.to = "Bob <bob@campus.example>",
	.subject = "Re: Cami\xC3\xB3n, \xCE\x9A\xCE\xB1\xCE\xBB\xCE\xAE "
		   "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82: the "
		   "annual report",
	.message_id = "one@campus.example",
	.in_reply_to = "",
	.references = "",
	.attachments = 1,
};

static const struct {
	const char *text;
	bool found;
} cases[] = {
	/* clang-format off */
	{ "", true },
	{ "  ", true },
	{ "from:jorg", true },
	{ "from:J\xC3\x96RG", true },
	{ "FROM:MULLER", true },
	{ "from:mull", true },
	{ "from:\"mull\"", false },
	{ "from:\"muller\"", true },
	{ "from:uller", false },
	{ "from:joerg@campus.example", true },
	{ "from:joerg@campus", true },
	{ "from:bob", false },
	{ "to:bob", true },
	{ "subject:camion", true },
	{ "subject:\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2", true },
	{ "subject:\"annual report\"", true },
	{ "subject:\"report annual\"", false },
	{ "\"the annual\"", true },
	{ "\"annual rep\"", false },
	{ "annual report", true },
	{ "report annual", true },
	{ "annual budget", false },
	{ "annual or budget", true },
	{ "annual OR budget", true },
	{ "budget | annual", true },
	{ "annual and report", true },
	{ "not budget", true },
	{ "-budget", true },
	{ "!budget", true },
	{ "not not annual", true },
	{ "-annual", false },
	{ "annual -from:jorg", false },
	{ "budget or annual from:bob", false },
	{ "(budget or annual) from:jorg", true },
	{ "(budget or annual) -(from:jorg or from:bob)", false },
	{ "-(budget)annual", true },
	{ "((annual))", true },
	{ "is:read", true },
	{ "is:unread", false },
	{ "is:flagged is:READ", true },
	{ "is:replied", false },
	{ "is:new", false },
	{ "is:draft or is:forwarded or is:deleted", false },
	{ "has:attachment", true },
	{ "has:attachments", true },
	{ "larger:19k", true },
	{ "larger:20k", false },
	{ "larger:20479", true },
	{ "smaller:1M", true },
	{ "smaller:1G larger:0", true },
	{ "before:2026-11-20", true },
	{ "before:2026-11-19", false },
	{ "after:2026-11-19", true },
	{ "after:2026-11-20", false },
	{ "on:2026-11-19", true },
	{ "on:2026/11/18", false },
	{ "on:2026-11", true },
	{ "on:2026-12", false },
	{ "on:2026", true },
	{ "after:2027", false },
	{ "id:<one@campus.example>", true },
	{ "id:one@campus.example", true },
	{ "id:one", false },
	{ "http://campus.example", false },
	{ "campus.example", true },
	/* What is only in the text is not known here. */
	{ "body:annual", false },
	{ "cc:bob", false },
	{ "file:report", false },
	/* clang-format on */
};

START_TEST(a_message_is_found_by_what_its_entry_says)
{
	char why[200] = "";
	struct query *query = query_parse(cases[_i].text, why, sizeof(why));

	ck_assert_msg(query != NULL, "%s: %s", cases[_i].text, why);
	ck_assert_msg(query_match(query, &entry) == cases[_i].found, "%s",
	    cases[_i].text);
	query_free(query);
}
END_TEST

static const struct {
	const char *text;
	const char *why; /* its beginning */
} refused[] = {
	/* clang-format off */
	{ "form:bob", "There is no form:, but from: " },
	{ "is:red", "is: takes unread, read, " },
	{ "has:picture", "has: takes attachment, " },
	{ "before:soon", "\"soon\" is no date such as " },
	{ "after:2026-13", "\"2026-13\" is no date" },
	{ "after:2026-11-32", "\"2026-11-32\" is no date" },
	{ "on:20", "\"20\" is no date" },
	{ "before:5x", "\"5x\" is no date" },
	{ "larger:big", "\"big\" is no size" },
	{ "larger:10kk", "\"10kk\" is no size" },
	{ "larger:-1", "\"-1\" is no size" },
	{ "larger:99999999999999999999", "\"99999999999999999999\" is no" },
	{ "from:", "What is looked for must stand behind from:" },
	{ "from: bob", "What is looked for must stand behind from:" },
	{ "\"annual", "A quotation mark" },
	{ "subject:\"annual", "A quotation mark" },
	{ "(annual", "A closing bracket is missing." },
	{ "()", "Something to look for is missing." },
	{ "annual or", "Something to look for is missing." },
	{ "or annual", "Something to look for is missing." },
	{ "not", "Something to look for is missing." },
	{ "a and and b", "Something to look for is missing." },
	{ "&", "\"&\" has no letters" },
	/* clang-format on */
};

START_TEST(what_cannot_be_understood_is_refused_in_a_sentence)
{
	char why[200] = "";

	ck_assert_ptr_null(query_parse(refused[_i].text, why, sizeof(why)));
	ck_assert_msg(strncmp(why, refused[_i].why, strlen(refused[_i].why)) ==
		0,
	    "%s: %s", refused[_i].text, why);
	ck_assert_int_eq(why[strlen(why) - 1], '.');
}
END_TEST

/* UNIT as often as COUNT says. */
static char *
repeat(const char *unit, int count)
{
	char *text = xcalloc((size_t)count, strlen(unit) + 1);

	for (int i = 0; i < count; i++)
		memcpy(text + (size_t)i * strlen(unit), unit, strlen(unit));
	return text;
}

START_TEST(what_is_too_much_is_refused)
{
	static const struct {
		const char *unit;
		int most; /* that are taken */
		const char *why;
	} limits[] = {
		{ "(", 20, "That are too many brackets." },
		{ "a ", 99, "That is too much to look for." },
		{ "a.", 32,
		    "That are too many words in a row; 32 are "
		    "possible." },
	};
	char *most = repeat(limits[_i].unit, limits[_i].most);
	char *more = repeat(limits[_i].unit, limits[_i].most + 1);
	char why[200] = "";
	struct query *query = query_parse(most, why, sizeof(why));

	ck_assert_str_ne(why, limits[_i].why);
	query_free(query);
	ck_assert_ptr_null(query_parse(more, why, sizeof(why)));
	ck_assert_str_eq(why, limits[_i].why);
	free(most);
	free(more);
}
END_TEST

START_TEST(only_what_the_text_tells_needs_the_text)
{
	static const struct {
		const char *text;
		bool reads;
	} queries[] = {
		{ "from:a to:b subject:c is:read", false },
		{ "", false },
		{ "annual", true },
		{ "cc:a", true },
		{ "is:read -(from:a or body:b)", true },
		{ "file:a", true },
	};
	char why[200];

	for (size_t i = 0; i < COUNT(queries); i++) {
		struct query *query =
		    query_parse(queries[i].text, why, sizeof(why));

		ck_assert_msg(query_reads_text(query) == queries[i].reads, "%s",
		    queries[i].text);
		query_free(query);
	}
}
END_TEST

/* 2026-11-19 10:21:04 UTC */
static const struct {
	const char *text;
	int64_t begin;
	int64_t end;
} dates[] = {
	/* clang-format off */
	{ "2026",       1767225600, 1798761600 },
	{ "2024-02",    1706745600, 1709251200 },
	{ "2024-02-29", 1709164800, 1709251200 },
	{ "today",      1795046400, 1795132800 },
	{ "TODAY",      1795046400, 1795132800 },
	{ "0d",         1795046400, 1795132800 },
	{ "yesterday",  1794960000, 1795046400 },
	{ "1d",         1794960000, 1795046400 },
	{ "2w",         1793836800, 1793923200 },
	{ "1m",         1792368000, 1792454400 },
	{ "1y",         1763510400, 1763596800 },
	/* clang-format on */
};

START_TEST(a_date_is_a_period)
{
	struct query_period period;

	ck_assert(query_date_read(dates[_i].text, 1795083664, &period));
	ck_assert_int_eq(period.begin, dates[_i].begin);
	ck_assert_int_eq(period.end, dates[_i].end);
}
END_TEST

static void
use_utc(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
}

Suite *
query_suite(void)
{
	Suite *suite = suite_create("query");
	TCase *tc = tcase_create("query");

	tcase_add_checked_fixture(tc, use_utc, NULL);
	tcase_add_loop_test(tc, a_message_is_found_by_what_its_entry_says, 0,
	    COUNT(cases));
	tcase_add_loop_test(tc,
	    what_cannot_be_understood_is_refused_in_a_sentence, 0,
	    COUNT(refused));
	tcase_add_loop_test(tc, what_is_too_much_is_refused, 0, 3);
	tcase_add_test(tc, only_what_the_text_tells_needs_the_text);
	tcase_add_loop_test(tc, a_date_is_a_period, 0, COUNT(dates));
	suite_add_tcase(suite, tc);
	return suite;
}
