/* check_directory_world.c - the directory that the tests look at. */
#include "tests/check_directory_world.h"

#include <check.h>

#include "common/buf.h"
#include "tests/check_folder.h"

struct directory *directory;

struct address
directory_address(const char *text)
{
	struct address a = { .local = "" };

	if (text[0] == '@')
		ck_assert(copy_string(a.domain, sizeof(a.domain), text + 1));
	else
		ck_assert_msg(address_parse(text, &a), "%s", text);
	return a;
}
const char *
directory_put_mailbox(const char *text)
{
	struct address a = directory_address(text);
	const char *why = "";

	return directory_add_mailbox(directory, &a, &why) == 0 ? NULL : why;
}

const char *
directory_put_alias(const char *text, const char *target)
{
	struct address a = directory_address(text);
	struct address t = directory_address(target);
	const char *why = "";

	return directory_add_alias(directory, &a, &t, &why) == 0 ? NULL : why;
}

/* A site with two domains, people and aliases. */
void
directory_set_up(void)
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
	ck_assert_ptr_null(directory_put_mailbox("alice@campus.example"));
	ck_assert_ptr_null(directory_put_mailbox("bob@campus.example"));
	ck_assert_ptr_null(directory_put_mailbox("100012345@campus.example"));
	ck_assert_ptr_null(directory_put_mailbox("carol+x@campus.example"));
	ck_assert_ptr_null(directory_put_alias("postmaster@campus.example",
	    "alice@campus.example"));
	ck_assert_ptr_null(
	    directory_put_alias("staff@campus.example", "bob@campus.example"));
	ck_assert_ptr_null(directory_put_alias("staff@campus.example",
	    "postmaster@campus.example"));
	ck_assert_ptr_null(
	    directory_put_alias("all@campus.example", "staff@campus.example"));
	ck_assert_ptr_null(
	    directory_put_alias("all@campus.example", "alice@campus.example"));
	ck_assert_ptr_null(
	    directory_put_alias("all@campus.example", "Dave@Far.Example"));
	ck_assert_ptr_null(
	    directory_put_alias("@other.example", "bob@campus.example"));
}

void
directory_tear_down(void)
{
	directory_close(directory);
	folder_leave();
}

void
directory_note(void *arg, const struct address *final)
{
	struct buf *to = arg;
	char text[ADDRESS_TEXT_MAX];

	buf_printf(to, "%s%s", to->size > 0 ? " " : "",
	    address_format(final, text, sizeof(text)));
}
