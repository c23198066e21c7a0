/*
 * check_config.c - postlab.conf: values, defaults, and the printed form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/config.h"
#include "tests/check_config_world.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

START_TEST(what_is_written_is_read)
{
	struct config *config = config_of(config_good);

	ck_assert_str_eq(config->domain, "campus.example");
	ck_assert_int_eq(config->command_timeout, 90);
	ck_assert_int_eq(config->data_timeout, 7200);
	ck_assert(config->teaching);
	ck_assert_uint_eq(config->listener_count, 3);
	ck_assert_str_eq(config->listeners[1].name, "msas");
	ck_assert_int_eq(config->listeners[1].protocol, PROTO_MSA);
	ck_assert_int_eq(config->listeners[1].leniency, CLASSROOM);
	ck_assert_str_eq(config->listeners[2].address, "unix:run/lmtp");
	config_free(config);
}
END_TEST

START_TEST(what_is_not_written_has_its_default)
{
	struct config *config = config_of(config_good);
	const struct listener *mta = &config->listeners[0];
	const struct listener *msas = &config->listeners[1];

	ck_assert_str_eq(config->hostname, "mail.campus.example");
	ck_assert_int_eq(config->port_base, 2000);
	ck_assert_int_eq(config->message_size, 10240000);
	ck_assert_str_eq(config->lmtp, "unix:run/lmtp");
	ck_assert_int_eq(config->lmtp_timeout, 30);
	ck_assert_str_eq(mta->address, "127.0.0.1 ::1");
	ck_assert_int_eq(mta->port, 25);
	ck_assert_int_eq(mta->tls, TLS_STARTTLS);
	ck_assert_int_eq(mta->auth, AUTH_OFF);
	ck_assert_int_eq(mta->leniency, STRICT);
	ck_assert(!mta->cleartext && !mta->explain && !mta->evidence);
	ck_assert_int_eq(mta->sender_policy, SENDER_ALIAS);
	ck_assert_int_eq(msas->sender_policy, SENDER_FREE);
	ck_assert_str_eq(mta->banner, "Postlab");
	ck_assert(config_offers(mta, "DSN") && config_offers(mta, "8BITMIME"));
	ck_assert_int_eq(msas->port, 465);
	ck_assert_int_eq(msas->auth, AUTH_REQUIRED);
	ck_assert_int_eq(config->listeners[2].tls, TLS_OFF);
	config_free(config);
}
END_TEST

START_TEST(routes_are_read)
{
	struct config *config = config_of(
	    "[server]\ndomain = campus.example\n"
	    "[route bank]\ntls = verify\ndomains = Bank.EXAMPLE\n"
	    "[listen mta]\nprotocol = mta\n"
	    "[route out]\nhost = Relay.Example\nlogin = Me\n"
	    "password_file = relay/secret\nsenders = .campus.example x\n"
	    "[route tls]\nhost = 2001:db8::1\nimplicit_tls = yes\n"
	    "domains = .lan\nport = 466\n"
	    "[route tls2]\nhost = r\nimplicit_tls = yes\ndomains = a\n"
	    "[relay]\nport = 2525\n"
	    "source_address = 192.0.2.1 2001:db8::1\n"
	    "[dns]\nresolver = 127.0.0.1@5300 ::1\n");
	const struct route_rule *r = config->routes;

	ck_assert_uint_eq(config->route_count, 4);
	ck_assert_uint_eq(config->listener_count, 1);
	ck_assert_str_eq(r[0].name, "bank");
	ck_assert_str_eq(r[0].domains, "bank.example");
	ck_assert_str_eq(r[0].senders, "*");
	ck_assert_str_eq(r[0].host, "mx");
	ck_assert_int_eq(r[0].port, 2525);
	ck_assert_int_eq(r[0].tls, RELAY_TLS_VERIFY);
	ck_assert_str_eq(r[1].host, "relay.example");
	ck_assert_str_eq(r[1].login, "Me");
	ck_assert_int_eq(r[1].port, 25);
	ck_assert_int_eq(r[1].tls, RELAY_TLS_DANE);
	ck_assert(!r[1].implicit_tls);
	ck_assert_int_eq(r[2].port, 466);
	ck_assert_int_eq(r[3].port, 465);
	ck_assert_str_eq(config->dns_resolver, "127.0.0.1@5300 ::1");
	ck_assert_str_eq(config->dns_hosts_file, "");
	config_free(config);
}
END_TEST

START_TEST(an_extension_left_out_is_not_offered)
{
	struct config *config = config_of("[server]\ndomain = campus.example\n"
					  "[listen mta]\nprotocol = mta\n"
					  "extensions = SIZE  8BITMIME\n");
	const struct listener *mta = &config->listeners[0];

	ck_assert(config_offers(mta, "SIZE"));
	ck_assert(config_offers(mta, "8bitmime"));
	ck_assert(!config_offers(mta, "DSN"));
	ck_assert(!config_offers(mta, "8BIT"));
	ck_assert(!config_offers(mta, ""));
	config_free(config);
}
END_TEST

static char *
print(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	config_print(config, out);
	fclose(out);
	return text;
}

START_TEST(what_is_printed_reads_back_the_same)
{
	char text[2048];
	struct config *config;
	char *first;
	char *second;

	snprintf(text, sizeof(text),
	    "%s[route out]\nhost = r.example\n[route lan]\ndomains = .lan\n",
	    config_good);
	config = config_of(text);
	first = print(config);
	config_free(config);
	config = config_of(first);
	second = print(config);
	ck_assert_str_eq(first, second);
	ck_assert_ptr_nonnull(strstr(first, "\ncommand_timeout = 90s\n"));
	ck_assert_ptr_nonnull(strstr(first, "\nlifetime = 5d\n"));
	ck_assert_ptr_nonnull(strstr(first, "\n[route lan]\n"));
	config_free(config);
	free(first);
	free(second);
}
END_TEST

Suite *
config_suite(void)
{
	Suite *suite = suite_create("config");
	TCase *tc = tcase_create("config");

	tcase_add_checked_fixture(tc, folder_enter, folder_leave);
	tcase_add_test(tc, what_is_written_is_read);
	tcase_add_test(tc, what_is_not_written_has_its_default);
	tcase_add_test(tc, routes_are_read);
	tcase_add_test(tc, an_extension_left_out_is_not_offered);
	tcase_add_test(tc, what_is_printed_reads_back_the_same);
	suite_add_tcase(suite, tc);
	return suite;
}
