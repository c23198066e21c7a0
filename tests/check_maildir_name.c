/* check_maildir_name.c - what the name of a message says, and its size. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/mem.h"
#include "maildir/maildir_name.h"
#include "tests/check_mail.h"
#include "tests/suites.h"

/* Names of ours, of other programs, and of nobody. */
static const struct {
	const char *name;
	const char *base;
	int64_t size;
	int64_t wire;
	const char *flags;
} names[] = {
	/* clang-format off */
	/* maildir.h */
	{ "1795313597.M123456P1234Q1.mail,S=1201,W=1240:2,S",
	    "1795313597.M123456P1234Q1.mail", 1201, 1240, "S" },
	/* Dovecot, Courier, mutt, offlineimap, qmail */
	{ "1700000000.M1P2.host,S=10,W=12", "1700000000.M1P2.host", 10, 12, "" },
	{ "1700000000.M1P2.host,W=12,S=10:2,", "1700000000.M1P2.host", 10, 12,
	    "" },
	{ "1700000000.R1.host:2,FS", "1700000000.R1.host", -1, -1, "FS" },
	{ "1700_0.5.host,U=7,FMD5=ab:2,S", "1700_0.5.host", -1, -1, "S" },
	{ "1700000000.5.host", "1700000000.5.host", -1, -1, "" },
	/* flags: sorted, each once, Dovecot's keywords too */
	{ "a:2,SRFS", "a", -1, -1, "FRS" },
	{ "a:2,Sab", "a", -1, -1, "Sab" },
	{ "a:2,S,x", "a", -1, -1, "S" },
	{ "a:1,S", "a", -1, -1, "" },
	{ "a:2", "a", -1, -1, "" },
	/* commas that begin no field belong to the base */
	{ "a,1", "a,1", -1, -1, "" },
	{ "a,1,S=5:2,", "a,1", 5, -1, "" },
	{ "a,S=5,b", "a,S=5,b", -1, -1, "" },
	/* sizes nobody has */
	{ "a,S=", "a", -1, -1, "" },
	{ "a,S=-5", "a", -1, -1, "" },
	{ "a,S=99999999999999999999999", "a", -1, -1, "" },
	{ "a,S=5x", "a", 5, -1, "" },
	/* shorter on the wire, more line ends than bytes, beyond all mail */
	{ "a,S=10,W=9", "a", -1, -1, "" },
	{ "a,S=10,W=22", "a", 10, 22, "" },
	{ "a,S=10,W=23", "a", -1, -1, "" },
	{ "a,S=0,W=0", "a", 0, 0, "" },
	{ "a,S=2000000000", "a", -1, -1, "" },
	{ "a,S=999999999999999", "a", -1, -1, "" },
	{ "a,S=999999999999999,W=999999999999999", "a", -1, -1, "" },
	{ "a,W=999999999999999", "a", -1, -1, "" },
	{ "a,S=10,W=9", "a", -1, -1, "" },     /* a line end is longer there */
	{ "a,S=10,W=1000", "a", -1, -1, "" },  /* more of them than bytes */
	{ "a,S=10,W=22", "a", 10, 22, "" },    /* ten bare LF and no end */
	/* a name must identify something */
	{ ":2,S", ":2,S", -1, -1, "S" },
	{ ",S=5", ",S=5", -1, -1, "" },
	/* clang-format on */
};

START_TEST(a_name_is_read_for_what_it_says)
{
	struct maildir_name parsed;

	maildir_parse_name(names[_i].name, &parsed);
	ck_assert_uint_eq(parsed.base, strlen(names[_i].base));
	ck_assert_mem_eq(names[_i].name, names[_i].base, parsed.base);
	ck_assert_int_eq(parsed.size, names[_i].size);
	ck_assert_int_eq(parsed.wire, names[_i].wire);
	ck_assert_str_eq(parsed.flags, names[_i].flags);
}
END_TEST

START_TEST(a_base_is_its_own_base)
{
	struct maildir_name parsed;

	maildir_parse_name(names[_i].base, &parsed);
	ck_assert_uint_eq(parsed.base, strlen(names[_i].base));
	ck_assert(maildir_name_equal(names[_i].base, names[_i].name));
}
END_TEST

START_TEST(names_that_only_look_alike_are_different_messages)
{
	ck_assert(!maildir_name_equal("a,1", "a,2"));
	ck_assert(!maildir_name_equal("a", "ab"));
	ck_assert(maildir_name_equal("a,S=1:2,S", "a"));
	ck_assert_int_lt(maildir_name_compare("a:2,S", "b"), 0);
	ck_assert_int_lt(maildir_name_compare("a", "ab"), 0);
	ck_assert_int_gt(maildir_name_compare("ab", "a:2,S"), 0);
}
END_TEST

START_TEST(new_flags_replace_the_old_ones)
{
	char name[MAILDIR_NAME_MAX + 1];
	char longest[MAILDIR_NAME_MAX + 1];

	ck_assert(maildir_name_flagged("a,S=1:2,RS", "TS", name));
	ck_assert_str_eq(name, "a,S=1:2,ST");
	ck_assert(maildir_name_flagged("a", "", name));
	ck_assert_str_eq(name, "a:2,");
	memset(longest, 'a', MAILDIR_NAME_MAX);
	longest[MAILDIR_NAME_MAX] = '\0';
	ck_assert(!maildir_name_flagged(longest, "S", name));
}
END_TEST

static const struct {
	const char *name;
	int64_t seconds;
} times[] = {
	/* clang-format off */
	{ "1795313597.M1P1.host", 1795313597 }, { "0001.x", 1 },
	{ "message", -1 }, { "", -1 }, { "99999999999999999999.x", -1 },
	/* clang-format on */
};

START_TEST(the_time_is_in_front_of_a_name)
{
	ck_assert_int_eq(maildir_name_time(times[_i].name), times[_i].seconds);
}
END_TEST

/* What a message has on the wire: LF becomes CRLF, the last line is ended. */
static const struct {
	const char *text;
	int64_t wire;
} wires[] = {
	/* clang-format off */
	{ "", 0 }, { "a\n", 3 }, { "a\r\n", 3 }, { "a", 3 }, { "a\r", 3 },
	{ "\n\n", 4 }, { "a\nb", 6 }, { "a\rb\n", 5 }, { "\r\n\n", 4 },
	/* clang-format on */
};

START_TEST(the_size_on_the_wire_counts_crlf)
{
	int fd = mail_make(wires[_i].text, strlen(wires[_i].text));

	ck_assert_int_eq(maildir_wire_size(fd), wires[_i].wire);
	close(fd);
}
END_TEST

Suite *
maildir_name_suite(void)
{
	Suite *suite = suite_create("maildir_name");
	TCase *tc = tcase_create("maildir_name");

	tcase_add_loop_test(tc, a_name_is_read_for_what_it_says, 0,
	    COUNT(names));
	tcase_add_loop_test(tc, a_base_is_its_own_base, 0, COUNT(names));
	tcase_add_test(tc, names_that_only_look_alike_are_different_messages);
	tcase_add_test(tc, new_flags_replace_the_old_ones);
	tcase_add_loop_test(tc, the_time_is_in_front_of_a_name, 0,
	    COUNT(times));
	tcase_add_loop_test(tc, the_size_on_the_wire_counts_crlf, 0,
	    COUNT(wires));
	suite_add_tcase(suite, tc);
	return suite;
}
