/*
 * check_mailboxes.c - the indexes of mda's open mailboxes.
 */
#include <fcntl.h>
#include <unistd.h>

#include "common/buf.h"
#include "mda/mailboxes.h"
#include "tests/check_box.h"
#include "tests/check_index_rows.h"
#include "tests/suites.h"

static void
deliver(struct open_mailbox *mailbox)
{
	static const struct delivery envelope = { "a@x", "b@x", "", "", "", "",
		"", "" };
	int fd;

	box_deliver(NULL, "Subject: x\n\ntext\n", NULL);
	fd = openat(box.new, box_name, O_RDONLY | O_CLOEXEC);
	mailboxes_delivered(mailbox, box_name, fd, &envelope);
	close(fd);
}

static void
assert_rows(int count)
{
	struct index *index = index_open(&box);

	ck_assert_int_eq(box_count(index), count);
	index_close(index);
}

/* The root of what is looked through for each name; opening reads none of it.
 */
START_TEST(who_meets_damage_puts_the_envelope_into_the_next_index)
{
	struct open_mailbox *mailbox;

	index_close(rows_open(30));
	rows_wipe_page(ROWS_INDEX, 3);
	mailbox = mailboxes_get("box");
	ck_assert_ptr_nonnull(mailbox);
	deliver(mailbox);
	ck_assert_int_eq(access(ROWS_INDEX ".bad", F_OK), 0);
	assert_rows(1);
	deliver(mailbox);
	assert_rows(2);
	mailboxes_close();
	rows_assert_whole(32);
}
END_TEST

START_TEST(an_index_that_was_put_away_is_made_anew)
{
	struct open_mailbox *mailbox = mailboxes_get("box");

	ck_assert_ptr_nonnull(mailbox);
	deliver(mailbox);
	ck_assert_int_eq(unlink(ROWS_INDEX), 0);
	deliver(mailbox);
	assert_rows(1);
	mailboxes_close();
	rows_assert_whole(2);
}
END_TEST

Suite *
mailboxes_suite(void)
{
	Suite *suite = suite_create("mailboxes");
	TCase *tc = tcase_create("mailboxes");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc,
	    who_meets_damage_puts_the_envelope_into_the_next_index);
	tcase_add_test(tc, an_index_that_was_put_away_is_made_anew);
	suite_add_tcase(suite, tc);
	return suite;
}
