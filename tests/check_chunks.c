/*
 * check_chunks.c - the text of BDAT (RFC 3030), in every way it can be cut into
 * chunks and segments: a dot is a dot, and nothing ends the text.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/data_reader.h"
#include "tests/suites.h"

static int
collect(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

/* What is in the chunks, what the mailbox gets, or the fault. */
static const struct {
	const char *text;
	size_t size;
	const char *message;
	enum data_fault fault;
} texts[] = {
/* clang-format off */
#define TEXT(s) s, sizeof(s) - 1
	{ TEXT(""),                      "",              DATA_FINE },
	{ TEXT("a\r\n"),                 "a\n",           DATA_FINE },
	{ TEXT("a"),                     "a\n",           DATA_FINE },
	{ TEXT("\r\n"),                  "\n",            DATA_FINE },
	{ TEXT(".\r\n"),                 ".\n",           DATA_FINE },
	{ TEXT("a\r\n.\r\nb\r\n"),       "a\n.\nb\n",     DATA_FINE },
	{ TEXT("..\r\n...\r\n.x\r\n"),   "..\n...\n.x\n", DATA_FINE },
	{ TEXT("a\r\n."),                "a\n.\n",        DATA_FINE },
	{ TEXT("a\xE9\xFF\t \x01\r\n"),  "a\xE9\xFF\t \x01\n", DATA_FINE },
	{ TEXT("a\r"),                   NULL,            DATA_BARE_CR },
	{ TEXT("\r"),                    NULL,            DATA_BARE_CR },
	{ TEXT("a\rb\r\n"),              NULL,            DATA_BARE_CR },
	{ TEXT("a\n"),                   NULL,            DATA_BARE_LF },
	{ TEXT("a\r\n\n.\r\n"),          NULL,            DATA_BARE_LF },
	{ TEXT("a\0b\r\n"),              NULL,            DATA_NUL },
#undef TEXT
	/* clang-format on */
};

static void
check_text(int row, const struct data_reader *reader, const struct buf *got)
{
	ck_assert_int_eq(reader->fault, texts[row].fault);
	if (texts[row].fault != DATA_FINE)
		ck_assert_int_eq(data_reader_reply(reader).code, 550);
	else
		ck_assert_str_eq(got->data, texts[row].message);
	ck_assert(!data_reader_done(reader));
}

START_TEST(a_chunk_is_taken_to_the_letter_however_it_is_cut)
{
	for (size_t split = 0; split <= texts[_i].size; split++) {
		struct buf got = BUF_INIT;
		struct data_reader reader;

		data_reader_init(&reader, 0, collect, &got);
		reader.chunked = true;
		data_reader_feed(&reader, texts[_i].text, split);
		data_reader_feed(&reader, texts[_i].text + split,
		    texts[_i].size - split);
		data_reader_end_chunks(&reader);
		check_text(_i, &reader, &got);
		buf_clear(&got);
	}
}
END_TEST

START_TEST(a_chunk_ends_where_its_size_says)
{
	static const char wire[] = "ab\r\n.\r\nQUIT\r\n";
	struct buf got = BUF_INIT;
	struct data_reader reader;
	char line[80];
	int ends[2];
	struct conn *conn;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	ck_assert_int_eq(write_all(ends[1], wire, strlen(wire)), 0);
	close(ends[1]);
	conn = conn_open(ends[0], 30);
	data_reader_init(&reader, 0, collect, &got);
	reader.chunked = true;
	ck_assert(data_reader_run_chunk(&reader, conn, 1));
	ck_assert(data_reader_run_chunk(&reader, conn, 0));
	ck_assert(data_reader_run_chunk(&reader, conn, 6));
	data_reader_end_chunks(&reader);
	ck_assert_str_eq(got.data, "ab\n.\n");
	ck_assert_int_eq(reader.octets, 7);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_str_eq(line, "QUIT");
	ck_assert_msg(!data_reader_run_chunk(&reader, conn, 1),
	    "a chunk that breaks off is none");
	conn_close(conn);
	buf_clear(&got);
}
END_TEST

START_TEST(chunks_together_may_not_pass_the_limit)
{
	struct buf got = BUF_INIT;
	struct data_reader reader;

	data_reader_init(&reader, 10, collect, &got);
	reader.chunked = true;
	data_reader_feed(&reader, "12345678\r\n", 10);
	ck_assert_int_eq(reader.fault, DATA_FINE);
	data_reader_feed(&reader, "1", 1);
	ck_assert_int_eq(reader.fault, DATA_TOO_BIG);
	ck_assert_int_eq(data_reader_reply(&reader).code, 552);
	buf_clear(&got);
}
END_TEST

Suite *
chunks_suite(void)
{
	Suite *suite = suite_create("chunks");
	TCase *tc = tcase_create("chunks");

	tcase_add_loop_test(tc,
	    a_chunk_is_taken_to_the_letter_however_it_is_cut, 0, COUNT(texts));
	tcase_add_test(tc, a_chunk_ends_where_its_size_says);
	tcase_add_test(tc, chunks_together_may_not_pass_the_limit);
	suite_add_tcase(suite, tc);
	return suite;
}
