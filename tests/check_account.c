/*
 * check_account.c - mua.conf: read, refused, changed in place; the password.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mua/account.h"
#include "mua/password.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static char why[1024];

static const char two[] = "; who I am\n"
			  "[mua]\n"
			  "account = home\n"
			  "\n"
			  "[account campus]\n"
			  "full_name = María Peña\n"
			  "address = maria@campus.example\n"
			  "pop3_host = mail.campus.example\n"
			  "; by hand\n"
			  "pop3_port = 110\n"
			  "pop3_tls = starttls\n"
			  "smtp_host = 192.0.2.1\n"
			  "smtp_tls = starttls\n"
			  "leave_on_server = no\n"
			  "\n"
			  "[account home]\n"
			  "address = me@home.example\n"
			  "pop3_host = pop.home.example\n"
			  "login = me\n"
			  "maildir = ~/Post\n";

static struct account_list *
load(const char *text)
{
	folder_write("mua.conf", text);
	ck_assert_int_eq(chmod("mua.conf", 0600), 0);
	return accounts_load("mua.conf", why, sizeof(why));
}

START_TEST(what_is_left_out_is_what_rfc_8314_recommends)
{
	struct account_list *accounts = load(two);
	struct account *campus;
	struct account *home;

	ck_assert_msg(accounts != NULL, "%s", why);
	ck_assert_uint_eq(accounts->count, 2);
	campus = accounts_find(accounts, "campus");
	home = accounts_first(accounts);
	ck_assert_str_eq(home->name, "home");
	ck_assert_int_eq(home->pop3.port, 995);
	ck_assert_int_eq(home->pop3.tls, ACCOUNT_TLS_IMPLICIT);
	ck_assert_int_eq(home->smtp.port, 465);
	ck_assert_str_eq(account_login(home, &home->pop3), "me");
	ck_assert_str_eq(account_login(home, &home->smtp), "me");
	ck_assert_str_eq(home->maildir, "/the/home/Post");
	ck_assert(home->leave_on_server);
	ck_assert_str_eq(campus->full_name, "María Peña");
	ck_assert_int_eq(campus->pop3.port, 110);
	ck_assert_int_eq(campus->smtp.port, 587);
	ck_assert_str_eq(account_login(campus, &campus->pop3),
	    "maria@campus.example");
	ck_assert_str_eq(campus->maildir, "/the/home/Mail/campus");
	ck_assert_str_eq(campus->sent, "/the/home/Mail/campus/.Sent");
	ck_assert(!campus->leave_on_server);
	ck_assert_ptr_eq(accounts_of(accounts, "/the/home/Post", NULL), home);
	ck_assert_ptr_eq(accounts_of(accounts, NULL, "Maria@Campus.example"),
	    campus);
	accounts_free(accounts);
}
END_TEST

START_TEST(without_a_file_there_is_no_account)
{
	struct account_list *accounts =
	    accounts_load("none/mua.conf", why, sizeof(why));

	ck_assert_ptr_nonnull(accounts);
	ck_assert_ptr_null(accounts_first(accounts));
	accounts_free(accounts);
}
END_TEST

#define A "[account a]\naddress = a@b.example\npop3_host = h\n"

static const struct {
	const char *text;
	const char *why;
} mistakes[] = {
	/* clang-format off */
	{ A "colour = red\n", "mua.conf:4: there is no key colour in [account a]" },
	{ A "password = secret\n", "mua.conf:4: password: a password does not "
		"belong into this file; password_command names a command that "
		"prints it, and without one you are asked" },
	{ A "pop3_port = 70000\n",
		"mua.conf:4: pop3_port = 70000: must be a number, 1 to 65535" },
	{ A "pop3_tls = ssl\n",
		"mua.conf:4: pop3_tls = ssl: must be off, starttls or implicit" },
	{ A "\nleave_on_server = maybe\n",
		"mua.conf:5: leave_on_server = maybe: must be yes or no" },
	{ A "pop3_host = x\n", "mua.conf:4: pop3_host was set already in line 3" },
	{ A A, "mua.conf:4: there is an [account a] already above" },
	{ A "nonsense\n", "mua.conf:4: neither [section] nor key = value" },
	{ "address = a@b.example\n",
		"mua.conf:1: address stands before the first section: [account NAME]" },
	{ "[account]\n", "mua.conf:1: an account has a name: [account home]" },
	{ "[account a/b]\n", "mua.conf:1: the name in [account NAME] is of "
		"letters, digits, -, _, . and @" },
	{ "[listen mta]\n", "mua.conf:1: there is no section \"listen mta\"" },
	{ "\n[account a]\npop3_host = h\n",
		"mua.conf:2: [account a] needs address = LOCAL@DOMAIN" },
	{ "[account a]\naddress = a b\n",
		"mua.conf:2: address = \"a b\": must be an address, LOCAL@DOMAIN" },
	{ A "maildir = Mail\n",
		"mua.conf:1: [account a] maildir must begin with / or ~/" },
	{ A "pop3_host = x y\n", "mua.conf:4: pop3_host was set already in line 3" },
	{ "[mua]\naccount = b\n" A,
		"mua.conf: [mua] account = b: there is no such account" },
	{ A "full_name = \x1b[2J\n", "mua.conf:4: full_name = \"\\x1B[2J\": "
		"must be a text in UTF-8 or empty" },
	/* clang-format on */
};

START_TEST(a_mistake_is_one_line_with_its_place)
{
	ck_assert_ptr_null(load(mistakes[_i].text));
	ck_assert_str_eq(why, mistakes[_i].why);
}
END_TEST

START_TEST(a_file_others_can_read_is_refused)
{
	struct account_list *accounts = load(two);

	accounts_free(accounts);
	ck_assert_int_eq(chmod("mua.conf", 0640), 0);
	ck_assert_ptr_null(accounts_load("mua.conf", why, sizeof(why)));
	ck_assert_str_eq(why,
	    "mua.conf: others can read or change it (mode 640): "
	    "chmod 600 mua.conf");
}
END_TEST

/* Reads the file; the caller frees. */
static char *
contents(void)
{
	struct buf text = BUF_INIT;
	int fd = open("conf/postlab/mua.conf", O_RDONLY);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(buf_read(&text, fd, 65536), 0);
	close(fd);
	return buf_steal(&text);
}

static const char path[] = "conf/postlab/mua.conf";

START_TEST(a_new_account_makes_the_file_and_closes_it_to_others)
{
	struct account account;
	struct stat st;
	char *text;

	account_init(&account, "lab");
	free(account.address);
	account.address = xstrdup("bob@campus.example");
	free(account.pop3.host);
	account.pop3.host = xstrdup("localhost");
	account.pop3.port = 2995;
	account_complete(&account);
	ck_assert_int_eq(account_save(path, NULL, &account, why, sizeof(why)),
	    0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(stat("conf/postlab", &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0700);
	text = contents();
	ck_assert_str_eq(text,
	    "[account lab]\n"
	    "address = bob@campus.example\n"
	    "pop3_host = localhost\n"
	    "pop3_port = 2995\n");
	free(text);
	account_clear(&account);
}
END_TEST

START_TEST(changing_an_account_keeps_comments_and_all_else)
{
	struct account_list *accounts = load(two);
	struct account *campus = accounts_find(accounts, "campus");
	char *text;

	ck_assert_int_eq(mkdir("conf", 0700), 0);
	ck_assert_int_eq(mkdir("conf/postlab", 0700), 0);
	ck_assert_int_eq(rename("mua.conf", path), 0);
	campus->pop3.port = 2110;
	campus->leave_on_server = true;
	campus->leave_days = 7;
	ck_assert_int_eq(account_save(path, "campus", campus, why, sizeof(why)),
	    0);
	accounts_free(accounts);
	text = contents();
	ck_assert_str_eq(text,
	    "; who I am\n[mua]\naccount = home\n\n"
	    "[account campus]\nfull_name = María Peña\n"
	    "address = maria@campus.example\n"
	    "pop3_host = mail.campus.example\n; by hand\n"
	    "pop3_port = 2110\npop3_tls = starttls\nsmtp_host = 192.0.2.1\n"
	    "smtp_tls = starttls\nleave_days = 7\n\n"
	    "[account home]\naddress = me@home.example\n"
	    "pop3_host = pop.home.example\nlogin = me\nmaildir = ~/Post\n");
	free(text);
	/* And away with it. */
	ck_assert_int_eq(account_save(path, "campus", NULL, why, sizeof(why)),
	    0);
	text = contents();
	ck_assert_str_eq(text,
	    "; who I am\n[mua]\naccount = home\n\n"
	    "[account home]\naddress = me@home.example\n"
	    "pop3_host = pop.home.example\nlogin = me\nmaildir = ~/Post\n");
	free(text);
}
END_TEST

START_TEST(a_linked_file_stays_linked)
{
	struct account_list *accounts = load(two);
	struct stat st;

	ck_assert_int_eq(symlink("mua.conf", "link"), 0);
	ck_assert_int_eq(account_save("link", "home", NULL, why, sizeof(why)),
	    0);
	ck_assert_int_eq(lstat("link", &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	accounts_free(accounts);
	/* The account to begin with is gone, and that is said. */
	ck_assert_ptr_null(accounts_load("mua.conf", why, sizeof(why)));
}
END_TEST

START_TEST(reloading_keeps_what_was_typed)
{
	struct account_list *accounts = load(two);
	struct account *home;
	struct account *lab = accounts_append(accounts, "bob@campus.example");

	lab->implicit = true;
	home = accounts_find(accounts, "home");
	home->pop3.password = xstrdup("typed");
	ck_assert_int_eq(accounts_reload(accounts, "mua.conf", why,
			     sizeof(why)),
	    0);
	home = accounts_find(accounts, "home");
	ck_assert_str_eq(home->pop3.password, "typed");
	ck_assert_ptr_nonnull(accounts_find(accounts, "bob@campus.example"));
	folder_write("mua.conf", "[nonsense]\n");
	ck_assert_int_eq(accounts_reload(accounts, "mua.conf", why,
			     sizeof(why)),
	    -1);
	ck_assert_ptr_nonnull(accounts_find(accounts, "home"));
	accounts_free(accounts);
}
END_TEST

START_TEST(a_password_is_hidden_where_a_server_repeats_it)
{
	const struct password password = { "sekrit-pw", 9 };
	const struct password shorter = { "a", 1 };
	char text[] = "535 no sekrit-pw, sekrit-pw; c2Vrcml0LXB3 and "
		      "AGJvYgBzZWtyaXQtcHc=.";
	char other[] = "535 a bad password";

	password_hide(&password, "bob", text);
	ck_assert_str_eq(text, "535 no ***, ***; *** and ***=.");
	password_hide(&password, "bob", other);
	password_hide(&shorter, "bob", other);
	ck_assert_str_eq(other, "535 a bad password");
}
END_TEST

START_TEST(a_password_comes_from_the_commands_first_line)
{
	struct password password;
	struct account account;

	account_init(&account, "a");
	free(account.pop3.password_command);
	account.pop3.password_command =
	    xstrdup("printf 'two words\\nuser: me\\n'");
	ck_assert_int_eq(password_get(&account, &account.pop3, NULL, &password,
			     why, sizeof(why)),
	    PASSWORD_GOT);
	ck_assert_str_eq(password.text, "two words");
	ck_assert_ptr_null(account.pop3.password);
	/* The same serves SMTP, unless another login is given. */
	ck_assert_int_eq(password_get(&account, &account.smtp, NULL, &password,
			     why, sizeof(why)),
	    PASSWORD_GOT);
	ck_assert_str_eq(password.text, "two words");
	free(account.pop3.password_command);
	account.pop3.password_command = xstrdup("echo secret; exit 3");
	ck_assert_int_eq(password_get(&account, &account.pop3, NULL, &password,
			     why, sizeof(why)),
	    PASSWORD_FAILED);
	ck_assert_str_eq(why,
	    "The password_command fails with status 3: "
	    "echo secret; exit 3");
	ck_assert_str_eq(password.text, "");
	free(account.pop3.password_command);
	account.pop3.password_command = xstrdup("true");
	ck_assert_int_eq(password_get(&account, &account.pop3, NULL, &password,
			     why, sizeof(why)),
	    PASSWORD_FAILED);
	account_clear(&account);
}
END_TEST

static void
set_up(void)
{
	folder_enter();
	setenv("HOME", "/the/home", 1);
	unsetenv("POSTLAB_DIR");
}

Suite *
account_suite(void)
{
	Suite *suite = suite_create("account");
	TCase *tc = tcase_create("mua.conf");

	tcase_add_checked_fixture(tc, set_up, folder_leave);
	tcase_add_test(tc, what_is_left_out_is_what_rfc_8314_recommends);
	tcase_add_test(tc, without_a_file_there_is_no_account);
	tcase_add_loop_test(tc, a_mistake_is_one_line_with_its_place, 0,
	    COUNT(mistakes));
	tcase_add_test(tc, a_file_others_can_read_is_refused);
	tcase_add_test(tc,
	    a_new_account_makes_the_file_and_closes_it_to_others);
	tcase_add_test(tc, changing_an_account_keeps_comments_and_all_else);
	tcase_add_test(tc, a_linked_file_stays_linked);
	tcase_add_test(tc, reloading_keeps_what_was_typed);
	tcase_add_test(tc, a_password_comes_from_the_commands_first_line);
	tcase_add_test(tc, a_password_is_hidden_where_a_server_repeats_it);
	suite_add_tcase(suite, tc);
	return suite;
}
