/*
 * check_route.c - where mail for other hosts goes: which section, and what
 * DNS makes of it (RFC 5321 5.1, RFC 7505).
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "smtpd/route.h"
#include "tests/check_dns_server.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

/* clang-format off */
static const struct dns_row rows[] = {
	{ "order.example",  "MX",   "30 c.order.example" },
	{ "order.example",  "MX",   "10 a.order.example" },
	{ "order.example",  "MX",   "20 b.order.example" },
	{ "a.order.example", "A",   "192.0.2.1" },
	{ "b.order.example", "A",   "192.0.2.2" },
	{ "b.order.example", "AAAA", "2001:db8::2" },
	{ "c.order.example", "A",   "192.0.2.3" },
	{ "equal.example",  "MX",   "10 a.order.example" },
	{ "equal.example",  "MX",   "10 c.order.example" },
	{ "equal.example",  "MX",   "20 b.order.example" },
	{ "twice.example",  "MX",   "10 a.order.example" },
	{ "twice.example",  "MX",   "20 a.order.example" },
	{ "null.example",   "MX",   "0 " },
	{ "null.example",   "A",    "192.0.2.4" },
	{ "nullish.example", "MX",  "0 " },
	{ "nullish.example", "MX",  "10 a.order.example" },
	{ "implicit.example", "A",  "192.0.2.5" },
	{ "nothing.example", "CNAME", "empty.example" },
	{ "empty.example",  "TXT",  "" },
	{ "dead.example",   "MX",   "10 nowhere.dead.example" },
	{ "dead.example",   "MX",   "20 empty.example" },
	{ "partly.example", "MX",   "10 nowhere.dead.example" },
	{ "partly.example", "MX",   "20 a.order.example" },
	{ "unsure.example", "MX",   "10 fail.example" },
	{ "unsure2.example", "MX",  "10 fail.example" },
	{ "unsure2.example", "MX",  "20 a.order.example" },
	{ "useless.example", "MX",  "10 a_b.example" },
	{ "useless.example", "A",   "192.0.2.6" },
	{ "fail.example",   "*",    "!SERVFAIL" },
	/* we are mail.campus.example, 127.0.0.1 and [::1], port 2525 */
	{ "first.example",  "MX",   "10 Mail.Campus.Example" },
	{ "first.example",  "MX",   "10 a.order.example" },
	{ "first.example",  "MX",   "20 b.order.example" },
	{ "backup.example", "MX",   "10 a.order.example" },
	{ "backup.example", "MX",   "20 mail.campus.example" },
	{ "backup.example", "MX",   "20 b.order.example" },
	{ "backup.example", "MX",   "30 c.order.example" },
	{ "secret.example", "MX",   "10 a.order.example" },
	{ "secret.example", "MX",   "20 b.order.example" },
	{ "secret.example", "MX",   "20 self.example" },
	{ "secret.example", "MX",   "30 c.order.example" },
	{ "self.example",   "A",    "192.0.2.8" },
	{ "self.example",   "A",    "127.0.0.1" },
	{ "self6.example",  "AAAA", "::1" },
	{ "other.example",  "A",    "127.0.0.2" },
	{ "primary.example", "MX",  "10 fail.example" },
	{ "primary.example", "MX",  "20 mail.campus.example" },
	{ "hosts.example",  "MX",   "1 h1.example" },
	{ "hosts.example",  "MX",   "2 h2.example" },
	{ "hosts.example",  "MX",   "3 h3.example" },
	{ "hosts.example",  "MX",   "4 h4.example" },
	{ "hosts.example",  "MX",   "5 h5.example" },
	{ "hosts.example",  "MX",   "6 h6.example" },
	{ "hosts.example",  "MX",   "7 h7.example" },
	{ "hosts.example",  "MX",   "8 h8.example" },
	{ "hosts.example",  "MX",   "9 h9.example" },
	{ "hosts.example",  "MX",   "10 h10.example" },
	{ "hosts.example",  "MX",   "11 a.order.example" },
	{ "wide.example",   "MX",   "1 w1.example" },
	{ "wide.example",   "MX",   "2 w2.example" },
	{ "wide.example",   "MX",   "3 w3.example" },
#define EIGHT(n, net) \
	{ n, "A", net ".1" }, { n, "A", net ".2" }, { n, "A", net ".3" }, \
	{ n, "A", net ".4" }, { n, "A", net ".5" }, { n, "A", net ".6" }, \
	{ n, "A", net ".7" }, { n, "A", net ".8" }
	EIGHT("w1.example", "198.51.100"),
	EIGHT("w2.example", "203.0.113"),
	EIGHT("w3.example", "192.0.2"),
	{ "relay.example",  "A",    "192.0.2.20" },
	{ "relay.example",  "MX",   "10 a.order.example" },
	{ NULL, NULL, NULL },
};

static const char conf[] =
	"[server]\ndomain = campus.example\nport_base = 2500\n"
	"[relay]\nport = 2525\n"
	"source_address = 192.0.2.200 2001:db8::200\n"
	"[listen mta]\nprotocol = mta\nport = 25\n"
	"[route both]\ndomains = .bank.example\nsenders = campus.example\n"
	"host = 192.0.2.31\n"
	"[route exact]\ndomains = deep.bank.example\nhost = 192.0.2.32\n"
	"[route deep]\ndomains = .deep.bank.example\nhost = 192.0.2.33\n"
	"[route below]\ndomains = .bank.example x.example\n"
	"host = 192.0.2.34\nport = 26\n"
	"[route sender]\nsenders = .lab.example\nhost = relay.example\n"
	"tls = verify\nlogin = lab\npassword_file = relay/lab\n"
	"[route tls]\ndomains = order.example\ntls = encrypt\n"
	"[route old]\ndomains = old.example\nhost = ::1\nimplicit_tls = yes\n"
	"[route lost]\ndomains = lost.example\nhost = nowhere.example\n"
	"[route wait]\ndomains = wait.example\nhost = fail.example\n"
	"[route self]\ndomains = round.example\nhost = 127.0.0.1\n"
	"port = 2525\n";
/* clang-format on */

static struct config *config;
static struct dns *dns;

static void
begin(void)
{
	char text[4096];
	char why[512] = "";

	folder_enter();
	folder_write("hosts", "192.0.2.40 nas.lan\n192.0.2.41 single\n");
	snprintf(text, sizeof(text),
	    "%s[dns]\nresolver = 127.0.0.1@%d\nhosts_file = hosts\n", conf,
	    dns_server_start(rows));
	folder_write("postlab.conf", text);
	config = config_load("postlab.conf", why, sizeof(why));
	ck_assert_msg(config != NULL, "%s", why);
	dns = dns_open(config);
}

static void
end(void)
{
	dns_close(dns);
	dns_server_stop();
	config_free(config);
	folder_leave();
}

static void
add_ip(struct buf *to, const struct sockaddr_storage *address)
{
	char text[INET6_ADDRSTRLEN];
	struct sockaddr_in old;
	struct sockaddr_in6 new;

	memcpy(&old, address, sizeof(old));
	memcpy(&new, address, sizeof(new));
	if (address->ss_family == AF_INET)
		inet_ntop(AF_INET, &old.sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &new.sin6_addr, text, sizeof(text));
	buf_printf(to, "%s:%d", text,
	    ntohs(
		address->ss_family == AF_INET ? old.sin_port : new.sin6_port));
}

/* "250 a=192.0.2.1:25 b=..." or the reply's first two words. */
static void
show(const char *sender, const char *domain, struct buf *to)
{
	struct route route;
	struct reply r = route_find(dns, config, sender, domain, &route);

	buf_printf(to, "%d", r.code);
	if (r.code != 250) {
		ck_assert_uint_eq(route.count, 0);
		buf_addchar(to, ' ');
		buf_add(to, r.text, strcspn(r.text, " "));
	}
	for (size_t i = 0; i < route.count; i++) {
		buf_printf(to, " %s=", route.hops[i].host);
		add_ip(to, &route.hops[i].address);
	}
	route_clear(&route);
}

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

	show("ann@other.example", ways[_i].domain, &is);
	ck_assert_msg(strcmp(is.data, ways[_i].way) == 0, "%s: %s, not %s",
	    ways[_i].domain, is.data, ways[_i].way);
	buf_clear(&is);
}
END_TEST

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
	    route_pick(config, choices[_i].sender, choices[_i].domain);
	const char *is = rule == NULL ? "none" : rule->name;
	const char *should =
	    choices[_i].name == NULL ? "none" : choices[_i].name;

	ck_assert_msg(strcmp(is, should) == 0, "%s to %s: %s, not %s",
	    choices[_i].sender, choices[_i].domain, is, should);
}
END_TEST

START_TEST(equal_preferences_come_in_any_order)
{
	enum { DRAWS = 200 };
	int first[2] = { 0, 0 };

	for (int i = 0; i < DRAWS; i++) {
		struct route route;
		bool a;

		ck_assert_int_eq(route_find(dns, config, "", "equal.example",
				     &route)
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

	ck_assert_int_eq(route_find(dns, config, "", "wide.example", &route)
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

	route_find(dns, config, "", "hosts.example", &route);
	/* The MX, and for each A and AAAA, which are asked at once. */
	ck_assert_int_eq(dns_server_seen()->count - before, 21);
	route_clear(&route);
}
END_TEST

START_TEST(a_hop_is_as_its_section_says)
{
	struct route route;
	struct buf is = BUF_INIT;

	ck_assert_int_eq(route_find(dns, config, "a@x.lab.example",
			     "elsewhere.example", &route)
			     .code,
	    250);
	ck_assert_uint_eq(route.count, 1);
	ck_assert_str_eq(route.hops[0].host, "relay.example");
	ck_assert_int_eq(route.hops[0].tls, RELAY_TLS_VERIFY);
	ck_assert(!route.hops[0].implicit);
	ck_assert_str_eq(route.hops[0].login, "lab");
	ck_assert_str_eq(route.hops[0].password_file, "relay/lab");
	add_ip(&is, &route.hops[0].address);
	ck_assert_str_eq(is.data, "192.0.2.20:25");
	route_clear(&route);

	route_find(dns, config, "", "old.example", &route);
	ck_assert(route.hops[0].implicit);
	ck_assert_int_eq(route.hops[0].tls, RELAY_TLS_DANE);
	ck_assert_str_eq(route.hops[0].login, "");
	route_clear(&route);

	route_find(dns, config, "", "order.example", &route);
	ck_assert_int_eq(route.hops[0].tls, RELAY_TLS_ENCRYPT);
	route_clear(&route);

	route_find(dns, config, "", "implicit.example", &route);
	ck_assert_int_eq(route.hops[0].tls, RELAY_TLS_DANE);
	route_clear(&route);
	buf_clear(&is);
}
END_TEST

START_TEST(mail_leaves_from_the_address_of_the_hops_family)
{
	struct route route;
	struct buf is = BUF_INIT;

	ck_assert_int_eq(route_find(dns, config, "", "order.example", &route)
			     .code,
	    250);
	for (size_t i = 0; i < 2; i++) {
		add_ip(&is, &route.hops[i].source);
		buf_addchar(&is, ' ');
	}
	ck_assert_str_eq(is.data, "192.0.2.200:0 2001:db8::200:0 ");
	route_clear(&route);

	free(config->relay_source_address);
	config->relay_source_address = strdup("");
	route_find(dns, config, "", "order.example", &route);
	ck_assert_int_eq(route.hops[0].source.ss_family, AF_UNSPEC);
	route_clear(&route);
	buf_clear(&is);
}
END_TEST

/* A listener on 0.0.0.0 hears what the machine has, and nothing else. */
START_TEST(all_addresses_of_the_machine_are_ours_for_a_listener_on_all)
{
	struct buf is = BUF_INIT;

	free(config->listeners[0].address);
	config->listeners[0].address = strdup("0.0.0.0");
	show("", "[127.0.0.2]", &is);
	buf_addstr(&is, "; ");
	show("", "[192.0.2.50]", &is);
	buf_addstr(&is, "; ");
	show("", "[IPv6:::1]", &is);
	buf_addstr(&is, "; ");
	config->listeners[0].port++;
	show("", "[127.0.0.2]", &is);
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
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc, mail_goes_where_dns_and_the_sections_say, 0,
	    COUNT(ways));
	tcase_add_loop_test(tc, the_most_exact_section_wins, 0, COUNT(choices));
	tcase_add_test(tc, equal_preferences_come_in_any_order);
	tcase_add_test(tc, at_most_twenty_addresses_are_tried);
	tcase_add_test(tc, at_most_ten_hosts_are_asked_for);
	tcase_add_test(tc, a_hop_is_as_its_section_says);
	tcase_add_test(tc, mail_leaves_from_the_address_of_the_hops_family);
	tcase_add_test(tc,
	    all_addresses_of_the_machine_are_ours_for_a_listener_on_all);
	suite_add_tcase(suite, tc);
	return suite;
}
