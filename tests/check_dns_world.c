/*
 * check_dns_world.c - the records of the tests of dns.h, and dns.h's answers
 * written out.
 */
#include "tests/check_dns_world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

struct config *dns_config;

struct config *
dns_config_of(const char *dns_section)
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

void
dns_world_make(void)
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
	dns_config = dns_config_of(section);
}

void
dns_world_remove(void)
{
	dns_server_stop();
	config_free(dns_config);
	folder_leave();
}

void
dns_show_mx(struct dns *dns, const char *domain, struct buf *to)
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

void
dns_show_addresses(struct dns *dns, const char *host, struct buf *to)
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

void
dns_show_tlsa(struct dns *dns, const char *host, struct buf *to)
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
