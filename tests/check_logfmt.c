/*
 * check_logfmt.c - lines of our log, taken apart: what log_event() writes comes
 * back, and what nobody wrote does no harm.
 */
#include <stdlib.h>
#include <string.h>

#include "admin/logfmt.h"
#include "common/log.h"
#include "tests/suites.h"

#define T "time=2026-11-22T02:13:17.123Z "

static const struct {
	const char *line;
	const char *key;
	const char *value;
} cases[] = {
	/* clang-format off */
	{ T "level=info event=delivered", "event", "delivered" },
	{ T "to=a@x reply=\"250 Ok\"", "reply", "250 Ok" },
	{ T "reply=\"250 Ok\" to=a@x", "to", "a@x" },
	{ T "login=\"\" to=a@x", "login", "" },
	{ T "login= to=a@x", "login", "" },
	{ T "login= to=a@x", "to", "a@x" },
	{ T "helo=\"a\\\"b\\\\c\"", "helo", "a\"b\\c" },
	{ T "helo=\"\\x1B[2J\\xE9\"", "helo", "\x1B[2J\xE9" },
	/* a value cannot make another one */
	{ T "helo=\"x id=F event=y\" id=A", "id", "A" },
	{ T "helo=\"x\\\" id=F\" id=A", "id", "A" },
	/* the first of two counts */
	{ T "file=a file=b", "file", "a" },
	/* cut where the line's room ends */
	{ T "id=A reply=\"550 no su", "reply", "550 no su" },
	{ T "id=A reply=\"550 \\x4", "reply", "550 x4" },
	{ T "id=A reply=\"550 \\", "reply", "550 \\" },
	{ T "id=A reply=\"", "reply", "" },
	{ T "id=A repl", "repl", "" },
	/* odd words are passed over */
	{ T "what? =x \"a b\" id=A", "id", "A" },
	{ T "  id=A  ", "id", "A" },
	{ T "id=\"A\"B to=c", "id", "A" },
	{ T "id=\"A\"B to=c", "to", "c" },
	{ T "helo=\"a\\x00b\"", "helo", "a?b" },
	{ T "helo=\"\\xzz\"", "helo", "xzz" },
	{ T "id=A=B", "id", "A=B" },
	{ T, "id", "" },
	/* clang-format on */
};

START_TEST(a_value_comes_back)
{
	struct logfmt fields;

	ck_assert(
	    logfmt_parse(cases[_i].line, strlen(cases[_i].line), &fields));
	ck_assert_str_eq(logfmt_get(&fields, cases[_i].key), cases[_i].value);
	/* 2026-11-22 02:13:17 UTC */
	ck_assert_int_eq(fields.when, 1795313597123);
}
END_TEST

static const char *const others[] = {
	"",
	"time=",
	"time=now id=A",
	"time=2026-11-22 id=A",
	"time=2026-11-22T02:13:17Z id=A",
	"time=2026-11-22T02:13:17.1234Z id=A",
	"time=2026-13-22T02:13:17.123Z id=A",
	" time=2026-11-22T02:13:17.123Z id=A",
	"level=info time=2026-11-22T02:13:17.123Z",
	"*** buffer overflow detected ***: terminated",
	"id=A",
};

START_TEST(a_line_that_is_none_of_ours_is_refused)
{
	struct logfmt fields;

	ck_assert(!logfmt_parse(others[_i], strlen(others[_i]), &fields));
}
END_TEST

START_TEST(what_log_event_writes_is_read)
{
	const char *helo = "a \"b\" \\c\r\n\t\x7F\xC3\xA9 id=F";
	char line[LOG_LINE_SIZE];
	struct logfmt fields;
	size_t size =
	    log_compose(line, LOG_WARN, "refused", "id=%s helo=%s reply=%s",
		"3F2A9C01B7D4E5", log_safe(helo), log_safe("550 5.1.1 no"));

	ck_assert(logfmt_parse(line, size - 1, &fields));
	ck_assert_str_eq(logfmt_get(&fields, "event"), "refused");
	ck_assert_str_eq(logfmt_get(&fields, "level"), "warn");
	ck_assert_str_eq(logfmt_get(&fields, "id"), "3F2A9C01B7D4E5");
	ck_assert_str_eq(logfmt_get(&fields, "helo"), helo);
	ck_assert_str_eq(logfmt_get(&fields, "reply"), "550 5.1.1 no");
}
END_TEST

START_TEST(a_value_longer_than_the_log_has_them_ends_in_dots)
{
	char text[LOGFMT_VALUE_MAX + 2];
	char line[LOG_LINE_SIZE];
	struct logfmt fields;
	size_t size;

	memset(text, 'x', LOGFMT_VALUE_MAX + 1);
	text[LOGFMT_VALUE_MAX + 1] = '\0';
	size = log_compose(line, LOG_INFO, "e", "a=%s", log_safe(text));
	ck_assert(logfmt_parse(line, size - 1, &fields));
	strcpy(text + LOGFMT_VALUE_MAX - 1, "x");
	ck_assert_int_eq(strncmp(logfmt_get(&fields, "a"), text,
			     LOGFMT_VALUE_MAX),
	    0);
	ck_assert_str_eq(logfmt_get(&fields, "a") + LOGFMT_VALUE_MAX, "...");
}
END_TEST

/* What somebody appends to a log must not make us write past its end. */
START_TEST(more_than_there_is_room_for_is_left_out)
{
	struct logfmt fields;
	char *line = malloc(100000);

	memset(line, 'x', 100000);
	memcpy(line, T, strlen(T));
	ck_assert(logfmt_parse(line, 100000, &fields));
	for (size_t i = strlen(T); i + 4 <= 100000; i += 4)
		memcpy(line + i, "a=b ", 4);
	ck_assert(logfmt_parse(line, 99999, &fields));
	ck_assert_uint_eq(fields.count, LOGFMT_PAIRS_MAX);
	free(line);
}
END_TEST

Suite *
logfmt_suite(void)
{
	Suite *suite = suite_create("logfmt");
	TCase *tc = tcase_create("logfmt");

	tcase_add_loop_test(tc, a_value_comes_back, 0, COUNT(cases));
	tcase_add_loop_test(tc, a_line_that_is_none_of_ours_is_refused, 0,
	    COUNT(others));
	tcase_add_test(tc, what_log_event_writes_is_read);
	tcase_add_test(tc, a_value_longer_than_the_log_has_them_ends_in_dots);
	tcase_add_test(tc, more_than_there_is_room_for_is_left_out);
	suite_add_tcase(suite, tc);
	return suite;
}
