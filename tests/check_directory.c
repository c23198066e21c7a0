/* check_directory.c - domains, mailboxes, aliases, and where mail goes. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/buf.h"
#include "common/directory.h"
#include "tests/check_directory_world.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

/* What another program might do. */
static void
run_sql(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open("directory.sqlite", &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* Where mail goes; NULL: nobody of that name. */
static const struct {
	const char *to;
	const char *finals;
} roads[] = {
	/* clang-format off */
	{ "alice@campus.example",        "alice@campus.example" },
	{ "ALICE@CAMPUS.EXAMPLE",        "alice@campus.example" },
	{ "100012345@campus.example",    "100012345@campus.example" },
	{ "alice+news@campus.example",   "alice@campus.example" },
	{ "carol+x@campus.example",      "carol+x@campus.example" },
	{ "carol+y@campus.example",      NULL },
	{ "carol@campus.example",        NULL },
	{ "+x@campus.example",           NULL },
	{ "postmaster@campus.example",   "alice@campus.example" },
	{ "Postmaster+1@campus.example", "alice@campus.example" },
	{ "staff@campus.example",
	    "bob@campus.example alice@campus.example" },
	{ "all@campus.example",
	    "Dave@far.example alice@campus.example bob@campus.example" },
	{ "nobody@campus.example",       NULL },
	{ "anybody@other.example",       "bob@campus.example" },
	{ "x@[192.0.2.1]",               "x@[192.0.2.1]" },
	{ "Zoe@far.example",             "Zoe@far.example" },
	/* clang-format on */
};

START_TEST(mail_goes_where_the_directory_says)
{
	struct address to = directory_address(roads[_i].to);
	struct buf finals = BUF_INIT;
	enum lookup found =
	    directory_resolve(directory, &to, directory_note, &finals);

	ck_assert_int_eq(found,
	    roads[_i].finals == NULL ? LOOKUP_NO : LOOKUP_YES);
	ck_assert_str_eq(finals.data,
	    roads[_i].finals == NULL ? "" : roads[_i].finals);
	buf_clear(&finals);
}
END_TEST

START_TEST(a_reader_resolves_as_a_writer_does)
{
	struct directory *reader;
	struct address to = directory_address("all@campus.example");
	struct buf finals = BUF_INIT;

	ck_assert_int_eq(chmod("directory.sqlite", 0400), 0);
	reader = directory_open(false);
	ck_assert_ptr_nonnull(reader);
	ck_assert_int_eq(directory_resolve(reader, &to, directory_note,
			     &finals),
	    LOOKUP_YES);
	buf_clear(&finals);
	directory_close(reader);
}
END_TEST

START_TEST(a_reader_sees_a_change_at_once_and_does_not_block_it)
{
	struct directory *reader = directory_open(false);
	struct address to = directory_address("new@campus.example");
	struct mailbox mailbox;

	ck_assert_int_eq(directory_mailbox(reader, &to, &mailbox), LOOKUP_NO);
	ck_assert_ptr_null(directory_put_mailbox("new@campus.example"));
	ck_assert_int_eq(directory_mailbox(reader, &to, &mailbox), LOOKUP_YES);
	directory_close(reader);
}
END_TEST

START_TEST(a_mailbox_has_a_login_and_a_folder)
{
	struct address to = directory_address("Alice@Campus.Example");
	struct mailbox mailbox;

	ck_assert_int_eq(directory_mailbox(directory, &to, &mailbox),
	    LOOKUP_YES);
	ck_assert_str_eq(mailbox.login, "alice@campus.example");
	ck_assert_str_eq(mailbox.folder, "mail/campus.example/alice");
	ck_assert_int_eq(mailbox.quota, 0);
	ck_assert(!mailbox.disabled);
}
END_TEST

/* What is typed as user name, and whose it is. */
static const struct {
	const char *typed;
	const char *login;
} logins[] = {
	/* clang-format off */
	{ "alice",                "alice@campus.example" },
	{ "Alice@Campus.Example", "alice@campus.example" },
	{ "100012345",            "100012345@campus.example" },
	{ "postmaster",           NULL },
	{ "alice+x",              NULL },
	{ "alice@other.example",  NULL },
	{ "alice@",               NULL },
	{ "@campus.example",      NULL },
	{ "",                     NULL },
	{ "../alice",             NULL },
	{ "alice@campus.example@campus.example", NULL },
	{ "' OR 1=1 --",          NULL },
	/* clang-format on */
};

START_TEST(a_login_is_a_mailbox_and_no_alias)
{
	struct mailbox mailbox;
	enum lookup found = directory_login(directory, logins[_i].typed,
	    "campus.example", &mailbox);

	ck_assert_int_eq(found,
	    logins[_i].login == NULL ? LOOKUP_NO : LOOKUP_YES);
	if (found == LOOKUP_YES)
		ck_assert_str_eq(mailbox.login, logins[_i].login);
}
END_TEST

START_TEST(a_login_of_any_length_is_harmless)
{
	char login[2000];
	struct mailbox mailbox;

	memset(login, 'a', sizeof(login));
	login[sizeof(login) - 1] = '\0';
	ck_assert_int_eq(directory_login(directory, login, "campus.example",
			     &mailbox),
	    LOOKUP_NO);
	login[1] = '@';
	ck_assert_int_eq(directory_login(directory, login, "campus.example",
			     &mailbox),
	    LOOKUP_NO);
}
END_TEST

/* What cannot be added, and a word of the reason. */
static const struct {
	const char *name;
	const char *target; /* NULL: a mailbox */
	const char *word;
} refused[] = {
	/* clang-format off */
	{ "alice@campus.example",        NULL, "already" },
	{ "ALICE@campus.example",        NULL, "already" },
	{ "staff@campus.example",        NULL, "alias" },
	{ "x@far.example",               NULL, "domain" },
	{ "\".x\"@campus.example",       NULL, "dot" },
	{ "\"a/b\"@campus.example",      NULL, "letters" },
	{ "a!b@campus.example",          NULL, "letters" },
	{ "\"a b\"@campus.example",      NULL, "letters" },
	{ "alice@campus.example", "bob@campus.example",      "mailbox" },
	{ "x@far.example",        "bob@campus.example",      "domain" },
	{ "x@campus.example",     "unknown@campus.example",  "nobody" },
	{ "x@campus.example",     "x@campus.example",        "nobody" },
	{ "staff@campus.example", "bob@campus.example",      "already" },
	{ "staff@campus.example", "BOB@campus.example",      "already" },
	{ "postmaster@campus.example", "all@campus.example", "back" },
	{ "staff@campus.example", "staff@campus.example",    "back" },
	/* clang-format on */
};

START_TEST(what_gives_no_sense_is_refused_and_changes_nothing)
{
	const char *target = refused[_i].target;
	const char *why = target == NULL
	    ? directory_put_mailbox(refused[_i].name)
	    : directory_put_alias(refused[_i].name, target);
	struct address to = directory_address("all@campus.example");
	struct buf finals = BUF_INIT;

	ck_assert_ptr_nonnull(why);
	ck_assert_msg(strstr(why, refused[_i].word) != NULL, "%s", why);
	ck_assert_int_eq(directory_resolve(directory, &to, directory_note,
			     &finals),
	    LOOKUP_YES);
	ck_assert_str_eq(finals.data,
	    "Dave@far.example alice@campus.example bob@campus.example");
	buf_clear(&finals);
}
END_TEST

START_TEST(aliases_go_ten_deep_and_no_further)
{
	char name[64];
	char target[64] = "alice@campus.example";
	const char *why = NULL;

	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "a%d@campus.example", i);
		ck_assert_ptr_null(directory_put_alias(name, target));
		strcpy(target, name);
	}
	why = directory_put_alias("a10@campus.example", target);
	ck_assert_ptr_nonnull(why);
	ck_assert_ptr_nonnull(strstr(why, "10 deep"));
}
END_TEST

START_TEST(a_loop_in_the_table_is_an_error_and_delivers_nothing)
{
	struct address to = directory_address("staff@campus.example");
	struct buf finals = BUF_INIT;

	directory_close(directory);
	run_sql("INSERT INTO alias VALUES "
		"('campus.example', 'postmaster', 'staff@campus.example')");
	directory = directory_open(false);
	ck_assert_int_eq(directory_resolve(directory, &to, directory_note,
			     &finals),
	    LOOKUP_ERROR);
	ck_assert_str_eq(finals.data, "");
	buf_clear(&finals);
}
END_TEST

Suite *
directory_suite(void)
{
	Suite *suite = suite_create("directory");
	TCase *tc = tcase_create("directory");

	tcase_add_checked_fixture(tc, directory_set_up, directory_tear_down);
	tcase_add_loop_test(tc, mail_goes_where_the_directory_says, 0,
	    COUNT(roads));
	tcase_add_test(tc, a_reader_resolves_as_a_writer_does);
	tcase_add_test(tc,
	    a_reader_sees_a_change_at_once_and_does_not_block_it);
	tcase_add_test(tc, a_mailbox_has_a_login_and_a_folder);
	tcase_add_loop_test(tc, a_login_is_a_mailbox_and_no_alias, 0,
	    COUNT(logins));
	tcase_add_test(tc, a_login_of_any_length_is_harmless);
	tcase_add_loop_test(tc,
	    what_gives_no_sense_is_refused_and_changes_nothing, 0,
	    COUNT(refused));
	tcase_add_test(tc, aliases_go_ten_deep_and_no_further);
	tcase_add_test(tc,
	    a_loop_in_the_table_is_an_error_and_delivers_nothing);
	suite_add_tcase(suite, tc);
	return suite;
}
