/*
 * check_private_name.c - what the public DNS knows nothing of.
 */
#include <string.h>

#include "admin/private_name.h"
#include "common/dns_ip.h"
#include "common/mem.h"
#include "tests/suites.h"

/* clang-format off */
static const struct {
	const char *name;
	bool private;
} names[] = {
	{ "campus.example", true },  { "example.com", true },
	{ "mail.example.org", true }, { "nas", true },
	{ "mail.LAN", true },        { "x.home.arpa", true },
	{ "lab.test", true },        { "x.internal", true },
	{ "printer.local", true },   { "x.onion", true },
	{ "example.de", false },     { "lan.net", false },
	{ "notexample.com", false }, { "arpa.org", false },
	{ "xlan.eu", false },        { "mytest.io", false },
};
static const struct {
	const char *address;
	bool private;
} addresses[] = {
	{ "10.1.2.3", true },       { "172.31.255.255", true },
	{ "172.32.0.1", false },    { "192.168.0.1", true },
	{ "192.169.0.1", false },   { "100.64.0.1", true },
	{ "100.128.0.1", false },   { "169.254.1.1", true },
	{ "127.0.0.1", true },      { "192.0.2.7", true },
	{ "198.51.100.7", true },   { "203.0.113.7", true },
	{ "203.0.114.7", false },   { "8.8.8.8", false },
	{ "::1", true },            { "fd00::1", true },
	{ "fe80::1", true },        { "2001:db8::1", true },
	{ "2001:db9::1", false },   { "2a00::1", false },
};
/* clang-format on */

START_TEST(private_names_are_known)
{
	ck_assert_msg(private_domain(names[_i].name) == names[_i].private, "%s",
	    names[_i].name);
}
END_TEST

START_TEST(private_addresses_are_known)
{
	struct sockaddr_storage address;

	ck_assert(dns_parse_ip(addresses[_i].address, &address));
	ck_assert_msg(private_address(&address) == addresses[_i].private, "%s",
	    addresses[_i].address);
}
END_TEST

Suite *
private_name_suite(void)
{
	Suite *s = suite_create("private_name");
	TCase *tc = tcase_create("private_name");

	tcase_add_loop_test(tc, private_names_are_known, 0, COUNT(names));
	tcase_add_loop_test(tc, private_addresses_are_known, 0,
	    COUNT(addresses));
	suite_add_tcase(s, tc);
	return s;
}
