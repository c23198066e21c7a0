/*
 * check_config_mistakes.c - what is wrong in postlab.conf is one sentence, with
 * the line where it stands.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/config.h"
#include "common/mem.h"
#include "tests/check_config_world.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

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

	snprintf(text, sizeof(text), "%s%s\n", config_good, mistakes[_i].lines);
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

Suite *
config_mistakes_suite(void)
{
	Suite *suite = suite_create("config_mistakes");
	TCase *tc = tcase_create("config_mistakes");

	tcase_add_checked_fixture(tc, folder_enter, folder_leave);
	tcase_add_loop_test(tc, a_mistake_is_one_sentence_with_its_line, 0,
	    COUNT(mistakes));
	tcase_add_test(tc, a_key_outside_a_section_is_a_mistake);
	tcase_add_test(tc, the_domain_must_be_set);
	tcase_add_test(tc, a_line_that_would_be_cut_is_a_mistake);
	tcase_add_test(tc, a_missing_file_is_a_sentence);
	tcase_add_loop_test(tc, entering_without_a_configuration_ends_with_78,
	    0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
