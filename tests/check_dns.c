/*
 * check_dns.c - what names lead to: the table of hosts, libunbound before a
 * name server that says right and wrong things, and the sandbox.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/dns.h"
#include "smtpd/rights.h"
#include "tests/check_dns_server.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

/* clang-format off */
static const struct dns_row rows[] = {
	{ "two.example",     "MX",   "20 b.two.example" },
	{ "two.example",     "MX",   "10 A.Two.Example" },
	{ "null.example",    "MX",   "0 " },
	{ "odd.example",     "MX",   "10 a b.example" },
	{ "odd.example",     "MX",   "11 \033[31m.example" },
	{ "odd.example",     "MX",   "12 -.example" },
	{ "odd.example",     "MX",   "13 good.odd.example" },
	{ "useless.example", "MX",   "10 a_b.example" },
	{ "alias.example",   "CNAME", "two.example" },
	{ "plain.example",   "A",    "192.0.2.1" },
	{ "plain.example",   "AAAA", "2001:db8::1" },
	{ "pair.example",    "A",    "192.0.2.11" },
	{ "pair.example",    "A",    "192.0.2.12" },
	{ "six.example",     "AAAA", "2001:db8::6" },
	{ "wrong.example",   "A",    "0.0.0.0" },
	{ "wrong.example",   "A",    "224.0.0.1" },
	{ "wrong.example",   "A",    "255.255.255.255" },
	{ "wrong.example",   "AAAA", "::" },
	{ "wrong.example",   "AAAA", "ff02::1" },
	{ "wrong.example",   "AAAA", "::ffff:127.0.0.1" },
	{ "half.example",    "A",    "192.0.2.3" },
	{ "half.example",    "AAAA", "!SERVFAIL" },
	{ "half2.example",   "A",    "!SERVFAIL" },
	{ "half2.example",   "AAAA", "2001:db8::3" },
	{ "none4.example",   "AAAA", "!SERVFAIL" },
	{ "fail.example",    "*",    "!SERVFAIL" },
	{ "lame.example",    "*",    "!REFUSED" },
	{ "long.example",    "*",    "!TC" },
	{ "long.example",    "MX",   "10 a.long.example" },
	{ "long.example",    "A",    "192.0.2.4" },
	{ "many.example",    "MX",   "!MANY" },
	{ "silent.example",  "*",    "!SILENT" },
	{ "empty.example",   "*",    "!EMPTY" },
	{ "garbage.example", "*",    "!GARBAGE" },
	{ "other.example",   "*",    "!OTHER" },
	{ "_25._tcp.plain.example", "TLSA", "030101abcd" },
	{ "_25._tcp.plain.example", "TLSA", "0200" },
	{ "_2525._tcp.plain.example", "TLSA", "0201020102" },
	{ "_25._tcp.six.example", "*", "!SERVFAIL" },
	{ "lab.test",        "MX",   "10 mail.lab.test" },
	{ "mail.home.arpa",  "A",    "192.0.2.5" },
	{ "single",          "A",    "192.0.2.6" },
	{ "pointer.example", "CNAME", "single" },
	{ "known.example",   "MX",   "10 elsewhere.example" },
	{ "known.example",   "A",    "192.0.2.99" },
	{ NULL, NULL, NULL },
};
/* clang-format on */

static struct config *config;

static struct config *
load(const char *dns_section)
{
	char text[1024];
	char why[512] = "";
	struct config *loaded;

	snprintf(text, sizeof(text),
	    "[server]\ndomain = campus.example\n[dns]\n%s", dns_section);
	folder_write("postlab.conf", text);
	loaded = config_load("postlab.conf", why, sizeof(why));
	ck_assert_msg(loaded != NULL, "%s", why);
	return loaded;
}

static void
begin(void)
{
	char section[200];

	folder_enter();
	folder_write("hosts",
	    "# our own\n"
	    "192.0.2.77 known.example Nas.LAN nas # a comment\r\n"
	    "\n"
	    "2001:db8::77\tnas.lan\n"
	    "192.0.2.78 nas.lan\n"
	    "nonsense there\n"
	    "0.0.0.0 blocked.example\n"
	    "192.0.2.79 bad_name.example\n"
	    "192.0.2.80 last.lan");
	snprintf(section, sizeof(section),
	    "resolver = 127.0.0.1@%d\nhosts_file = hosts\n",
	    dns_server_start(rows));
	config = load(section);
}

static void
end(void)
{
	dns_server_stop();
	config_free(config);
	folder_leave();
}

/* The records as "10 a, 20 b", or how none were found. */
static void
show_mx(struct dns *dns, const char *domain, struct buf *to)
{
	static const char *const names[] = { "", "no name", "no data",
		"later" };
	struct dns_mx *list;
	size_t count;
	enum dns_found found = dns_mx(dns, domain, &list, &count);

	buf_addstr(to, names[found]);
	ck_assert(found == DNS_YES || (list == NULL && count == 0));
	for (size_t i = 0; i < count; i++)
		buf_printf(to, "%s%d %s", i == 0 ? "" : ", ",
		    list[i].preference, list[i].host);
	free(list);
}

static void
show_addresses(struct dns *dns, const char *host, struct buf *to)
{
	static const char *const names[] = { "", "no name", "no data",
		"later" };
	struct sockaddr_storage *list;
	size_t count;
	enum dns_found found = dns_addresses(dns, host, &list, &count);

	buf_addstr(to, names[found]);
	ck_assert(found == DNS_YES || (list == NULL && count == 0));
	for (size_t i = 0; i < count; i++) {
		char text[INET6_ADDRSTRLEN];
		struct sockaddr_in old;
		struct sockaddr_in6 new;

		memcpy(&old, &list[i], sizeof(old));
		memcpy(&new, &list[i], sizeof(new));
		if (list[i].ss_family == AF_INET)
			inet_ntop(AF_INET, &old.sin_addr, text, sizeof(text));
		else
			inet_ntop(AF_INET6, &new.sin6_addr, text, sizeof(text));
		buf_printf(to, "%s%s", i == 0 ? "" : ", ", text);
	}
	free(list);
}

/* "usage selector matching data" of those on port 25 */
static void
show_tlsa(struct dns *dns, const char *host, struct buf *to)
{
	static const char *const names[] = { "", "no name", "no data",
		"later" };
	struct dns_tlsa *list;
	size_t count;
	enum dns_found found = dns_tlsa(dns, host, 25, &list, &count);

	buf_addstr(to, names[found]);
	for (size_t i = 0; i < count; i++) {
		buf_printf(to, "%d %d %d ", list[i].usage, list[i].selector,
		    list[i].matching);
		for (size_t j = 0; j < list[i].size; j++)
			buf_printf(to, "%02x", list[i].data[j]);
	}
	/* Without a trust anchor nothing is proved. */
	ck_assert(!dns_was_secure(dns));
	free(list);
}

static const struct {
	void (*show)(struct dns *dns, const char *name, struct buf *to);
	const char *name;
	const char *what;
} questions[] = {
	/* clang-format off */
	{ show_mx, "two.example",     "10 a.two.example, 20 b.two.example" },
	{ show_mx, "TWO.example",     "10 a.two.example, 20 b.two.example" },
	{ show_mx, "null.example",    "0 " },
	{ show_mx, "odd.example",     "13 good.odd.example" },
	{ show_mx, "useless.example", "" },
	{ show_mx, "alias.example",   "10 a.two.example, 20 b.two.example" },
	{ show_mx, "plain.example",   "no data" },
	{ show_mx, "nowhere.example", "no name" },
	{ show_mx, "a b.example",     "no name" },
	{ show_mx, "",                "no name" },
	{ show_mx, "fail.example",    "later" },
	{ show_mx, "lame.example",    "later" },
	{ show_mx, "long.example",    "10 a.long.example" },
	{ show_mx, "lab.test",        "10 mail.lab.test" },
	{ show_mx, "known.example",   "no data" },
	{ show_mx, "nas.lan",         "no data" },
	{ show_addresses, "plain.example",
	    "2001:db8::1, 192.0.2.1" },
	{ show_addresses, "six.example",     "2001:db8::6" },
	{ show_addresses, "wrong.example",   "no data" },
	{ show_addresses, "two.example",     "no data" },
	{ show_addresses, "half.example",    "192.0.2.3" },
	{ show_addresses, "half2.example",   "2001:db8::3" },
	{ show_addresses, "none4.example",   "later" },
	{ show_addresses, "fail.example",    "later" },
	{ show_addresses, "nowhere.example", "no name" },
	{ show_addresses, "long.example",    "192.0.2.4" },
	{ show_addresses, "mail.home.arpa",  "192.0.2.5" },
	{ show_addresses, "single",          "192.0.2.6" },
	{ show_addresses, "known.example",   "192.0.2.77" },
	{ show_addresses, "NAS.lan",
	    "2001:db8::77, 192.0.2.77, 192.0.2.78" },
	{ show_addresses, "nas",             "192.0.2.77" },
	{ show_addresses, "last.lan",        "192.0.2.80" },
	{ show_addresses, "blocked.example", "no name" },
	{ show_addresses, "192.0.2.10",      "192.0.2.10" },
	{ show_addresses, "2001:db8::10",    "2001:db8::10" },
	{ show_addresses, "0.0.0.0",         "no name" },
	{ show_tlsa, "plain.example",        "3 1 1 abcd" },
	{ show_tlsa, "two.example",          "no name" },
	{ show_tlsa, "six.example",          "later" },
	{ show_tlsa, "a b.example",          "no name" },
	/* clang-format on */
};

START_TEST(a_name_leads_where_the_records_say)
{
	struct dns *dns = dns_open(config);
	struct buf is = BUF_INIT;

	questions[_i].show(dns, questions[_i].name, &is);
	ck_assert_msg(strcmp(is.data, questions[_i].what) == 0,
	    "%s: %s, not %s", questions[_i].name, is.data, questions[_i].what);
	buf_clear(&is);
	dns_close(dns);
}
END_TEST

START_TEST(all_addresses_are_given_in_any_order)
{
	struct dns *dns = dns_open(config);
	struct buf is = BUF_INIT;

	show_addresses(dns, "pair.example", &is);
	ck_assert(strcmp(is.data, "192.0.2.11, 192.0.2.12") == 0 ||
	    strcmp(is.data, "192.0.2.12, 192.0.2.11") == 0);
	buf_clear(&is);
	dns_close(dns);
}
END_TEST

static const char *const damaged[] = { "silent.example", "empty.example",
	"garbage.example", "other.example" };

START_TEST(no_proper_answer_is_a_temporary_failure)
{
	struct dns *dns = dns_open(config);
	struct buf is = BUF_INIT;

	show_mx(dns, damaged[_i], &is);
	ck_assert_str_eq(is.data, "later");
	buf_clear(&is);
	dns_close(dns);
}
END_TEST

/* A port of 127.0.0.1 where nobody answers. */
static int
open_mute(int *fd)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(*fd, (struct sockaddr *)&at, size), 0);
	ck_assert_int_eq(getsockname(*fd, (struct sockaddr *)&at, &size), 0);
	return ntohs(at.sin_port);
}

/* Three silent servers would take 16 seconds. */
START_TEST(a_question_has_a_time_limit)
{
	char section[200];
	int fds[3];
	struct config *hasty;
	struct dns *dns;
	struct buf is = BUF_INIT;
	time_t begun = time(NULL);

	snprintf(section, sizeof(section),
	    "resolver = 127.0.0.1@%d 127.0.0.1@%d 127.0.0.1@%d\n"
	    "timeout = 1s\n",
	    open_mute(&fds[0]), open_mute(&fds[1]), open_mute(&fds[2]));
	hasty = load(section);
	dns = dns_open(hasty);
	show_mx(dns, "silent.example", &is);
	ck_assert_str_eq(is.data, "later");
	ck_assert_int_lt(time(NULL) - begun, 8);
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	buf_clear(&is);
	dns_close(dns);
	config_free(hasty);
}
END_TEST

START_TEST(a_question_given_up_does_not_disturb_what_follows)
{
	char section[200];
	struct config *hasty;
	struct dns *dns;
	struct buf is = BUF_INIT;

	snprintf(section, sizeof(section), "resolver = %s\ntimeout = 1s\n",
	    config->dns_resolver);
	hasty = load(section);
	dns = dns_open(hasty);
	show_mx(dns, "silent.example", &is);
	for (int i = 0; i < 3; i++) {
		buf_reset(&is);
		show_addresses(dns, "plain.example", &is);
		ck_assert_str_eq(is.data, "2001:db8::1, 192.0.2.1");
	}
	buf_clear(&is);
	dns_close(dns);
	config_free(hasty);
}
END_TEST

START_TEST(the_name_behind_an_alias_is_known)
{
	struct dns *dns = dns_open(config);
	struct buf is = BUF_INIT;

	show_addresses(dns, "pointer.example", &is);
	ck_assert_str_eq(is.data, "192.0.2.6");
	ck_assert_str_eq(dns_canonical_name(dns), "single");
	show_addresses(dns, "nas.lan", &is);
	ck_assert_str_eq(dns_canonical_name(dns), "");
	buf_clear(&is);
	dns_close(dns);
}
END_TEST

START_TEST(of_very_many_records_the_best_are_kept)
{
	struct dns *dns = dns_open(config);
	struct dns_mx *list;
	size_t count;

	ck_assert_int_eq(dns_mx(dns, "many.example", &list, &count), DNS_YES);
	ck_assert_uint_eq(count, DNS_MX_MAX);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(list[i].preference, (int)i + 1);
	ck_assert_str_eq(list[0].host, "mx1.many.example");
	free(list);
	dns_close(dns);
}
END_TEST

START_TEST(who_is_in_the_table_is_not_asked_for)
{
	struct dns *dns = dns_open(config);
	struct buf is = BUF_INIT;

	show_mx(dns, "known.example", &is);
	show_addresses(dns, "known.example", &is);
	ck_assert_int_eq(dns_server_seen()->count, 0);
	show_mx(dns, "two.example", &is);
	ck_assert_int_gt(dns_server_seen()->count, 0);
	buf_clear(&is);
	dns_close(dns);
}
END_TEST

START_TEST(without_a_resolver_only_the_table_is_asked)
{
	struct config *alone = load("resolver = none\nhosts_file = hosts\n");
	struct dns *dns = dns_open(alone);
	struct buf is = BUF_INIT;

	show_mx(dns, "two.example", &is);
	buf_addstr(&is, "; ");
	show_addresses(dns, "plain.example", &is);
	buf_addstr(&is, "; ");
	show_addresses(dns, "last.lan", &is);
	ck_assert_str_eq(is.data, "no name; no name; 192.0.2.80");
	buf_clear(&is);
	dns_close(dns);
	config_free(alone);
}
END_TEST

/* What DNSSEC must prove is not taken on trust because a file is wrong. */
START_TEST(with_a_trust_anchor_that_is_none_nothing_is_known)
{
	char section[200];
	struct config *strict;
	struct dns *dns;
	struct buf is = BUF_INIT;

	folder_write("anchor", "this is no key\n");
	snprintf(section, sizeof(section), "resolver = %s\ntrust_anchor = %s\n",
	    config->dns_resolver, _i == 0 ? "anchor" : "absent");
	strict = load(section);
	dns = dns_open(strict);
	show_mx(dns, "two.example", &is);
	ck_assert_str_eq(is.data, "later");
	buf_clear(&is);
	dns_close(dns);
	config_free(strict);
}
END_TEST

/*
 * Who can foretell the number and the port of a question can answer it.  The
 * children of one parent, in which the library began, must differ.
 */
START_TEST(children_ask_with_numbers_of_their_own)
{
	enum { CHILDREN = 8 };
	struct dns *dns = dns_open(config);
	const struct dns_seen *seen = dns_server_seen();
	struct buf is = BUF_INIT;

	for (int i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();
		int status;

		ck_assert_int_ne(pid, -1);
		if (pid == 0) {
			show_mx(dns, "two.example", &is);
			_exit(strncmp(is.data, "10 a", 4) == 0 ? 0 : 1);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(seen->count, CHILDREN);
	for (int i = 0; i < CHILDREN; i++)
		for (int j = 0; j < i; j++)
			ck_assert(
			    seen->questions[i].id != seen->questions[j].id ||
			    seen->questions[i].port != seen->questions[j].port);
	/* Two of eight may meet by chance, not more. */
	for (int i = 2; i < CHILDREN; i++)
		ck_assert(seen->questions[i].id != seen->questions[0].id ||
		    seen->questions[i].id != seen->questions[1].id);
	buf_clear(&is);
	dns_close(dns);
}
END_TEST

static int
count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	int count = 0;
	const struct dirent *entry;

	ck_assert_ptr_nonnull(tasks);
	while ((entry = readdir(tasks)) != NULL)
		count += entry->d_name[0] == '.' ? 0 : 1;
	closedir(tasks);
	return count;
}

START_TEST(a_question_makes_no_thread_and_no_process)
{
	struct dns *dns;
	struct buf is = BUF_INIT;
	pid_t pid = fork();
	int status;

	if (pid == 0) { /* which has not the name server as its child */
		dns = dns_open(config);
		show_mx(dns, "two.example", &is);
		if (count_threads() != 1)
			_exit(1);
		_exit(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0
									  : 2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* What a delivery worker does: born of the manager, in two sandboxes. */
_Noreturn static void
ask_inside(struct dns *dns, const char *host, const char *what)
{
	const struct sandbox manager = rights_of_manager(config);
	const struct sandbox delivery = rights_of_delivery(config);
	struct buf is = BUF_INIT;
	int status = 0;
	pid_t pid;

	if (sandbox_enter(&manager) == -1)
		_exit(1);
	pid = fork();
	if (pid > 0) {
		if (waitpid(pid, &status, 0) == -1)
			_exit(5);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 6);
	}
	closefrom(STDERR_FILENO + 1);
	if (pid == -1 || sandbox_enter(&delivery) == -1)
		_exit(2);
	if (open("/etc/resolv.conf", 0) != -1)
		_exit(3); /* it was in no sandbox */
	show_mx(dns, host, &is);
	buf_addstr(&is, "; ");
	show_addresses(dns, host, &is);
	if (strcmp(is.data, what) == 0)
		_exit(0);
	fprintf(stderr, "%s: %s\n", host, is.data);
	_exit(4);
}

static const struct {
	const char *host;
	const char *what;
} inside[] = {
	{ "plain.example", "no data; 2001:db8::1, 192.0.2.1" },
	{ "long.example", "10 a.long.example; 192.0.2.4" },
	{ "last.lan", "no data; 192.0.2.80" },
	{ "nowhere.example", "no name; no name" },
};

START_TEST(a_delivery_worker_can_ask_from_its_sandbox)
{
	struct dns *dns = dns_open(config);
	pid_t pid = fork();
	int status;

	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		ask_inside(dns, inside[_i].host, inside[_i].what);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	dns_close(dns);
}
END_TEST

Suite *
dns_suite(void)
{
	Suite *suite = suite_create("dns");
	TCase *tc = tcase_create("dns");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc, a_name_leads_where_the_records_say, 0,
	    COUNT(questions));
	tcase_add_test(tc, all_addresses_are_given_in_any_order);
	tcase_add_loop_test(tc, no_proper_answer_is_a_temporary_failure, 0,
	    COUNT(damaged));
	tcase_add_test(tc, a_question_has_a_time_limit);
	tcase_add_test(tc, a_question_given_up_does_not_disturb_what_follows);
	tcase_add_test(tc, the_name_behind_an_alias_is_known);
	tcase_add_test(tc, of_very_many_records_the_best_are_kept);
	tcase_add_test(tc, who_is_in_the_table_is_not_asked_for);
	tcase_add_test(tc, without_a_resolver_only_the_table_is_asked);
	tcase_add_loop_test(tc,
	    with_a_trust_anchor_that_is_none_nothing_is_known, 0, 2);
	tcase_add_test(tc, children_ask_with_numbers_of_their_own);
	tcase_add_test(tc, a_question_makes_no_thread_and_no_process);
	tcase_add_loop_test(tc, a_delivery_worker_can_ask_from_its_sandbox, 0,
	    COUNT(inside));
	suite_add_tcase(suite, tc);
	return suite;
}
