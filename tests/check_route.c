/*
 * check_route.c - where mail for other hosts goes: what DNS makes of a domain
 * (RFC 5321 5.1, RFC 7505), in which order, how many at most, and never to us.
 */
#include <stdlib.h>
#include <string.h>

#include "smtpd/route.h"
#include "tests/check_dns_server.h"
#include "tests/check_route_world.h"
#include "tests/suites.h"

static const char a_b_c[] =
    "250 a.order.example=192.0.2.1:2525 b.order.example=2001:db8::2:2525 "
    "b.order.example=192.0.2.2:2525 c.order.example=192.0.2.3:2525";
static const char only_a[] = "250 a.order.example=192.0.2.1:2525";

static const struct {
	const char *domain;
	const char *way;
} ways[] = {
	/* clang-format off */
	{ "order.example",    a_b_c },
	{ "ORDER.Example",    a_b_c },
	{ "twice.example",    only_a },
	{ "null.example",     "556 5.1.10" },
	{ "nullish.example",  only_a },
	{ "implicit.example", "250 implicit.example=192.0.2.5:2525" },
	{ "empty.example",    "550 5.4.4" },
	{ "nothing.example",  "550 5.4.4" },
	{ "dead.example",     "550 5.4.4" },
	{ "useless.example",  "550 5.4.4" },
	{ "partly.example",   only_a },
	{ "unsure.example",   "451 4.4.3" },
	{ "unsure2.example",  only_a },
	{ "fail.example",     "451 4.4.3" },
	{ "nowhere.example",  "550 5.1.2" },
	{ "first.example",    "554 5.4.6" },
	{ "backup.example",   only_a },
	{ "secret.example",   only_a },
	{ "self.example",     "554 5.4.6" },
	{ "self6.example",    "554 5.4.6" },
	{ "other.example",    "250 other.example=127.0.0.2:2525" },
	{ "primary.example",  "451 4.4.3" },
	{ "hosts.example",    "550 5.4.4" }, /* the eleventh is not tried */
	{ "nas.lan",          "250 nas.lan=192.0.2.40:2525" },
	{ "single",           "250 single=192.0.2.41:2525" },
	{ "[192.0.2.50]",     "250 [192.0.2.50]=192.0.2.50:2525" },
	{ "[IPv6:2001:db8::50]",
	    "250 [IPv6:2001:db8::50]=2001:db8::50:2525" },
	{ "[127.0.0.1]",      "554 5.4.6" },
	{ "[IPv6:::1]",       "554 5.4.6" },
	{ "[0.0.0.0]",        "550 5.1.2" },
	{ "[x-tag:stuff]",    "550 5.1.2" },
	{ "[192.0.2.50",      "550 5.1.2" },
	{ "[",                "550 5.1.2" },
	{ "192.0.2.50",       "550 5.1.2" },
	{ "lost.example",     "451 4.4.3" },
	{ "wait.example",     "451 4.4.3" },
	{ "round.example",    "554 5.4.6" },
	{ "old.example",      "250 ::1=::1:465" },
	/* clang-format on */
};

START_TEST(mail_goes_where_dns_and_the_sections_say)
{
	struct buf is = BUF_INIT;

	route_show("ann@other.example", ways[_i].domain, &is);
	ck_assert_msg(strcmp(is.data, ways[_i].way) == 0, "%s: %s, not %s",
	    ways[_i].domain, is.data, ways[_i].way);
	buf_clear(&is);
}
END_TEST

START_TEST(equal_preferences_come_in_any_order)
{
	enum { DRAWS = 200 };
	int first[2] = { 0, 0 };

	for (int i = 0; i < DRAWS; i++) {
		struct route route;
		bool a;

		ck_assert_int_eq(route_find(route_dns, route_config, "",
				     "equal.example", &route)
				     .code,
		    250);
		ck_assert_uint_eq(route.count, 4);
		a = strcmp(route.hops[0].host, "a.order.example") == 0;
		ck_assert_str_eq(route.hops[1].host,
		    a ? "c.order.example" : "a.order.example");
		ck_assert_str_eq(route.hops[3].host, "b.order.example");
		first[a ? 1 : 0]++;
		route_clear(&route);
	}
	/* A fair coin is outside of this once in 10^11 times. */
	ck_assert_int_gt(first[0], 50);
	ck_assert_int_gt(first[1], 50);
}
END_TEST

START_TEST(at_most_twenty_addresses_are_tried)
{
	struct route route;

	ck_assert_int_eq(route_find(route_dns, route_config, "", "wide.example",
			     &route)
			     .code,
	    250);
	ck_assert_uint_eq(route.count, ROUTE_HOPS_MAX);
	ck_assert_str_eq(route.hops[7].host, "w1.example");
	ck_assert_str_eq(route.hops[8].host, "w2.example");
	ck_assert_str_eq(route.hops[16].host, "w3.example");
	route_clear(&route);
}
END_TEST

START_TEST(at_most_ten_hosts_are_asked_for)
{
	struct route route;
	int before = dns_server_seen()->count;

	route_find(route_dns, route_config, "", "hosts.example", &route);
	/* The MX, and for each A and AAAA, which are asked at once. */
	ck_assert_int_eq(dns_server_questions(before), 21);
	route_clear(&route);
}
END_TEST

/* A listener on 0.0.0.0 hears what the machine has, and nothing else. */
START_TEST(all_addresses_of_the_machine_are_ours_for_a_listener_on_all)
{
	struct buf is = BUF_INIT;

	free(route_config->listeners[0].address);
	route_config->listeners[0].address = strdup("0.0.0.0");
	route_show("", "[127.0.0.2]", &is);
	buf_addstr(&is, "; ");
	route_show("", "[192.0.2.50]", &is);
	buf_addstr(&is, "; ");
	route_show("", "[IPv6:::1]", &is);
	buf_addstr(&is, "; ");
	route_config->listeners[0].port++;
	route_show("", "[127.0.0.2]", &is);
	ck_assert_str_eq(is.data,
	    "554 5.4.6; 250 [192.0.2.50]=192.0.2.50:2525; "
	    "250 [IPv6:::1]=::1:2525; 250 [127.0.0.2]=127.0.0.2:2525");
	buf_clear(&is);
}
END_TEST

Suite *
route_suite(void)
{
	Suite *suite = suite_create("route");
	TCase *tc = tcase_create("route");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, route_world_make, route_world_remove);
	tcase_add_loop_test(tc, mail_goes_where_dns_and_the_sections_say, 0,
	    COUNT(ways));
	tcase_add_test(tc, equal_preferences_come_in_any_order);
	tcase_add_test(tc, at_most_twenty_addresses_are_tried);
	tcase_add_test(tc, at_most_ten_hosts_are_asked_for);
	tcase_add_test(tc,
	    all_addresses_of_the_machine_are_ours_for_a_listener_on_all);
	suite_add_tcase(suite, tc);
	return suite;
}
