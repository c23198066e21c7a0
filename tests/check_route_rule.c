/*
 * check_route_rule.c - which section a message's way is by, and what the
 * section makes of its hops: port, TLS, login, source address.
 */
#include <stdlib.h>
#include <string.h>

#include "smtpd/route.h"
#include "tests/check_route_world.h"
#include "tests/suites.h"

static const struct {
	const char *sender;
	const char *domain;
	const char *name; /* NULL: none */
} choices[] = {
	/* clang-format off */
	{ "a@other.example",      "elsewhere.example",   NULL },
	{ "",                     "elsewhere.example",   NULL },
	{ "a@lab.example",        "elsewhere.example",   "sender" },
	{ "a@x.LAB.example",      "elsewhere.example",   "sender" },
	{ "a@xlab.example",       "elsewhere.example",   NULL },
	{ "\"a@b\"@lab.example",  "elsewhere.example",   "sender" },
	{ "a@lab.example",        "old.example",         "old" },
	{ "a@other.example",      "bank.example",        "below" },
	{ "a@other.example",      "www.bank.example",    "below" },
	{ "a@other.example",      "riverbank.example",   NULL },
	{ "a@other.example",      "X.example",           "below" },
	{ "a@other.example",      "y.x.example",         NULL },
	{ "a@other.example",      "deep.bank.example",   "exact" },
	{ "a@other.example",      "x.deep.bank.example", "deep" },
	{ "a@campus.example",     "deep.bank.example",   "both" },
	{ "a@campus.example",     "x.deep.bank.example", "both" },
	{ "a@lab.example",        "deep.bank.example",   "exact" },
	{ "",                     "deep.bank.example",   "exact" },
	/* clang-format on */
};

START_TEST(the_most_exact_section_wins)
{
	const struct route_rule *rule =
	    route_pick(route_config, choices[_i].sender, choices[_i].domain);
	const char *is = rule == NULL ? "none" : rule->name;
	const char *should =
	    choices[_i].name == NULL ? "none" : choices[_i].name;

	ck_assert_msg(strcmp(is, should) == 0, "%s to %s: %s, not %s",
	    choices[_i].sender, choices[_i].domain, is, should);
}
END_TEST

START_TEST(a_hop_is_as_its_section_says)
{
	struct route route;
	struct buf is = BUF_INIT;

	ck_assert_int_eq(route_find(route_dns, route_config, "a@x.lab.example",
			     "elsewhere.example", &route)
			     .code,
	    250);
	ck_assert_uint_eq(route.count, 1);
	ck_assert_str_eq(route.hops[0].host, "relay.example");
	ck_assert_int_eq(route.hops[0].tls, RELAY_TLS_VERIFY);
	ck_assert(!route.hops[0].implicit);
	ck_assert_str_eq(route.hops[0].login, "lab");
	ck_assert_str_eq(route.hops[0].password_file, "relay/lab");
	route_add_ip(&is, &route.hops[0].address);
	ck_assert_str_eq(is.data, "192.0.2.20:25");
	route_clear(&route);

	route_find(route_dns, route_config, "", "old.example", &route);
	ck_assert(route.hops[0].implicit);
	ck_assert_int_eq(route.hops[0].tls, RELAY_TLS_DANE);
	ck_assert_str_eq(route.hops[0].login, "");
	route_clear(&route);

	route_find(route_dns, route_config, "", "order.example", &route);
	ck_assert_int_eq(route.hops[0].tls, RELAY_TLS_ENCRYPT);
	route_clear(&route);

	route_find(route_dns, route_config, "", "implicit.example", &route);
	ck_assert_int_eq(route.hops[0].tls, RELAY_TLS_DANE);
	route_clear(&route);
	buf_clear(&is);
}
END_TEST

START_TEST(mail_leaves_from_the_address_of_the_hops_family)
{
	struct route route;
	struct buf is = BUF_INIT;

	ck_assert_int_eq(route_find(route_dns, route_config, "",
			     "order.example", &route)
			     .code,
	    250);
	for (size_t i = 0; i < 2; i++) {
		route_add_ip(&is, &route.hops[i].source);
		buf_addchar(&is, ' ');
	}
	ck_assert_str_eq(is.data, "192.0.2.200:0 2001:db8::200:0 ");
	route_clear(&route);

	free(route_config->relay_source_address);
	route_config->relay_source_address = strdup("");
	route_find(route_dns, route_config, "", "order.example", &route);
	ck_assert_int_eq(route.hops[0].source.ss_family, AF_UNSPEC);
	route_clear(&route);
	buf_clear(&is);
}
END_TEST

Suite *
route_rule_suite(void)
{
	Suite *suite = suite_create("route_rule");
	TCase *tc = tcase_create("route_rule");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, route_world_make, route_world_remove);
	tcase_add_loop_test(tc, the_most_exact_section_wins, 0, COUNT(choices));
	tcase_add_test(tc, a_hop_is_as_its_section_says);
	tcase_add_test(tc, mail_leaves_from_the_address_of_the_hops_family);
	suite_add_tcase(suite, tc);
	return suite;
}
