/* check_directory.c - domains, mailboxes, aliases, and where mail goes. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/directory.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static struct directory *directory;

static struct address
address(const char *text)
{
	struct address a = { .local = "" };

	if (text[0] == '@')
		ck_assert(copy_string(a.domain, sizeof(a.domain), text + 1));
	else
		ck_assert_msg(address_parse(text, &a), "%s", text);
	return a;
}

/* What another program might do. */
static void
run_sql(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open("directory.sqlite", &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static const char *
add_mailbox(const char *text)
{
	struct address a = address(text);
	const char *why = "";

	return directory_add_mailbox(directory, &a, &why) == 0 ? NULL : why;
}

static const char *
add_alias(const char *text, const char *target)
{
	struct address a = address(text);
	struct address t = address(target);
	const char *why = "";

	return directory_add_alias(directory, &a, &t, &why) == 0 ? NULL : why;
}

/* A site with two domains, people and aliases. */
static void
set_up(void)
{
	const char *why;

	folder_enter();
	ck_assert_int_eq(directory_create(), 0);
	directory = directory_open(true);
	ck_assert_ptr_nonnull(directory);
	ck_assert_int_eq(directory_add_domain(directory, "Campus.Example",
			     &why),
	    0);
	ck_assert_int_eq(directory_add_domain(directory, "other.example", &why),
	    0);
	ck_assert_ptr_null(add_mailbox("alice@campus.example"));
	ck_assert_ptr_null(add_mailbox("bob@campus.example"));
	ck_assert_ptr_null(add_mailbox("100012345@campus.example"));
	ck_assert_ptr_null(add_mailbox("carol+x@campus.example"));
	ck_assert_ptr_null(
	    add_alias("postmaster@campus.example", "alice@campus.example"));
	ck_assert_ptr_null(
	    add_alias("staff@campus.example", "bob@campus.example"));
	ck_assert_ptr_null(
	    add_alias("staff@campus.example", "postmaster@campus.example"));
	ck_assert_ptr_null(
	    add_alias("all@campus.example", "staff@campus.example"));
	ck_assert_ptr_null(
	    add_alias("all@campus.example", "alice@campus.example"));
	ck_assert_ptr_null(add_alias("all@campus.example", "Dave@Far.Example"));
	ck_assert_ptr_null(add_alias("@other.example", "bob@campus.example"));
}

static void
tear_down(void)
{
	directory_close(directory);
	folder_leave();
}

static void
note(void *arg, const struct address *final)
{
	struct buf *to = arg;
	char text[ADDRESS_TEXT_MAX];

	buf_printf(to, "%s%s", to->size > 0 ? " " : "",
	    address_format(final, text, sizeof(text)));
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
	struct address to = address(roads[_i].to);
	struct buf finals = BUF_INIT;
	enum lookup found = directory_resolve(directory, &to, note, &finals);

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
	struct address to = address("all@campus.example");
	struct buf finals = BUF_INIT;

	ck_assert_int_eq(chmod("directory.sqlite", 0400), 0);
	reader = directory_open(false);
	ck_assert_ptr_nonnull(reader);
	ck_assert_int_eq(directory_resolve(reader, &to, note, &finals),
	    LOOKUP_YES);
	buf_clear(&finals);
	directory_close(reader);
}
END_TEST

START_TEST(a_reader_sees_a_change_at_once_and_does_not_block_it)
{
	struct directory *reader = directory_open(false);
	struct address to = address("new@campus.example");
	struct mailbox mailbox;

	ck_assert_int_eq(directory_mailbox(reader, &to, &mailbox), LOOKUP_NO);
	ck_assert_ptr_null(add_mailbox("new@campus.example"));
	ck_assert_int_eq(directory_mailbox(reader, &to, &mailbox), LOOKUP_YES);
	directory_close(reader);
}
END_TEST

START_TEST(a_mailbox_has_a_login_and_a_folder)
{
	struct address to = address("Alice@Campus.Example");
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
	const char *why = target == NULL ? add_mailbox(refused[_i].name)
					 : add_alias(refused[_i].name, target);
	struct address to = address("all@campus.example");
	struct buf finals = BUF_INIT;

	ck_assert_ptr_nonnull(why);
	ck_assert_msg(strstr(why, refused[_i].word) != NULL, "%s", why);
	ck_assert_int_eq(directory_resolve(directory, &to, note, &finals),
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
		ck_assert_ptr_null(add_alias(name, target));
		strcpy(target, name);
	}
	why = add_alias("a10@campus.example", target);
	ck_assert_ptr_nonnull(why);
	ck_assert_ptr_nonnull(strstr(why, "10 deep"));
}
END_TEST

START_TEST(a_loop_in_the_table_is_an_error_and_delivers_nothing)
{
	struct address to = address("staff@campus.example");
	struct buf finals = BUF_INIT;

	directory_close(directory);
	run_sql("INSERT INTO alias VALUES "
		"('campus.example', 'postmaster', 'staff@campus.example')");
	directory = directory_open(false);
	ck_assert_int_eq(directory_resolve(directory, &to, note, &finals),
	    LOOKUP_ERROR);
	ck_assert_str_eq(finals.data, "");
	buf_clear(&finals);
}
END_TEST

START_TEST(a_deleted_mailbox_takes_its_aliases_along)
{
	struct address alice = address("alice@campus.example");
	struct address postmaster = address("postmaster@campus.example");
	struct address all = address("all@campus.example");
	struct buf finals = BUF_INIT;
	const char *why;

	ck_assert_int_eq(directory_delete_mailbox(directory, &alice, &why), 0);
	ck_assert_int_eq(directory_resolve(directory, &postmaster, note,
			     &finals),
	    LOOKUP_NO);
	ck_assert_int_eq(directory_resolve(directory, &all, note, &finals),
	    LOOKUP_YES);
	ck_assert_str_eq(finals.data, "Dave@far.example bob@campus.example");
	ck_assert_int_eq(directory_delete_mailbox(directory, &alice, &why), -1);
	buf_clear(&finals);
}
END_TEST

START_TEST(a_catch_all_never_serves_the_targets_of_aliases)
{
	struct address bob = address("bob@campus.example");
	struct address anybody = address("anybody@other.example");
	struct buf finals = BUF_INIT;
	const char *why;

	/* @other -> list -> gone must not lead back to @other. */
	ck_assert_ptr_null(
	    add_alias("list@other.example", "bob@campus.example"));
	ck_assert_ptr_null(add_alias("@other.example", "list@other.example"));
	ck_assert_int_eq(directory_delete_mailbox(directory, &bob, &why), 0);
	ck_assert_int_eq(directory_resolve(directory, &anybody, note, &finals),
	    LOOKUP_NO);
	ck_assert_str_eq(finals.data, "");
	ck_assert_ptr_nonnull(add_alias("x@other.example", "y@other.example"));
	buf_clear(&finals);
}
END_TEST

START_TEST(a_mailbox_can_be_disabled_and_given_a_quota)
{
	struct address bob = address("bob@campus.example");
	struct address nobody = address("nobody@campus.example");
	struct mailbox mailbox;
	const char *why;

	ck_assert_int_eq(directory_set_disabled(directory, &bob, true, &why),
	    0);
	ck_assert_int_eq(directory_set_quota(directory, &bob, 5000000000, &why),
	    0);
	directory_mailbox(directory, &bob, &mailbox);
	ck_assert(mailbox.disabled);
	ck_assert_int_eq(mailbox.quota, 5000000000);
	ck_assert_int_eq(directory_set_disabled(directory, &bob, false, &why),
	    0);
	directory_mailbox(directory, &bob, &mailbox);
	ck_assert(!mailbox.disabled);
	ck_assert_int_eq(directory_set_disabled(directory, &nobody, true, &why),
	    -1);
	ck_assert_int_eq(directory_set_quota(directory, &bob, -1, &why), -1);
}
END_TEST

START_TEST(a_domain_with_mailboxes_stays)
{
	const char *why = "";

	ck_assert_int_eq(directory_delete_domain(directory, "campus.example",
			     &why),
	    -1);
	ck_assert_ptr_nonnull(strstr(why, "mailboxes"));
	ck_assert_int_eq(directory_delete_domain(directory, "Other.example",
			     &why),
	    0);
	ck_assert_int_eq(directory_has_domain(directory, "other.example"),
	    LOOKUP_NO);
	ck_assert_int_eq(directory_delete_domain(directory, "other.example",
			     &why),
	    -1);
}
END_TEST

START_TEST(a_domain_is_a_host_name_and_added_once)
{
	const char *why = "";

	ck_assert_int_eq(directory_add_domain(directory, "campus.example",
			     &why),
	    -1);
	ck_assert_int_eq(directory_add_domain(directory, "../x", &why), -1);
	ck_assert_int_eq(directory_add_domain(directory, "", &why), -1);
	ck_assert_int_eq(directory_add_domain(directory, "lab", &why), 0);
}
END_TEST

static void
note_alias(void *arg, const char *alias, const char *target)
{
	buf_printf(arg, "%s>%s\n", alias, target);
}

START_TEST(lists_are_in_the_order_of_names)
{
	struct address staff = address("staff@campus.example");
	struct address all = address("all@campus.example");
	struct address dave = address("Dave@FAR.example");
	struct address bob = address("bob@campus.example");
	struct buf text = BUF_INIT;
	const char *why;

	ck_assert_int_eq(directory_delete_alias(directory, &staff, NULL, &why),
	    0);
	ck_assert_int_eq(directory_delete_alias(directory, &all, &dave, &why),
	    0);
	ck_assert_int_eq(directory_delete_alias(directory, &all, &bob, &why),
	    -1);
	ck_assert_int_eq(directory_list_aliases(directory, note_alias, &text),
	    0);
	ck_assert_str_eq(text.data,
	    "all@campus.example>alice@campus.example\n"
	    "all@campus.example>staff@campus.example\n"
	    "postmaster@campus.example>alice@campus.example\n"
	    "@other.example>bob@campus.example\n");
	buf_clear(&text);
}
END_TEST

START_TEST(a_file_that_is_no_directory_is_refused)
{
	folder_write("directory.sqlite", "this is no database at all, really");
	ck_assert_ptr_null(directory_open(false));
	ck_assert_int_eq(truncate("directory.sqlite", 0), 0);
	ck_assert_ptr_null(directory_open(true));
	ck_assert_int_eq(unlink("directory.sqlite"), 0);
	ck_assert_ptr_null(directory_open(true));
}
END_TEST

START_TEST(only_the_owner_may_read_it)
{
	struct stat st;

	ck_assert_int_eq(stat("directory.sqlite", &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
}
END_TEST

Suite *
directory_suite(void)
{
	Suite *suite = suite_create("directory");
	TCase *tc = tcase_create("directory");

	tcase_add_checked_fixture(tc, set_up, tear_down);
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
	tcase_add_test(tc, a_deleted_mailbox_takes_its_aliases_along);
	tcase_add_test(tc, a_catch_all_never_serves_the_targets_of_aliases);
	tcase_add_test(tc, a_mailbox_can_be_disabled_and_given_a_quota);
	tcase_add_test(tc, a_domain_with_mailboxes_stays);
	tcase_add_test(tc, a_domain_is_a_host_name_and_added_once);
	tcase_add_test(tc, lists_are_in_the_order_of_names);
	tcase_add_test(tc, a_file_that_is_no_directory_is_refused);
	tcase_add_test(tc, only_the_owner_may_read_it);
	suite_add_tcase(suite, tc);
	return suite;
}
