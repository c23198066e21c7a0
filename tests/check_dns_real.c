/*
 * check_dns_real.c - the questions of tests/dns.sh to a real name server.
 *
 * Only with $POSTLAB_TEST_DNS, the server, and $POSTLAB_TEST_ANCHORS, the keys
 * of the zones that are signed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/dns.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static struct config *config;
static struct dns *dns;

static void
begin(bool checked)
{
	char text[1024];
	char why[512] = "";

	folder_enter();
	snprintf(text, sizeof(text),
	    "[server]\ndomain = campus.example\n[dns]\nresolver = %s\n"
	    "trust_anchor = %s\n",
	    getenv("POSTLAB_TEST_DNS"),
	    checked ? getenv("POSTLAB_TEST_ANCHORS") : "");
	folder_write("postlab.conf", text);
	config = config_load("postlab.conf", why, sizeof(why));
	ck_assert_msg(config != NULL, "%s", why);
	dns = dns_open(config);
}

static void
begin_trusting(void)
{
	begin(false);
}

static void
begin_checking(void)
{
	begin(true);
}

static void
end(void)
{
	dns_close(dns);
	config_free(config);
	folder_leave();
}

static const struct {
	const char *domain;
	enum dns_found found;
	size_t count;
	const char *first;
} exchangers[] = {
	{ "campus.example", DNS_YES, 2, "mail1.campus.example" },
	{ "Alias.Example", DNS_YES, 2, "mail1.campus.example" },
	{ "none.example", DNS_YES, 1, "" },
	{ "any.wild.example", DNS_YES, 1, "mail1.campus.example" },
	{ "text.example", DNS_NO_DATA, 0, NULL },
	{ "nowhere.example", DNS_NO_NAME, 0, NULL },
	{ "nowhere", DNS_NO_NAME, 0, NULL },
	{ "x.test", DNS_NO_NAME, 0, NULL },
	/* a referral is no answer of a server that is to find them all */
	{ "x.lame.example", DNS_LATER, 0, NULL },
	/* too long for a UDP packet, so over TCP; of 200 the 100 best */
	{ "big.example", DNS_YES, 100, "exchanger-number-1.big.example" },
	{ "signed.example", DNS_YES, 1, "mail.signed.example" },
};

START_TEST(a_domain_has_its_exchangers)
{
	struct dns_mx *list;
	size_t count;

	ck_assert_int_eq(dns_mx(dns, exchangers[_i].domain, &list, &count),
	    exchangers[_i].found);
	ck_assert_uint_eq(count, exchangers[_i].count);
	if (count > 0)
		ck_assert_str_eq(list[0].host, exchangers[_i].first);
	free(list);
}
END_TEST

static const struct {
	const char *host;
	enum dns_found found;
	size_t count;
} hosts[] = {
	{ "mail1.campus.example", DNS_YES, 2 },
	{ "ns.test", DNS_YES, 1 },
	{ "none.example", DNS_NO_DATA, 0 },
	{ "nowhere.example", DNS_NO_NAME, 0 },
	{ "mail.signed.example", DNS_YES, 1 },
};

START_TEST(a_host_has_its_addresses)
{
	struct sockaddr_storage *list;
	size_t count;

	ck_assert_int_eq(dns_addresses(dns, hosts[_i].host, &list, &count),
	    hosts[_i].found);
	ck_assert_uint_eq(count, hosts[_i].count);
	free(list);
}
END_TEST

/* Its A record was changed after it was signed. */
static enum dns_found
find_spoiled(void)
{
	struct sockaddr_storage *list;
	size_t count;
	enum dns_found found =
	    dns_addresses(dns, "mail.spoiled.example", &list, &count);

	free(list);
	return found;
}

START_TEST(a_spoiled_answer_is_believed_without_an_anchor)
{
	ck_assert_int_eq(find_spoiled(), DNS_YES);
}
END_TEST

START_TEST(a_spoiled_answer_is_none_with_an_anchor)
{
	ck_assert_int_eq(find_spoiled(), DNS_LATER);
}
END_TEST

/* What DNSSEC proves, and what it does not: the name is in a signed zone. */
static const struct {
	const char *domain;
	bool mx, addresses, tlsa;
} proofs[] = {
	{ "signed.example", true, false, true },
	{ "mail.signed.example", true, true, true },
	{ "nowhere.signed.example", true, false, true },
	{ "alias.signed.example", true, true, true },
	{ "campus.example", false, false, false },
	{ "abroad.signed.example", false, false, true },
};

START_TEST(what_is_proved_is_known_to_be)
{
	const char *domain = proofs[_i].domain;
	struct dns_mx *list;
	struct sockaddr_storage *addresses;
	struct dns_tlsa *tlsa;
	size_t count;

	(void)dns_mx(dns, domain, &list, &count);
	free(list);
	ck_assert_int_eq(dns_was_secure(dns), proofs[_i].mx);
	(void)dns_addresses(dns, domain, &addresses, &count);
	free(addresses);
	ck_assert_int_eq(dns_was_secure(dns), proofs[_i].addresses);
	(void)dns_tlsa(dns, domain, 25, &tlsa, &count);
	free(tlsa);
	ck_assert_int_eq(dns_was_secure(dns), proofs[_i].tlsa);
}
END_TEST

START_TEST(a_host_has_its_tlsa_records)
{
	struct dns_tlsa *list;
	size_t count;

	ck_assert_int_eq(dns_tlsa(dns, "mail.signed.example", 25, &list,
			     &count),
	    DNS_YES);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(list[0].usage, 3);
	ck_assert_uint_eq(list[0].selector, 1);
	ck_assert_uint_eq(list[0].matching, 1);
	ck_assert_uint_eq(list[0].size, 32);
	ck_assert_uint_eq(list[0].data[31], 0x1f);
	free(list);
	ck_assert_int_eq(dns_tlsa(dns, "mail.signed.example", 587, &list,
			     &count),
	    DNS_NO_NAME);
	ck_assert(dns_was_secure(dns));
}
END_TEST

static void
add_questions(TCase *tc)
{
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_domain_has_its_exchangers, 0,
	    COUNT(exchangers));
	tcase_add_loop_test(tc, a_host_has_its_addresses, 0, COUNT(hosts));
}

Suite *
dns_real_suite(void)
{
	Suite *suite = suite_create("dns_real");
	TCase *trusting = tcase_create("trusting");
	TCase *checking = tcase_create("checking");

	tcase_add_checked_fixture(trusting, begin_trusting, end);
	add_questions(trusting);
	tcase_add_test(trusting,
	    a_spoiled_answer_is_believed_without_an_anchor);
	suite_add_tcase(suite, trusting);
	tcase_add_checked_fixture(checking, begin_checking, end);
	add_questions(checking);
	tcase_add_test(checking, a_spoiled_answer_is_none_with_an_anchor);
	tcase_add_loop_test(checking, what_is_proved_is_known_to_be, 0,
	    COUNT(proofs));
	tcase_add_test(checking, a_host_has_its_tlsa_records);
	suite_add_tcase(suite, checking);
	return suite;
}
