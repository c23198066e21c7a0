/* check_listing.c - the snapshot that POP3 and the mua work on. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/mem.h"
#include "maildir/listing.h"
#include "tests/check_box.h"
#include "tests/suites.h"

/* The loop variable says: 0 without an index, 1 with. */
static struct index *
open_index(int with)
{
	struct index *index = with ? index_open(&box) : NULL;

	ck_assert_int_eq(index != NULL, with);
	return index;
}

START_TEST(an_empty_mailbox_has_an_empty_listing)
{
	struct index *index = open_index(_i);
	struct listing listing;

	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert_uint_eq(listing.count, 0);
	ck_assert_int_eq(listing.octets, 0);
	listing_clear(&listing);
	listing_clear(&listing);
	index_close(index);
}
END_TEST

START_TEST(messages_come_in_order_of_arrival_with_their_sizes)
{
	struct index *index = open_index(_i);
	struct listing listing;

	box_put("new/1700000002.M000002P1.x,S=2,W=6", "b\n");
	box_put("cur/1700000002.M000001P1.x,S=2,W=5:2,S", "a\n");
	box_put("cur/1700000003.foreign", "one\ntwo\n");
	box_put("new/900000000.old,W=7", "o\n");
	ck_assert_int_eq(mkfifoat(box.new, "1700000009.fifo", 0600), 0);
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert_uint_eq(listing.count, 4);
	ck_assert_str_eq(listing.entries[0].name, "900000000.old,W=7");
	ck_assert(listing.entries[0].in_new);
	ck_assert_int_eq(listing.entries[0].octets, 7);
	ck_assert_str_eq(listing.entries[1].name,
	    "1700000002.M000001P1.x,S=2,W=5:2,S");
	ck_assert(!listing.entries[1].in_new);
	/* Not what they are, but what their names say. */
	ck_assert_int_eq(listing.entries[1].octets, 5);
	ck_assert_int_eq(listing.entries[2].octets, 6);
	ck_assert_int_eq(listing.entries[3].octets, 10);
	ck_assert_int_eq(listing.octets, 7 + 5 + 6 + 10);
	listing_clear(&listing);
	index_close(index);
}
END_TEST

START_TEST(a_message_without_a_time_in_its_name_is_placed_by_its_mtime)
{
	const struct timespec times[2] = { { 1700000005, 0 },
		{ 1700000005, 0 } };
	struct index *index = open_index(_i);
	struct listing listing;

	box_put("cur/1700000001.a:2,", "a\n");
	box_put("cur/message", "m\n");
	box_put("cur/1700000009.b:2,", "b\n");
	ck_assert_int_eq(utimensat(box.cur, "message", times, 0), 0);
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert_uint_eq(listing.count, 3);
	ck_assert_str_eq(listing.entries[1].name, "message");
	listing_clear(&listing);
	index_close(index);
}
END_TEST

START_TEST(what_an_index_met_first_is_not_the_first)
{
	static const struct delivery envelope = { "", "", "", "", "", "", "",
		"" };
	static const char third[] = "1700000003.c,S=2,W=3";
	struct listing listing;
	struct index *index;
	int fd;

	box_put("new/1700000001.a,S=2,W=3", "a\n");
	box_put("cur/1700000002.b,S=2,W=3:2,S", "b\n");
	box_put("new/1700000003.c,S=2,W=3", "c\n");
	/* As mda does it when somebody has removed the index. */
	index = index_open(&box);
	fd = openat(box.new, third, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(index_add(index, third, fd, &envelope), 0);
	close(fd);
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert_uint_eq(listing.count, 3);
	ck_assert_str_eq(listing.entries[0].name, "1700000001.a,S=2,W=3");
	ck_assert_str_eq(listing.entries[2].name, third);
	listing_clear(&listing);
	index_close(index);
}
END_TEST

START_TEST(a_message_seen_in_both_folders_is_listed_once)
{
	struct index *index = open_index(_i);
	struct listing listing;

	box_put("new/1.a", "a\n");
	ck_assert_int_eq(linkat(box.new, "1.a", box.cur, "1.a:2,S", 0), 0);
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert_uint_eq(listing.count, 1);
	ck_assert_str_eq(listing.entries[0].name, "1.a:2,S");
	listing_clear(&listing);
	index_close(index);
}
END_TEST

START_TEST(a_listing_is_a_snapshot)
{
	struct index *index = open_index(_i);
	struct listing listing;

	box_put("new/1.a", "a\n");
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	box_put("new/2.b", "b\n");
	ck_assert_int_eq(unlinkat(box.new, "1.a", 0), 0);
	ck_assert_uint_eq(listing.count, 1);
	ck_assert_str_eq(listing.entries[0].name, "1.a");
	listing_clear(&listing);
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert_uint_eq(listing.count, 1);
	ck_assert_str_eq(listing.entries[0].name, "2.b");
	listing_clear(&listing);
	index_close(index);
}
END_TEST

START_TEST(a_listing_is_current_until_a_folder_changes)
{
	struct index *index = open_index(_i);
	struct listing listing = { 0 };

	ck_assert(!listing_is_current(&listing, &box));
	box_put("cur/1700000001.a:2,S", "a\n");
	box_settle();
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert(listing_is_current(&listing, &box));
	box_put("new/1700000002.b", "b\n");
	ck_assert(!listing_is_current(&listing, &box));
	listing_clear(&listing);

	box_settle();
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert_uint_eq(listing.count, 2);
	ck_assert_int_eq(renameat(box.cur, "1700000001.a:2,S", box.cur,
			     "1700000001.a:2,RS"),
	    0);
	ck_assert(!listing_is_current(&listing, &box));
	listing_clear(&listing);
	ck_assert(!listing_is_current(&listing, &box));
	index_close(index);
}
END_TEST

/* As rsync -t leaves it. */
START_TEST(an_mtime_that_was_set_back_makes_no_listing_current)
{
	struct listing listing = { 0 };
	struct timespec then[2];
	struct stat st;

	box_put("cur/1700000001.a:2,S", "a\n");
	box_settle();
	ck_assert_int_eq(fstat(box.cur, &st), 0);
	then[0] = st.st_atim;
	then[1] = st.st_mtim;
	ck_assert_int_eq(listing_load(&box, NULL, &listing), 0);
	ck_assert(listing_is_current(&listing, &box));
	box_put("cur/1700000002.b:2,S", "b\n");
	ck_assert_int_eq(futimens(box.cur, then), 0);
	ck_assert(!listing_is_current(&listing, &box));
	listing_clear(&listing);
}
END_TEST

START_TEST(a_message_that_could_not_be_read_is_looked_for_again)
{
	const uid_t user = geteuid();
	struct index *index = open_index(_i);
	struct listing listing;

	/* So that the index has all its files open. */
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	box_put("cur/1700000001.a:2,S", "a\n");
	ck_assert_int_eq(fchmodat(box.cur, "1700000001.a:2,S", 0, 0), 0);
	ck_assert_int_eq(fchmod(box.root, 0777), 0);
	ck_assert_int_eq(fchmod(box.new, 0755), 0);
	ck_assert_int_eq(fchmod(box.cur, 0755), 0);
	box_settle();
	if (user == 0) /* may read all */
		ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert_uint_eq(listing.count, 0);
	ck_assert(!listing_is_current(&listing, &box));
	listing_clear(&listing);
	ck_assert_int_eq(seteuid(user), 0);
	ck_assert_int_eq(fchmodat(box.cur, "1700000001.a:2,S", 0600, 0), 0);
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert_uint_eq(listing.count, 1);
	ck_assert(listing_is_current(&listing, &box));
	listing_clear(&listing);
	index_close(index);
}
END_TEST

/* What comes now may leave the folder the same mtime. */
START_TEST(a_listing_of_a_folder_that_has_just_changed_is_not_current)
{
	struct index *index = open_index(_i);
	struct listing listing;

	box_settle();
	box_put("cur/1700000001.a:2,S", "a\n");
	/* Again when the machine was too busy. */
	for (;;) {
		ck_assert_int_eq(futimens(box.cur, NULL), 0);
		ck_assert_int_eq(listing_load(&box, index, &listing), 0);
		if (box_has_just_changed(box.cur))
			break;
		listing_clear(&listing);
	}
	ck_assert(!listing_is_current(&listing, &box));
	listing_clear(&listing);
	index_close(index);
}
END_TEST

START_TEST(the_listing_is_the_same_with_and_without_an_index)
{
	struct index *index = index_open(&box);
	struct listing with;
	struct listing without;
	char place[64];

	for (int i = 0; i < 100; i++) {
		snprintf(place, sizeof(place), "%s/17000000%02d.M%06dP1.x%s",
		    i % 3 == 0 ? "new" : "cur", i * 37 % 100, i,
		    i % 3 == 0 ? "" : ":2,S");
		box_put(place, "Subject: x\n\ntext\n");
	}
	ck_assert_int_eq(listing_load(&box, index, &with), 0);
	ck_assert_int_eq(listing_load(&box, NULL, &without), 0);
	ck_assert_uint_eq(with.count, 100);
	ck_assert_uint_eq(without.count, 100);
	for (size_t i = 0; i < 100; i++) {
		ck_assert_str_eq(with.entries[i].name, without.entries[i].name);
		ck_assert_int_eq(with.entries[i].octets,
		    without.entries[i].octets);
	}
	listing_clear(&with);
	listing_clear(&without);
	index_close(index);
}
END_TEST

START_TEST(a_mailbox_that_cannot_be_read_is_no_empty_one)
{
	struct listing listing;
	struct maildir none = { -1, -1, -1, -1 };

	ck_assert_int_eq(listing_load(&none, NULL, &listing), -1);
	ck_assert_uint_eq(listing.count, 0);
	listing_clear(&listing);
}
END_TEST

/* RFC 1939 7; the hashes by sha256sum(1). */
static const struct {
	const char *name;
	const char *uidl;
} uidls[] = {
	/* clang-format off */
	{ "1795313597.M123456P1234Q1.mail,S=1201,W=1240:2,S",
	    "1795313597.M123456P1234Q1.mail" },
	{ "a", "a" },
	{ "two words:2,S",
	    "a03f1d611645eb53ad16c1af546ca0792dc884505bab57ede80f4dad6b911d3a" },
	{ "0123456789012345678901234567890123456789012345678901234567890123456789",
	    "0123456789012345678901234567890123456789012345678901234567890123456789" },
	{ "01234567890123456789012345678901234567890123456789012345678901234567890",
	    "01aa46a7df1c7040d75ec1d75c338c8506e491b6ff0cdd0ffa58742e761da0a1" },
	/* clang-format on */
};

START_TEST(a_unique_id_is_the_base_or_its_hash)
{
	char uidl[71];

	listing_uidl(uidls[_i].name, uidl, sizeof(uidl));
	ck_assert_str_eq(uidl, uidls[_i].uidl);
}
END_TEST

START_TEST(a_unique_id_survives_flags_folder_and_rebuilding)
{
	struct index *index = index_open(&box);
	struct listing listing;
	char before[71];
	char after[71];

	box_put("new/1.a,S=2,W=3", "a\n");
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	listing_uidl(listing.entries[0].name, before, sizeof(before));
	listing_clear(&listing);
	index_close(index);
	ck_assert_int_eq(renameat(box.new, "1.a,S=2,W=3", box.cur,
			     "1.a,S=2,W=3:2,FS"),
	    0);
	ck_assert_int_eq(unlinkat(box.root, "index.sqlite", 0), 0);
	index = index_open(&box);
	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	listing_uidl(listing.entries[0].name, after, sizeof(after));
	ck_assert_str_eq(before, after);
	listing_clear(&listing);
	index_close(index);
}
END_TEST

Suite *
listing_suite(void)
{
	Suite *suite = suite_create("listing");
	TCase *tc = tcase_create("listing");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_add_loop_test(tc, an_empty_mailbox_has_an_empty_listing, 0, 2);
	tcase_add_loop_test(tc,
	    messages_come_in_order_of_arrival_with_their_sizes, 0, 2);
	tcase_add_loop_test(tc,
	    a_message_without_a_time_in_its_name_is_placed_by_its_mtime, 0, 2);
	tcase_add_loop_test(tc, a_message_seen_in_both_folders_is_listed_once,
	    0, 2);
	tcase_add_loop_test(tc, a_listing_is_a_snapshot, 0, 2);
	tcase_add_loop_test(tc, a_listing_is_current_until_a_folder_changes, 0,
	    2);
	tcase_add_test(tc, an_mtime_that_was_set_back_makes_no_listing_current);
	tcase_add_loop_test(tc,
	    a_message_that_could_not_be_read_is_looked_for_again, 0, 2);
	tcase_add_loop_test(tc,
	    a_listing_of_a_folder_that_has_just_changed_is_not_current, 0, 2);
	tcase_add_test(tc, the_listing_is_the_same_with_and_without_an_index);
	tcase_add_test(tc, a_mailbox_that_cannot_be_read_is_no_empty_one);
	tcase_add_loop_test(tc, a_unique_id_is_the_base_or_its_hash, 0,
	    COUNT(uidls));
	tcase_add_test(tc, a_unique_id_survives_flags_folder_and_rebuilding);
	tcase_add_test(tc, what_an_index_met_first_is_not_the_first);
	suite_add_tcase(suite, tc);
	return suite;
}
