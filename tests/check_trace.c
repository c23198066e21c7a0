/*
 * check_trace.c - a log that is searched, and what comes of its lines; the
 * whole command against real daemons is in tests/trace.sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "admin/json.h"
#include "admin/log_files.h"
#include "admin/logfmt.h"
#include "admin/trace_collect.h"
#include "admin/trace_message.h"
#include "admin/trace_sentence.h"
#include "common/buf.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

#define ID "3F2A9C01B7D4E5"
#define T(s) "time=2026-11-22T02:13:" s ".123Z prog=smtpd "

static void
make_world(void)
{
	folder_enter();
	ck_assert_int_eq(mkdir("log", 0700), 0);
}

static void
collect(void *arg, const char *line, size_t size)
{
	ck_assert_uint_eq(strlen(line), size);
	buf_add(arg, line, size);
	buf_addchar(arg, '|');
}

/* The lines with NEEDLE, each with a bar behind it. */
static void
search(const char *needle, bool any_case, struct buf *to)
{
	const struct log_search search = {
		.needle = needle,
		.any_case = any_case,
		.each = collect,
		.arg = to,
	};
	struct log_files files;

	log_files_open(&files);
	log_files_search(&files, &search);
	log_files_close(&files);
}

START_TEST(lines_come_from_all_files_the_oldest_first)
{
	struct buf found = BUF_INIT;
	gzFile packed;

	folder_write("log/postlab.log", T("30") "id=A\n" T("31") "id=B\n");
	folder_write("log/postlab.log.1", T("20") "id=B\n" T("21") "id=A\n");
	packed = gzopen("log/postlab.log.2.gz", "wb");
	gzputs(packed, T("10") "id=A\n");
	gzclose(packed);
	/* none of ours, a half line, a folder, one that nobody can read */
	folder_write("log/notes", "id=A\n");
	folder_write("log/half", T("40") "id=A");
	folder_write("log/old.xz", "id=A\n");
	ck_assert_int_eq(mkdir("log/sub", 0700), 0);
	search("id=A", false, &found);
	ck_assert_str_eq(found.data,
	    T("10") "id=A|" T("21") "id=A|" T("30") "id=A|");
	buf_clear(&found);
}
END_TEST

START_TEST(what_is_packed_otherwise_is_told)
{
	struct log_files files;

	folder_write("log/postlab.log", T("30") "id=A\n");
	folder_write("log/postlab.log.2.xz",
	    "\xFD"
	    "7zXZ");
	log_files_open(&files);
	ck_assert_uint_eq(files.count, 1);
	ck_assert_int_eq(files.files[0].begin, 1795313610123);
	ck_assert_uint_eq(files.unread_count, 1);
	ck_assert_str_eq(files.unread[0], "postlab.log.2.xz");
	log_files_close(&files);
}
END_TEST

START_TEST(case_matters_only_where_it_is_asked_for)
{
	struct buf found = BUF_INIT;

	folder_write("log/a", T("30") "to=Bob@X\n" T("31") "to=bob@x\n");
	search("bob@x", false, &found);
	ck_assert_str_eq(found.data, T("31") "to=bob@x|");
	buf_reset(&found);
	search("bob@x", true, &found);
	ck_assert_str_eq(found.data, T("30") "to=Bob@X|" T("31") "to=bob@x|");
	buf_clear(&found);
}
END_TEST

/* Lines of every length around the size of a piece, and NULs. */
START_TEST(no_line_is_lost_where_a_piece_ends)
{
	enum { LINES = 9000 };
	struct buf found = BUF_INIT;
	FILE *log = fopen("log/a", "w");

	ck_assert_ptr_nonnull(log);
	for (int i = 0; i < LINES; i++) {
		fprintf(log, T("30") "n=%d needle ", i);
		for (int j = 0; j < i % 97; j++)
			putc(j == 13 ? '\0' : 'x', log);
		putc('\n', log);
	}
	/* longer than a piece; what comes behind it is found again */
	for (int i = 0; i < 600000; i++)
		putc('y', log);
	fputs("\n" T("31") "last needle\n", log);
	ck_assert_int_eq(fclose(log), 0);
	search("needle", false, &found);

	char *at = found.data;

	for (int i = 0; i < LINES; i++) {
		char start[64];

		snprintf(start, sizeof(start), T("30") "n=%d needle ", i);
		ck_assert_int_eq(strncmp(at, start, strlen(start)), 0);
		at = strchr(at, '|') + 1;
	}
	ck_assert_str_eq(at, T("31") "last needle|");
	buf_clear(&found);
}
END_TEST

START_TEST(a_search_without_a_log_finds_nothing)
{
	struct buf found = BUF_INIT;

	ck_assert_int_eq(rmdir("log"), 0);
	search("x", true, &found);
	ck_assert_uint_eq(found.size, 0);
	buf_clear(&found);
}
END_TEST

static const struct {
	const char *line;
	const char *words;
} sentences[] = {
	/* clang-format off */
	{ T("30") "event=message helo=desk peer=192.0.2.7 size=10 lines=2 "
	  "long_lines=0 hops=0",
	  "taken from desk at 192.0.2.7: 10 octets, 2 lines" },
	{ T("30") "event=message helo=\"\" peer=192.0.2.7 size=10 lines=2 "
	  "long_lines=1 hops=3",
	  "taken from 192.0.2.7: 10 octets, 2 lines, 1 of them longer than "
	  "998 octets, after 3 other servers" },
	{ T("30") "event=delivered to=b@x orig=c@x code=250 reply=\"2.1.5 Ok\"",
	  "b@x (written as c@x) has it: 250 2.1.5 Ok" },
	{ T("30") "event=deferred to=b@x code=451 reply=\"4.4.1 away\"",
	  "b@x must wait: 451 4.4.1 away" },
	/* foreign bytes, also in an event nobody knows */
	{ T("30") "event=refused code=550 reply=\"\\x1B[2J{to}[x\"",
	  "refused: 550 \\x1B[2J{to}[x" },
	/* a reply of two lines */
	{ T("30") "event=refused code=550 reply=\"5.1.1 no\\x0Aask\"",
	  "refused: 550 5.1.1 no ask" },
	{ T("30") "pid=7 event=odd id=A why=\"\\x1B\"", "odd, why \\x1B" },
	/* clang-format on */
};

START_TEST(an_event_is_told_in_words)
{
	struct logfmt fields;
	struct buf text = BUF_INIT;

	ck_assert(logfmt_parse(sentences[_i].line, strlen(sentences[_i].line),
	    &fields));
	trace_sentence(&fields, &text);
	ck_assert_str_eq(text.data, sentences[_i].words);
	buf_clear(&text);
}
END_TEST

static const struct {
	const char *text;
	const char *json;
} strings[] = {
	/* clang-format off */
	{ "", "\"\"" },
	{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
	{ "\x1B[2J\n\x7F", "\"\\u001b[2J\\u000a\\u007f\"" },
	{ "\xC3\xA9 \xE2\x82\xAC", "\"\\u00e9 \\u20ac\"" },
	{ "\xF0\x9F\x99\x82", "\"\\ud83d\\ude42\"" },
	{ "\xE9z\xC3", "\"\\ufffdz\\ufffd\"" },
	{ "\xED\xA0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
	/* clang-format on */
};

START_TEST(json_is_ascii_whatever_comes)
{
	struct buf text = BUF_INIT;

	json_string(&text, strings[_i].text);
	ck_assert_str_eq(text.data, strings[_i].json);
	buf_clear(&text);
}
END_TEST

START_TEST(of_many_messages_the_newest_stay)
{
	struct trace trace = { .limit = 3 };
	char id[QUEUE_ID_SIZE];

	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%014X", (unsigned)(i * 7 % 1000));
		trace_note(&trace, id, i * 7 % 1000);
	}
	trace_sort(&trace);
	ck_assert_uint_eq(trace.count, 3);
	ck_assert(trace.more);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(trace.messages[i].first, 997 + (int)i);
	trace_clear(&trace);
}
END_TEST

/* Lines as the daemons write them, with others between, in a wrong order. */
START_TEST(the_lines_about_an_id_make_its_story)
{
	struct trace trace = { .limit = 1 };
	const struct trace_message *message;

	folder_write("log/postlab.log",
	    T("31") "event=deferred id=" ID " from=a@x to=b@x code=451 "
		    "reply=\"4.4.1 away\"\n" T(
			"30") "event=message id=" ID " peer=127.0.0.1 uid=1000 "
			      "listener=mta protocol=ESMTP size=12 msgid=1@x from=a@x\n" T(
				  "32") "event=refused id=00000000000000 helo=\" id=" ID
					"\"\n"
					"time=2026-11-22T02:13:33.123Z prog=mda event=delivered id=" ID
					" to=b@x mailbox=mail/x/b file=17.M1.h reply=\"2.0.0 Saved\"\n" T(
					    "33") "event=delivered id=" ID
						  " to=b@x code=250 "
						  "reply=\"2.0.0 Saved\"\n"
						  "time=2026-11-22T02:13:40.123Z prog=pop3d event=retrieved user=b@x "
						  "file=16.M1.h file=17.M1.h\n"
						  "time=2026-11-22T02:13:41.123Z prog=pop3d event=removed user=b@x "
						  "file=17.M1.h\n"
						  "time=2026-11-22T02:13:42.123Z prog=pop3d event=removed user=b@x "
						  "file=17.M1.hx\n");
	log_files_open(&trace.log);
	trace_note(&trace, ID, INT64_MAX);
	trace_collect(&trace);
	message = &trace.messages[0];
	ck_assert_uint_eq(message->event_count, 6);
	ck_assert(message->arrival_known);
	ck_assert_int_eq(message->first, 1795313610123);
	ck_assert_ptr_nonnull(strstr(message->events[0].line, "=message "));
	ck_assert_ptr_nonnull(strstr(message->events[5].line, "=removed "));
	ck_assert_str_eq(message->facts[FACT_UID], "1000");
	ck_assert_str_eq(message->facts[FACT_LISTENER], "mta");
	ck_assert_str_eq(message->facts[FACT_MESSAGE_ID], "1@x");
	ck_assert_uint_eq(message->recipient_count, 1);
	ck_assert_str_eq(message->recipients[0].outcome, "delivered");
	ck_assert_str_eq(message->recipients[0].reply, "250 2.0.0 Saved");
	ck_assert_uint_eq(message->copy_count, 1);
	ck_assert_int_eq(message->copies[0].place, PLACE_GONE);
	trace_clear(&trace);
}
END_TEST

Suite *
trace_suite(void)
{
	Suite *suite = suite_create("trace");
	TCase *tc = tcase_create("trace");

	tcase_add_checked_fixture(tc, make_world, folder_leave);
	tcase_add_test(tc, lines_come_from_all_files_the_oldest_first);
	tcase_add_test(tc, what_is_packed_otherwise_is_told);
	tcase_add_test(tc, case_matters_only_where_it_is_asked_for);
	tcase_add_test(tc, no_line_is_lost_where_a_piece_ends);
	tcase_add_test(tc, a_search_without_a_log_finds_nothing);
	tcase_add_loop_test(tc, an_event_is_told_in_words, 0, COUNT(sentences));
	tcase_add_loop_test(tc, json_is_ascii_whatever_comes, 0,
	    COUNT(strings));
	tcase_add_test(tc, of_many_messages_the_newest_stay);
	tcase_add_test(tc, the_lines_about_an_id_make_its_story);
	suite_add_tcase(suite, tc);
	return suite;
}
