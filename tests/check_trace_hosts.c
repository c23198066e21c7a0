/*
 * check_trace_hosts.c - a message followed from log to log; tests/hops.sh has
 * the command and real logs.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/trace_hosts.h"
#include "common/buf.h"
#include "common/mem.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

#define LINE(second, event)                                                    \
	"time=2026-11-22T02:13:" second                                        \
	".123Z level=info prog=smtpd role=worker pid=1 event=" event "\n"
#define ARRIVED(second, id, msgid)                                             \
	LINE(second, "message id=" id " msgid=" msgid)
#define RELAYED(second, id, msgid, next)                                       \
	LINE(second,                                                           \
	    "relayed id=" id " msgid=" msgid                                   \
	    " code=250 reply=\"2.0.0 Ok: queued as " next "\"")
#define REMOVED(second, id) LINE(second, "removed id=" id)

#define A1 "AAAAAAAAAAAAA1"
#define A2 "AAAAAAAAAAAAA2"
#define B1 "BBBBBBBBBBBBB1"
#define B2 "BBBBBBBBBBBBB2"
#define C1 "CCCCCCCCCCCCC1"
#define D1 "DDDDDDDDDDDDD1"

/* This host, and b, c and d, of which d is reached by a foreign one. */
static void
write_logs(void)
{
	static const char *const folders[] = { "log", "b", "b/log", "c" };

	for (size_t i = 0; i < COUNT(folders); i++)
		ck_assert_int_eq(mkdir(folders[i], 0700), 0);
	folder_write("log/postlab.log",
	    ARRIVED("01", A1, "one@x") RELAYED("02", A1, "one@x", B1)
		REMOVED("02", A1) ARRIVED("03", A2, "two@x")
		    RELAYED("04", A2, "two@x", C1));
	/* b lies: that is the id of another message, there and at c */
	folder_write("b/log/postlab.log",
	    ARRIVED("02", B1, "one@x") RELAYED("05", B1, "one@x", C1)
		REMOVED("05", B1) ARRIVED("09", B2, "three@x")
		    RELAYED("09", B2, "three@x", A1));
	folder_write("c/old", ARRIVED("05", C1, "two@x") REMOVED("05", C1));
	folder_write("d.1", ARRIVED("09", D1, "one@x") REMOVED("09", D1));
	/* An operator may name it by a link; what lies in a folder is none. */
	ck_assert_int_eq(symlink("d.1", "d.log"), 0);
	ck_assert_int_eq(symlink("../d.1", "c/link"), 0);
}

static const struct {
	const char *query;
	const char *found; /* the ids that each host knows it by */
} queries[] = {
	{ A1, A1 "|" B1 "||" D1 "|" },
	{ B1, A1 "|" B1 "||" D1 "|" },
	{ D1, A1 "|" B1 "||" D1 "|" },
	{ "<one@x>", A1 "|" B1 "||" D1 "|" },
	{ A2, A2 "||" C1 "||" },
	{ C1, A2 "||" C1 "||" },
	{ "two@x", A2 "||" C1 "||" },
	{ B2, "|" B2 "|||" },
	{ "0123456789ABCD", "||||" },
};

START_TEST(a_message_is_followed_by_the_ids_that_hosts_say)
{
	char b[] = "b", c[] = "c", d[] = "d.log";
	char *paths[] = { b, c, d };
	struct trace_hosts hosts;
	struct buf found = BUF_INIT;

	write_logs();
	ck_assert_int_eq(trace_hosts_open(paths, COUNT(paths), &hosts), 0);
	ck_assert(trace_hosts_find(&hosts, "a", queries[_i].query, 20));
	for (size_t i = 0; i < hosts.count; i++) {
		const struct trace *trace = &hosts.hosts[i].trace;

		for (size_t j = 0; j < trace->count; j++)
			if (trace->messages[j].first != INT64_MAX)
				buf_printf(&found, "%s", trace->messages[j].id);
		buf_addchar(&found, '|');
	}
	ck_assert_str_eq(found.data, queries[_i].found);
	buf_clear(&found);
	trace_hosts_clear(&hosts);
}
END_TEST

START_TEST(what_is_no_log_is_refused)
{
	char nowhere[] = "nowhere", note[] = "note";
	char *paths[] = { nowhere, note };
	struct trace_hosts hosts;

	folder_write("note", "this is no log\n");
	for (size_t i = 0; i < COUNT(paths); i++) {
		ck_assert_int_eq(trace_hosts_open(&paths[i], 1, &hosts), -1);
		trace_hosts_clear(&hosts);
	}
}
END_TEST

Suite *
trace_hosts_suite(void)
{
	Suite *suite = suite_create("trace_hosts");
	TCase *tc = tcase_create("trace_hosts");

	tcase_add_checked_fixture(tc, folder_enter, folder_leave);
	tcase_add_loop_test(tc, a_message_is_followed_by_the_ids_that_hosts_say,
	    0, COUNT(queries));
	tcase_add_test(tc, what_is_no_log_is_refused);
	suite_add_tcase(suite, tc);
	return suite;
}
