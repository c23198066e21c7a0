/*
 * check_route_world.c - the records and the sections that the tests of route.h
 * are about: a name server's table and a configuration.
 */
#include "tests/check_route_world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

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

struct config *route_config;
struct dns *route_dns;

void
route_world_make(void)
{
	char text[4096];
	char why[512] = "";

	folder_enter();
	folder_write("hosts", "192.0.2.40 nas.lan\n192.0.2.41 single\n");
	snprintf(text, sizeof(text),
	    "%s[dns]\nresolver = 127.0.0.1@%d\nhosts_file = hosts\n", conf,
	    dns_server_start(rows));
	folder_write("postlab.conf", text);
	route_config = config_load("postlab.conf", why, sizeof(why));
	ck_assert_msg(route_config != NULL, "%s", why);
	route_dns = dns_open(route_config);
}

void
route_world_remove(void)
{
	dns_close(route_dns);
	dns_server_stop();
	config_free(route_config);
	folder_leave();
}

void
route_add_ip(struct buf *to, const struct sockaddr_storage *address)
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

void
route_show(const char *sender, const char *domain, struct buf *to)
{
	struct route route;
	struct reply r =
	    route_find(route_dns, route_config, sender, domain, &route);

	buf_printf(to, "%d", r.code);
	if (r.code != 250) {
		ck_assert_uint_eq(route.count, 0);
		buf_addchar(to, ' ');
		buf_add(to, r.text, strcspn(r.text, " "));
	}
	for (size_t i = 0; i < route.count; i++) {
		buf_printf(to, " %s=", route.hops[i].host);
		route_add_ip(to, &route.hops[i].address);
	}
	route_clear(&route);
}
