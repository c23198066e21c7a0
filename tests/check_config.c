/* check_config.c - postlab.conf: values, mistakes, and the printed forms. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/config.h"
#include "common/mem.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static const char good[] = "# a comment\n"
			   "[server]\n"
			   "domain = Campus.Example\n"
			   "[smtpd]\n"
			   "command_timeout = 90 ; seconds\n"
			   "data_timeout = 2h\n"
			   "[auth]\n"
			   "teaching = Yes\n"
			   "[listen mta]\n"
			   "protocol = mta\n"
			   "[listen msas]\n"
			   "protocol = msa\n"
			   "tls = implicit\n"
			   "leniency = classroom\n"
			   "[listen lmtp]\n"
			   "protocol = lmtp\n"
			   "address = unix:run/lmtp\n";

static struct config *
load(const char *text)
{
	char why[512] = "";
	struct config *config;

	folder_write("postlab.conf", text);
	config = config_load("postlab.conf", why, sizeof(why));
	ck_assert_msg(config != NULL, "%s", why);
	return config;
}

START_TEST(what_is_written_is_read)
{
	struct config *config = load(good);

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
	struct config *config = load(good);
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
	struct config *config =
	    load("[server]\ndomain = campus.example\n"
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
	struct config *config = load("[server]\ndomain = campus.example\n"
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

/* A line that comes after the good ones, as line 18, and what is said. */
static const struct {
	const char *lines;
	const char *why;
} mistakes[] = {
	/* clang-format off */
	{ "colour = red",
	    "postlab.conf:18: there is no key colour in [listen lmtp]" },
	{ "[smtp]",
	    "postlab.conf:18: there is no section smtp" },
	{ "[listen]",
	    "postlab.conf:18: a listener has a name: [listen mta]" },
	{ "[listen mta]",
	    "postlab.conf:18: there is a [listen mta] already in line 9" },
	{ "[listen a b]",
	    "postlab.conf:18: the name in [listen NAME] is of letters, "
	    "digits, - and _" },
	{ "[listen x]\nport = 1",
	    "postlab.conf:18: [listen x] needs protocol = mta, msa, lmtp or "
	    "pop3" },
	{ "[smtpd]\ncommand_timeout = 5",
	    "postlab.conf:19: command_timeout was set already in line 5" },
	{ "[smtpd]\nworkers = 0",
	    "postlab.conf:19: workers = 0: must be a number, 1 to 10000" },
	{ "[smtpd]\nworkers = 10001",
	    "postlab.conf:19: workers = 10001: must be a number, 1 to 10000" },
	{ "[smtpd]\nworkers = 99999999999999999999",
	    "postlab.conf:19: workers = 99999999999999999999: must be a "
	    "number, 1 to 10000" },
	{ "[smtpd]\nworkers = -1",
	    "postlab.conf:19: workers = -1: must be a number, 1 to 10000" },
	{ "[smtpd]\nworkers = 1x",
	    "postlab.conf:19: workers = 1x: must be a number, 1 to 10000" },
	{ "[smtpd]\nworkers =",
	    "postlab.conf:19: workers = \"\": must be a number, 1 to 10000" },
	{ "[smtpd]\nlmtp_timeout = 2h",
	    "postlab.conf:19: lmtp_timeout = 2h: must be a time, 1s to 1h" },
	{ "[auth]\nmechanisms = PLAIN FOO",
	    "postlab.conf:19: mechanisms = \"PLAIN FOO\": must be one or more "
	    "of SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, CRAM-MD5 or "
	    "DIGEST-MD5" },
	{ "[listen x]\nprotocol = mta\nbanner = Post\x7f",
	    "postlab.conf:20: banner = \"Post\\x7F\": must be a text in ASCII "
	    "or empty" },
	{ "sender_policy = nobody",
	    "postlab.conf:18: sender_policy = nobody: must be strict, alias or "
	    "free" },
	{ "explain = maybe",
	    "postlab.conf:18: explain = maybe: must be yes or no" },
	{ "leniency = lax",
	    "postlab.conf:18: leniency = lax: must be strict or classroom" },
	{ "[server]\nhostname = a_b",
	    "postlab.conf:19: hostname = a_b: must be a host name" },
	{ "[server]\nhostname = \x1b[31m",
	    "postlab.conf:19: hostname = \"\\x1B[31m\": must be a host name" },
	{ "[smtpd]\nlmtp = 127.0.0.1:70000",
	    "postlab.conf:19: lmtp = 127.0.0.1:70000: must be unix:PATH, "
	    "IPV4:PORT or [IPV6]:PORT" },
	{ "[listen x]\nprotocol=pop3\naddress = 127.0.0.1 localhost",
	    "postlab.conf:20: address = \"127.0.0.1 localhost\": must be IP "
	    "addresses or unix:PATH" },
	{ "[listen x]\nprotocol = mta\naddress = ::1",
	    "postlab.conf:18: [listen x] has the same address and port as "
	    "[listen mta]" },
	{ "[listen x]\nprotocol = pop3\naddress = unix:run/x",
	    "postlab.conf:18: [listen x] only lmtp can have a unix socket" },
	{ "tls = starttls",
	    "postlab.conf:15: [listen lmtp] tls must be off: mda speaks no "
	    "TLS" },
	{ "[listen x]\nprotocol = pop3\nport = 63536",
	    "postlab.conf:18: [listen x] port 63536 and port_base 2000 are "
	    "more than 65535" },
	{ "[queue]\nretry_max = 1m",
	    "postlab.conf: [queue] retry_max is less than retry_min" },
	{ "[route]",
	    "postlab.conf:18: a route has a name: [route out]" },
	{ "[route a]\n[route a]",
	    "postlab.conf:19: there is a [route a] already in line 18" },
	{ "[route a.b]",
	    "postlab.conf:18: the name in [route NAME] is of letters, digits, "
	    "- and _" },
	{ "[route a]\ncolour = red",
	    "postlab.conf:19: there is no key colour in [route a]" },
	{ "[route a]\nport = 1\nport = 2",
	    "postlab.conf:20: port was set already in line 19" },
	{ "[route a]\ndomains = a.example *.example",
	    "postlab.conf:19: domains = \"a.example *.example\": must be one "
	    "or more of DOMAIN, .DOMAIN or *" },
	{ "[route a]\ndomains =",
	    "postlab.conf:19: domains = \"\": must be one or more of DOMAIN, "
	    ".DOMAIN or *" },
	{ "[route a]\nsenders = a@b.example",
	    "postlab.conf:19: senders = a@b.example: must be one or more of "
	    "DOMAIN, .DOMAIN or *" },
	{ "[route a]\nhost = [192.0.2.1]",
	    "postlab.conf:19: host = [192.0.2.1]: must be a host name, an IP "
	    "address or mx" },
	{ "[route a]\nhost = relay.example:25",
	    "postlab.conf:19: host = relay.example:25: must be a host name, an "
	    "IP address or mx" },
	{ "[route a]\ntls = yes",
	    "postlab.conf:19: tls = yes: must be off, may, encrypt, verify or dane" },
	{ "[route a]\nhost = r.example\nlogin = me\npassword_file = /etc/p",
	    "postlab.conf:21: password_file = /etc/p: must be a path below the "
	    "state folder or empty" },
	{ "[route a]\npassword_file = relay/../../p",
	    "postlab.conf:19: password_file = relay/../../p: must be a path "
	    "below the state folder or empty" },
	{ "[route a]\nhost = r.example\nlogin = me",
	    "postlab.conf:18: [route a] login needs a password_file" },
	{ "[route a]\nhost = r.example\npassword_file = p",
	    "postlab.conf:18: [route a] password_file needs a login" },
	{ "[route a]\nlogin = me\npassword_file = p",
	    "postlab.conf:18: [route a] login is for one host, not for mx" },
	{ "[route a]\nimplicit_tls = yes\ntls = off",
	    "postlab.conf:18: [route a] implicit_tls = yes is no tls = off" },
	{ "[route a]\ndomains = a.example .b.example\n"
	  "[route b]\ndomains = c.example .B.example",
	    "postlab.conf:20: [route b] is for a domain and sender that [route "
	    "a] is for" },
	{ "[dns]\nresolver = 192.0.2.1 none",
	    "postlab.conf:19: resolver = \"192.0.2.1 none\": must be IP "
	    "addresses, each with @PORT or not, none, or empty" },
	{ "[dns]\nresolver = ::1@0",
	    "postlab.conf:19: resolver = ::1@0: must be IP addresses, each "
	    "with @PORT or not, none, or empty" },
	{ "[relay]\nsource_address = 192.0.2.1 192.0.2.2",
	    "postlab.conf:19: source_address = \"192.0.2.1 192.0.2.2\": must "
	    "be at most one IPv4 and one IPv6 address" },
	{ "hello",
	    "postlab.conf:18: neither [section] nor key = value" },
	{ "[server",
	    "postlab.conf:18: neither [section] nor key = value" },
	/* clang-format on */
};

START_TEST(a_mistake_is_one_sentence_with_its_line)
{
	char text[2048];
	char why[512] = "";

	snprintf(text, sizeof(text), "%s%s\n", good, mistakes[_i].lines);
	folder_write("postlab.conf", text);
	ck_assert_ptr_null(config_load("postlab.conf", why, sizeof(why)));
	ck_assert_str_eq(why, mistakes[_i].why);
}
END_TEST

START_TEST(a_key_outside_a_section_is_a_mistake)
{
	char why[512] = "";

	folder_write("postlab.conf", "domain = x\n");
	ck_assert_ptr_null(config_load("postlab.conf", why, sizeof(why)));
	ck_assert_str_eq(why,
	    "postlab.conf:1: there is no key domain outside a section");
}
END_TEST

START_TEST(the_domain_must_be_set)
{
	char why[512] = "";

	folder_write("postlab.conf", "[server]\n");
	ck_assert_ptr_null(config_load("postlab.conf", why, sizeof(why)));
	ck_assert_str_eq(why, "postlab.conf: [server] domain must be set");
}
END_TEST

START_TEST(a_line_that_would_be_cut_is_a_mistake)
{
	char text[400];
	char why[512] = "";

	memset(text, 'x', sizeof(text));
	memcpy(text, "[server]\nuser = ", 16);
	text[sizeof(text) - 1] = '\0';
	strcpy(text + 300, "\ndomain = x\n");
	folder_write("postlab.conf", text);
	ck_assert_ptr_null(config_load("postlab.conf", why, sizeof(why)));
	ck_assert_str_eq(why,
	    "postlab.conf:2: the line is longer than 197 bytes or holds a NUL");
}
END_TEST

START_TEST(a_missing_file_is_a_sentence)
{
	char why[512] = "";

	ck_assert_ptr_null(config_load("postlab.conf", why, sizeof(why)));
	ck_assert_str_eq(why, "postlab.conf: No such file or directory");
}
END_TEST

START_TEST(entering_without_a_configuration_ends_with_78)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		close(STDERR_FILENO);
		config_enter(_i == 0 ? "nowhere" : ".");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 78);
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
	    good);
	config = load(text);
	first = print(config);
	config_free(config);
	config = load(first);
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

static char *
warnings(const char *listeners, const char *more, int *count)
{
	char text[2048];
	char *out = NULL;
	size_t size;
	FILE *to = open_memstream(&out, &size);
	struct config *config;

	snprintf(text, sizeof(text), "[server]\ndomain = x.example\n%s%s",
	    listeners, more);
	config = load(text);
	*count = config_warn(config, to);
	fclose(to);
	config_free(config);
	return out;
}

/* One listener a daemon. */
static const char plain[] = "[listen 1]\nprotocol = mta\nport = 1\n"
			    "[listen 2]\nprotocol = pop3\nport = 2\n"
			    "[listen 3]\nprotocol = lmtp\n"
			    "address = unix:run/lmtp\n";

/* What is added to a plain configuration, and a word of the one warning. */
static const struct {
	const char *more;
	const char *word;
} risks[] = {
	/* clang-format off */
	{ "[listen p]\nprotocol = pop3\n", NULL },
	{ "[listen p]\nprotocol = pop3\ncleartext = yes\n", "on this machine" },
	{ "[listen m]\nprotocol = mta\ncleartext = yes\n", NULL },
	{ "[listen p]\nprotocol = pop3\naddress = 192.0.2.1\n", NULL },
	{ "", NULL },
	{ "[smtpd]\nlmtp = unix:run/other\n", "queue" },
	{ "[smtpd]\nlmtp = 127.0.0.1:2024\n", "queue" },
	{ "[smtpd]\nlmtp = 127.0.0.1:2024\n[listen l]\nprotocol = lmtp\n", NULL },
	{ "[smtpd]\nlmtp = 192.0.2.1:24\n", NULL },
	{ "[listen p]\nprotocol = pop3\ncleartext = yes\naddress = ::1 0.0.0.0\n",
	    "cleartext" },
	{ "[listen m]\nprotocol = mta\nleniency = classroom\naddress = ::\n",
	    "classroom" },
	{ "[listen m]\nprotocol = msa\nauth = optional\n", "login" },
	{ "[listen m]\nprotocol = msa\nextensions = SIZE STARTTLS\n", "AUTH" },
	{ "[listen m]\nprotocol = mta\ntls = required\nextensions = SIZE\n",
	    "STARTTLS" },
	{ "[listen m]\nprotocol = mta\ntls = required\n", NULL },
	{ "[listen m]\nprotocol = mta\nevidence = yes\n", NULL },
	{ "[listen p]\nprotocol = pop3\nevidence = yes\n", NULL },
	{ "[listen p]\nprotocol = pop3\nevidence = yes\n"
	  "evidence_secrets = yes\n", "passwords" },
	{ "[listen l]\nprotocol = lmtp\naddress = unix:run/l\nevidence = yes\n", "LMTP" },
	{ "[listen p]\nprotocol = pop3\ncapabilities = TOP SASL\n", NULL },
	{ "[listen p]\nprotocol = pop3\ncapabilities = TOP UIDL\n", "nobody can log in" },
	{ "[listen p]\nprotocol = pop3\ntls = required\ncapabilities = USER SASL\n",
	  "without STLS" },
	{ "[listen m]\nprotocol = mta\nevidence = yes\n"
	  "evidence_secrets = yes\n", "passwords" },
	{ "[listen l]\nprotocol = lmtp\naddress = 192.0.2.1\n", "LMTP" },
	{ "[route r]\nhost = r.example\nlogin = me\npassword_file = p\n"
	  "tls = off\n", "unencrypted" },
	{ "[route r]\nhost = 127.0.0.1\nlogin = me\npassword_file = p\n"
	  "tls = off\n", NULL },
	{ "[route r]\nhost = r.example\nlogin = me\npassword_file = p\n",
	    "tls = verify" },
	{ "[route r]\nhost = r.example\nlogin = me\npassword_file = p\n"
	  "tls = verify\n", NULL },
	{ "[route r]\nhost = r.example\n", NULL },
	{ "[auth]\nteaching = yes\n[listen p]\nprotocol = pop3\n", "MD5" },
	{ "[pop3d]\ntimeout = 9m\n[listen p]\nprotocol = pop3\n", "RFC 1939" },
	/* clang-format on */
};

START_TEST(a_risk_is_named)
{
	int count;
	char *text = warnings(plain, risks[_i].more, &count);

	ck_assert_msg(count == (risks[_i].word == NULL ? 0 : 1), "%d: %s",
	    count, text);
	if (risks[_i].word != NULL)
		ck_assert_ptr_nonnull(strstr(text, risks[_i].word));
	free(text);
}
END_TEST

START_TEST(a_daemon_that_would_not_start_is_named)
{
	int count;
	char *text = warnings("", "[listen m]\nprotocol = msa\n", &count);

	ck_assert_int_eq(count, 2);
	ck_assert_ptr_nonnull(strstr(text, "mda will not start"));
	ck_assert_ptr_nonnull(strstr(text, "pop3d will not start"));
	free(text);
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
	tcase_add_loop_test(tc, a_mistake_is_one_sentence_with_its_line, 0,
	    COUNT(mistakes));
	tcase_add_test(tc, a_key_outside_a_section_is_a_mistake);
	tcase_add_test(tc, the_domain_must_be_set);
	tcase_add_test(tc, a_line_that_would_be_cut_is_a_mistake);
	tcase_add_test(tc, a_missing_file_is_a_sentence);
	tcase_add_loop_test(tc, entering_without_a_configuration_ends_with_78,
	    0, 2);
	tcase_add_test(tc, what_is_printed_reads_back_the_same);
	tcase_add_test(tc, a_daemon_that_would_not_start_is_named);
	tcase_add_loop_test(tc, a_risk_is_named, 0, COUNT(risks));
	suite_add_tcase(suite, tc);
	return suite;
}
