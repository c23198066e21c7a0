/*
 * check_data_reader.c - the text after DATA, in every way it can be cut.
 *
 * Expected values are RFC 5321 4.5.2's (dots), RFC 1870's (octets) and the
 * list of ends that made SMTP smuggling work (CVE-2023-51764 to 51766).
 */
#include <string.h>

#include "common/buf.h"
#include "common/data_reader.h"
#include "tests/suites.h"

struct text {
	const char *data;
	size_t size;
};
/* clang-format off */
#define TEXT(s) { s, sizeof(s) - 1 }
/* clang-format on */

static int
collect(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

/* Feeds DATA as two pieces, cut at SPLIT; returns how much was taken. */
static size_t
feed_split(struct data_reader *reader, struct text wire, size_t split)
{
	size_t taken = data_reader_feed(reader, wire.data, split);

	if (taken < split)
		return taken;
	return taken +
	    data_reader_feed(reader, wire.data + split, wire.size - split);
}

static size_t
feed_bytes(struct data_reader *reader, struct text wire)
{
	size_t taken = 0;

	while (taken < wire.size &&
	    data_reader_feed(reader, wire.data + taken, 1) == 1)
		taken++;
	return taken;
}

/* What is on the wire, what the mailbox gets, what is the next command. */
static const struct {
	struct text wire;
	const char *message;
	int64_t octets;
	const char *next;
} good[] = {
	/* clang-format off */
	{ TEXT(".\r\n"),                        "",             0, "" },
	{ TEXT("\r\n.\r\n"),                    "\n",           2, "" },
	{ TEXT("a\r\n.\r\n"),                   "a\n",          3, "" },
	{ TEXT("a\r\n.\r\nQUIT\r\n"),           "a\n",          3, "QUIT\r\n" },
	{ TEXT("a\r\n.\r\n.\r\n"),              "a\n",          3, ".\r\n" },
	{ TEXT("..\r\n.\r\n"),                  ".\n",          3, "" },
	{ TEXT("...\r\n.\r\n"),                 "..\n",         4, "" },
	{ TEXT(".x\r\n.\r\n"),                  "x\n",          3, "" },
	{ TEXT(". \r\n.\r\n"),                  " \n",          3, "" },
	{ TEXT("..x\r\n..y\r\n.\r\n"),          ".x\n.y\n",     8, "" },
	{ TEXT("a.\r\n.\r\n"),                  "a.\n",         4, "" },
	{ TEXT("a\r\n\r\n\r\n.\r\n"),           "a\n\n\n",      7, "" },
	{ TEXT("S: x\r\n\r\nb\t \xE9\xFF\r\n.\r\n"),
	    "S: x\n\nb\t \xE9\xFF\n", 15, "" },
	/* clang-format on */
};

static void
check_good(int row, struct data_reader *reader, size_t taken, struct buf *got)
{
	ck_assert(data_reader_done(reader));
	ck_assert_int_eq(reader->fault, DATA_FINE);
	ck_assert_int_eq(data_reader_reply(reader).code, 0);
	ck_assert_str_eq(good[row].wire.data + taken, good[row].next);
	ck_assert_str_eq(got->data, good[row].message);
	ck_assert_int_eq(reader->octets, good[row].octets);
	ck_assert_int_eq(reader->octets - reader->lines, (int64_t)got->size);
}

START_TEST(a_message_arrives_the_same_however_it_is_cut)
{
	struct text wire = good[_i].wire;

	for (size_t split = 0; split <= wire.size; split++) {
		struct buf got = BUF_INIT;
		struct data_reader reader;

		data_reader_init(&reader, 0, collect, &got);
		check_good(_i, &reader, feed_split(&reader, wire, split), &got);
		buf_clear(&got);
	}
}
END_TEST

START_TEST(a_message_arrives_the_same_byte_by_byte)
{
	struct buf got = BUF_INIT;
	struct data_reader reader;

	data_reader_init(&reader, 0, collect, &got);
	check_good(_i, &reader, feed_bytes(&reader, good[_i].wire), &got);
	buf_clear(&got);
}
END_TEST

/*
 * What some server somewhere takes for the end, with a second transaction
 * smuggled behind it.  All of it is the text of one message, and refused.
 */
#define SMUGGLE(end)                                                           \
	TEXT("S: x\r\n\r\nb" end "MAIL FROM:<evil@x.example>\r\n"              \
	     "DATA\r\nforged\r\n.\r\n")

static const struct {
	struct text wire;
	enum data_fault fault;
	int line;
} bad[] = {
	/* clang-format off */
	{ SMUGGLE("\n.\n"),          DATA_BARE_LF, 3 },
	{ SMUGGLE("\n.\r\n"),        DATA_BARE_LF, 3 },
	{ SMUGGLE("\n\n.\r\n"),      DATA_BARE_LF, 3 },
	{ SMUGGLE("\r\n.\n"),        DATA_BARE_LF, 4 },
	{ SMUGGLE("\r\n\n.\r\n"),    DATA_BARE_LF, 4 },
	{ SMUGGLE("\n\r\n.\n"),      DATA_BARE_LF, 3 },
	{ SMUGGLE("\r.\r"),          DATA_BARE_CR, 3 },
	{ SMUGGLE("\r.\r\n"),        DATA_BARE_CR, 3 },
	{ SMUGGLE("\r.\n"),          DATA_BARE_CR, 3 },
	{ SMUGGLE("\n.\r"),          DATA_BARE_LF, 3 },
	{ SMUGGLE("\r\n.\r"),        DATA_BARE_CR, 4 },
	{ SMUGGLE("\r\n.\r\r\n"),    DATA_BARE_CR, 4 },
	{ SMUGGLE("\r\r\n.\r\r\n"),  DATA_BARE_CR, 3 },
	{ SMUGGLE("\r\r\n.\n"),      DATA_BARE_CR, 3 },
	{ SMUGGLE("\r\n\r.\r\n"),    DATA_BARE_CR, 4 },
	{ SMUGGLE("\0\r\n.\n"),      DATA_NUL,     3 },
	{ SMUGGLE("\r\n\0.\r\n"),    DATA_NUL,     4 },
	{ SMUGGLE("\r\n.\0\r\n"),    DATA_NUL,     4 },
	{ SMUGGLE("\r\0\n.\r\n"),    DATA_BARE_CR, 3 },
	{ SMUGGLE("\x85.\x85\n"),    DATA_BARE_LF, 3 },
	{ TEXT("\n.\r\n.\r\n"),      DATA_BARE_LF, 1 },
	{ TEXT("\r.\r\n.\r\n"),      DATA_BARE_CR, 1 },
	{ TEXT(".\n.\r\nx\r\n.\r\n"), DATA_BARE_LF, 1 },
	{ TEXT(".\r.\r\nx\r\n.\r\n"), DATA_BARE_CR, 1 },
	/* clang-format on */
};

static void
check_bad(int row, const struct data_reader *reader, size_t taken)
{
	ck_assert_uint_eq(taken, bad[row].wire.size);
	ck_assert(data_reader_done(reader));
	ck_assert_int_eq(reader->fault, bad[row].fault);
	ck_assert_int_eq(reader->fault_line, bad[row].line);
}

START_TEST(nothing_but_crlf_dot_crlf_ends_the_text)
{
	struct text wire = bad[_i].wire;

	for (size_t split = 0; split <= wire.size; split++) {
		struct buf got = BUF_INIT;
		struct data_reader reader;

		data_reader_init(&reader, 0, collect, &got);
		check_bad(_i, &reader, feed_split(&reader, wire, split));
		buf_clear(&got);
	}
}
END_TEST

START_TEST(nothing_but_crlf_dot_crlf_ends_it_byte_by_byte)
{
	struct buf got = BUF_INIT;
	struct data_reader reader;

	data_reader_init(&reader, 0, collect, &got);
	check_bad(_i, &reader, feed_bytes(&reader, bad[_i].wire));
	buf_clear(&got);
}
END_TEST

/* With gives_up: what ends it for good, and how much of it was taken. */
static const struct {
	struct text wire;
	enum data_state state;
	size_t taken;
} ends[] = {
	/* clang-format off */
	{ TEXT("S: x\n\nhello\n.\nQUIT\n"),      DATA_LOST,       14 },
	{ TEXT(".\nQUIT\n"),                     DATA_LOST,       2 },
	{ TEXT("a\r\n.\nQUIT\n"),                DATA_LOST,       5 },
	{ TEXT("\0\n.\nQUIT\n"),                 DATA_LOST,       4 },
	{ TEXT("a\n.\n.\r\n"),                   DATA_LOST,       4 },
	/* not yet, or not at all */
	{ TEXT("a\n.\r\nb\r\n.\r\nQUIT\r\n"),   DATA_END,        11 },
	{ TEXT("a\n..\nb\r\n.\r\n"),             DATA_END,        11 },
	{ TEXT("a\n.b\nc.\n\n"),                 DATA_TEXT,       9 },
	{ TEXT("a\r\n.\r\n.\n"),                DATA_END,        6 },
	/* clang-format on */
};

START_TEST(the_end_of_a_text_with_bare_lfs_may_be_lost)
{
	struct text wire = ends[_i].wire;

	for (size_t split = 0; split <= wire.size; split++) {
		struct buf got = BUF_INIT;
		struct data_reader reader;
		size_t taken;

		data_reader_init(&reader, 0, collect, &got);
		reader.gives_up = true;
		taken = split > ends[_i].taken
		    ? data_reader_feed(&reader, wire.data, wire.size)
		    : feed_split(&reader, wire, split);
		ck_assert_uint_eq(taken, ends[_i].taken);
		ck_assert_int_eq(reader.state, ends[_i].state);
		if (data_reader_lost(&reader))
			ck_assert_int_eq(data_reader_reply(&reader).code, 550);
		buf_clear(&got);
	}
}
END_TEST

static const struct {
	const char *wire;
	const char *reply;
} words[] = {
	/* clang-format off */
	{ "a\r\nb\nc\r\n.\r\n",
	    "5.5.2 <LF> without <CR> in line 2; lines end in <CR><LF>" },
	{ "a\rb\r\n.\r\n",
	    "5.5.2 <CR> without <LF> in line 1; lines end in <CR><LF>" },
	/* clang-format on */
};

START_TEST(the_answer_names_the_mistake_and_its_line)
{
	struct buf got = BUF_INIT;
	struct data_reader reader;
	struct reply r;

	data_reader_init(&reader, 0, collect, &got);
	data_reader_feed(&reader, words[_i].wire, strlen(words[_i].wire));
	r = data_reader_reply(&reader);
	ck_assert_int_eq(r.code, 550);
	ck_assert_str_eq(r.text, words[_i].reply);
	buf_clear(&got);
}
END_TEST

Suite *
data_reader_suite(void)
{
	Suite *suite = suite_create("data_reader");
	TCase *tc = tcase_create("data_reader");

	tcase_add_loop_test(tc, a_message_arrives_the_same_however_it_is_cut, 0,
	    COUNT(good));
	tcase_add_loop_test(tc, a_message_arrives_the_same_byte_by_byte, 0,
	    COUNT(good));
	tcase_add_loop_test(tc, nothing_but_crlf_dot_crlf_ends_the_text, 0,
	    COUNT(bad));
	tcase_add_loop_test(tc, nothing_but_crlf_dot_crlf_ends_it_byte_by_byte,
	    0, COUNT(bad));
	tcase_add_loop_test(tc, the_end_of_a_text_with_bare_lfs_may_be_lost, 0,
	    COUNT(ends));
	tcase_add_loop_test(tc, the_answer_names_the_mistake_and_its_line, 0,
	    COUNT(words));
	suite_add_tcase(suite, tc);
	return suite;
}
