/* check_directory_edit.c - accounts, aliases and domains that come and go. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/directory.h"
#include "tests/check_directory_world.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

START_TEST(a_deleted_mailbox_takes_its_aliases_along)
{
	struct address alice = directory_address("alice@campus.example");
	struct address postmaster =
	    directory_address("postmaster@campus.example");
	struct address all = directory_address("all@campus.example");
	struct buf finals = BUF_INIT;
	const char *why;

	ck_assert_int_eq(directory_delete_mailbox(directory, &alice, &why), 0);
	ck_assert_int_eq(directory_resolve(directory, &postmaster,
			     directory_note, &finals),
	    LOOKUP_NO);
	ck_assert_int_eq(directory_resolve(directory, &all, directory_note,
			     &finals),
	    LOOKUP_YES);
	ck_assert_str_eq(finals.data, "Dave@far.example bob@campus.example");
	ck_assert_int_eq(directory_delete_mailbox(directory, &alice, &why), -1);
	buf_clear(&finals);
}
END_TEST

START_TEST(a_catch_all_never_serves_the_targets_of_aliases)
{
	struct address bob = directory_address("bob@campus.example");
	struct address anybody = directory_address("anybody@other.example");
	struct buf finals = BUF_INIT;
	const char *why;

	/* @other -> list -> gone must not lead back to @other. */
	ck_assert_ptr_null(
	    directory_put_alias("list@other.example", "bob@campus.example"));
	ck_assert_ptr_null(
	    directory_put_alias("@other.example", "list@other.example"));
	ck_assert_int_eq(directory_delete_mailbox(directory, &bob, &why), 0);
	ck_assert_int_eq(directory_resolve(directory, &anybody, directory_note,
			     &finals),
	    LOOKUP_NO);
	ck_assert_str_eq(finals.data, "");
	ck_assert_ptr_nonnull(
	    directory_put_alias("x@other.example", "y@other.example"));
	buf_clear(&finals);
}
END_TEST

START_TEST(a_mailbox_can_be_disabled_and_given_a_quota)
{
	struct address bob = directory_address("bob@campus.example");
	struct address nobody = directory_address("nobody@campus.example");
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
	struct address staff = directory_address("staff@campus.example");
	struct address all = directory_address("all@campus.example");
	struct address dave = directory_address("Dave@FAR.example");
	struct address bob = directory_address("bob@campus.example");
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
directory_edit_suite(void)
{
	Suite *suite = suite_create("directory_edit");
	TCase *tc = tcase_create("directory_edit");

	tcase_add_checked_fixture(tc, directory_set_up, directory_tear_down);
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
