/*
 * check_dns.c - what names lead to: the table of hosts, and libunbound before a
 * name server that says right and wrong things.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/mem.h"
#include "tests/check_dns_server.h"
#include "tests/check_dns_world.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static const struct {
	void (*show)(struct dns *dns, const char *name, struct buf *to);
	const char *name;
	const char *what;
} questions[] = {
	/* clang-format off */
	{ dns_show_mx, "two.example",     "10 a.two.example, 20 b.two.example" },
	{ dns_show_mx, "TWO.example",     "10 a.two.example, 20 b.two.example" },
	{ dns_show_mx, "null.example",    "0 " },
	{ dns_show_mx, "odd.example",     "13 good.odd.example" },
	{ dns_show_mx, "useless.example", "" },
	{ dns_show_mx, "alias.example",   "10 a.two.example, 20 b.two.example" },
	{ dns_show_mx, "plain.example",   "no data" },
	{ dns_show_mx, "nowhere.example", "no name" },
	{ dns_show_mx, "a b.example",     "no name" },
	{ dns_show_mx, "",                "no name" },
	{ dns_show_mx, "fail.example",    "later" },
	{ dns_show_mx, "lame.example",    "later" },
	{ dns_show_mx, "long.example",    "10 a.long.example" },
	{ dns_show_mx, "lab.test",        "10 mail.lab.test" },
	{ dns_show_mx, "known.example",   "no data" },
	{ dns_show_mx, "nas.lan",         "no data" },
	{ dns_show_addresses, "plain.example",
	    "2001:db8::1, 192.0.2.1" },
	{ dns_show_addresses, "six.example",     "2001:db8::6" },
	{ dns_show_addresses, "wrong.example",   "no data" },
	{ dns_show_addresses, "two.example",     "no data" },
	{ dns_show_addresses, "half.example",    "192.0.2.3" },
	{ dns_show_addresses, "half2.example",   "2001:db8::3" },
	{ dns_show_addresses, "none4.example",   "later" },
	{ dns_show_addresses, "fail.example",    "later" },
	{ dns_show_addresses, "nowhere.example", "no name" },
	{ dns_show_addresses, "long.example",    "192.0.2.4" },
	{ dns_show_addresses, "mail.home.arpa",  "192.0.2.5" },
	{ dns_show_addresses, "single",          "192.0.2.6" },
	{ dns_show_addresses, "known.example",   "192.0.2.77" },
	{ dns_show_addresses, "NAS.lan",
	    "2001:db8::77, 192.0.2.77, 192.0.2.78" },
	{ dns_show_addresses, "nas",             "192.0.2.77" },
	{ dns_show_addresses, "last.lan",        "192.0.2.80" },
	{ dns_show_addresses, "blocked.example", "no name" },
	{ dns_show_addresses, "192.0.2.10",      "192.0.2.10" },
	{ dns_show_addresses, "2001:db8::10",    "2001:db8::10" },
	{ dns_show_addresses, "0.0.0.0",         "no name" },
	{ dns_show_tlsa, "plain.example",        "3 1 1 abcd" },
	{ dns_show_tlsa, "two.example",          "no name" },
	{ dns_show_tlsa, "six.example",          "later" },
	{ dns_show_tlsa, "a b.example",          "no name" },
	/* clang-format on */
};

START_TEST(a_name_leads_where_the_records_say)
{
	struct dns *dns = dns_open(dns_config);
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
	struct dns *dns = dns_open(dns_config);
	struct buf is = BUF_INIT;

	dns_show_addresses(dns, "pair.example", &is);
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
	struct dns *dns = dns_open(dns_config);
	struct buf is = BUF_INIT;

	dns_show_mx(dns, damaged[_i], &is);
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
	hasty = dns_config_of(section);
	dns = dns_open(hasty);
	dns_show_mx(dns, "silent.example", &is);
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
	    dns_config->dns_resolver);
	hasty = dns_config_of(section);
	dns = dns_open(hasty);
	dns_show_mx(dns, "silent.example", &is);
	for (int i = 0; i < 3; i++) {
		buf_reset(&is);
		dns_show_addresses(dns, "plain.example", &is);
		ck_assert_str_eq(is.data, "2001:db8::1, 192.0.2.1");
	}
	buf_clear(&is);
	dns_close(dns);
	config_free(hasty);
}
END_TEST

START_TEST(the_name_behind_an_alias_is_known)
{
	struct dns *dns = dns_open(dns_config);
	struct buf is = BUF_INIT;

	dns_show_addresses(dns, "pointer.example", &is);
	ck_assert_str_eq(is.data, "192.0.2.6");
	ck_assert_str_eq(dns_canonical_name(dns), "single");
	dns_show_addresses(dns, "nas.lan", &is);
	ck_assert_str_eq(dns_canonical_name(dns), "");
	buf_clear(&is);
	dns_close(dns);
}
END_TEST

START_TEST(of_very_many_records_the_best_are_kept)
{
	struct dns *dns = dns_open(dns_config);
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
	struct dns *dns = dns_open(dns_config);
	struct buf is = BUF_INIT;

	dns_show_mx(dns, "known.example", &is);
	dns_show_addresses(dns, "known.example", &is);
	ck_assert_int_eq(dns_server_seen()->count, 0);
	dns_show_mx(dns, "two.example", &is);
	ck_assert_int_gt(dns_server_seen()->count, 0);
	buf_clear(&is);
	dns_close(dns);
}
END_TEST

START_TEST(without_a_resolver_only_the_table_is_asked)
{
	struct config *alone =
	    dns_config_of("resolver = none\nhosts_file = hosts\n");
	struct dns *dns = dns_open(alone);
	struct buf is = BUF_INIT;

	dns_show_mx(dns, "two.example", &is);
	buf_addstr(&is, "; ");
	dns_show_addresses(dns, "plain.example", &is);
	buf_addstr(&is, "; ");
	dns_show_addresses(dns, "last.lan", &is);
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
	    dns_config->dns_resolver, _i == 0 ? "anchor" : "absent");
	strict = dns_config_of(section);
	dns = dns_open(strict);
	dns_show_mx(dns, "two.example", &is);
	ck_assert_str_eq(is.data, "later");
	buf_clear(&is);
	dns_close(dns);
	config_free(strict);
}
END_TEST

Suite *
dns_suite(void)
{
	Suite *suite = suite_create("dns");
	TCase *tc = tcase_create("dns");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, dns_world_make, dns_world_remove);
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
	suite_add_tcase(suite, tc);
	return suite;
}
