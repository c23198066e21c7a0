/*
 * check_mbox.c - mbox files of procmail, mutt and others read; ours written and
 * read again, byte for byte.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/mbox.h"
#include "maildir/name_set.h"
#include "tests/suites.h"

/* 2026-11-22 04:13:17 UTC */
enum { MOMENT = 1795320797 };
#define FROM "From a@b.example Sun Nov 22 04:13:17 2026\n"

static int
keep(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

/* Reads all of FILE; each message as "date flags(o) folder/name|bytes|". */
static char *
read_all(const char *data, size_t size, enum mbox_form form)
{
	FILE *file = tmpfile();
	struct mbox *mbox = mbox_new(file, form);
	struct mbox_message message;
	struct buf bytes = BUF_INIT;
	struct buf all = BUF_INIT;
	enum mbox_result result;

	ck_assert_uint_eq(fwrite(data, 1, size, file), size);
	rewind(file);
	while ((result = mbox_read(mbox, keep, &bytes, &message)) ==
	    MBOX_MESSAGE) {
		buf_printf(&all, "%s%s%s|", message.flags,
		    message.old ? "o" : "", message.name);
		buf_add(&all, bytes.data, bytes.size);
		buf_addchar(&all, '|');
		buf_reset(&bytes);
	}
	if (result == MBOX_NONE)
		buf_addstr(&all, "NONE");
	buf_clear(&bytes);
	mbox_free(mbox);
	fclose(file);
	return buf_steal(&all);
}

/* clang-format off */
static const struct {
	const char *line;
	bool is_from;
	int64_t date;
	const char *sender;
} from_lines[] = {
	{ "From a@b Sun Nov 22 04:13:17 2026\n", true, MOMENT, "a@b" },
	{ "From a@b Sun Nov 22 04:13:17 2026\r\n", true, MOMENT, "a@b" },
	/* RFC 976 and System V: no seconds, a zone, a remote host. */
	{ "From a@b Sun Nov 22 04:13 2026\n", true, MOMENT - 17, "a@b" },
	{ "From a@b Sun Nov 22 04:13:17 UTC 2026\n", true, MOMENT, "a@b" },
	{ "From a@b Sun Nov 22 05:13:17 2026 +0100\n", true, MOMENT, "a@b" },
	{ "From a@b Sat Nov 21 23:43:17 -0430 2026\n", true, MOMENT, "a@b" },
	{ "From joe Sun Nov 22 04:13:17 2026 remote from uunet\n", true,
	  MOMENT, "joe" },
	{ "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n", true, 0,
	  "MAILER-DAEMON" },
	{ "From Joe Bloggs Sun Nov 22 04:13:17 2026\n", true, MOMENT, "Joe" },
	{ "From Sun Nov 22 04:13:17 2026\n", true, MOMENT, "" },
	{ "From me to you\n", false, 0, "" },
	{ "From a@b Sun Nov 22 04:13:17\n", false, 0, "" },
	{ "From a@b Sun Foo 22 04:13:17 2026\n", false, 0, "" },
	{ ">From a@b Sun Nov 22 04:13:17 2026\n", false, 0, "" },
	{ "from a@b Sun Nov 22 04:13:17 2026\n", false, 0, "" },
	{ "From: a@b Sun Nov 22 04:13:17 2026\n", false, 0, "" },
	{ "From \n", false, 0, "" },
};

/* What others write, and what must come of it. */
static const struct {
	enum mbox_form form;
	const char *file;
	const char *messages;
} foreign[] = {
	{ MBOX_RD, "", "" },
	{ MBOX_RD, "\n\n", "" },
	{ MBOX_RD, "Subject: x\n\nno mbox\n", "NONE" },
	{ MBOX_RD, FROM "A: b\n\nx\n\n", "|A: b\n\nx\n|" },
	/* procmail: a blank line before each, and none at the end */
	{ MBOX_RD, FROM "A: b\n\nx\n\n" FROM "A: c\n\ny\n",
	  "|A: b\n\nx\n||A: c\n\ny\n|" },
	{ MBOX_RD, FROM "A: b\n\nx\n" FROM "A: c\n\ny",
	  "|A: b\n\nx\n||A: c\n\ny|" },
	{ MBOX_RD, FROM "A: b\n\n>From x\n>>From y\n>>Fro\n\n",
	  "|A: b\n\nFrom x\n>From y\n>>Fro\n|" },
	{ MBOX_O, FROM "A: b\n\n>From x\n>>From y\n\n",
	  "|A: b\n\nFrom x\n>>From y\n|" },
	/* prose that was not quoted */
	{ MBOX_RD, FROM "A: b\n\n\nFrom me to you\n\n",
	  "|A: b\n\n\nFrom me to you\n|" },
	/* mutt: Status and X-Status anywhere in the header */
	{ MBOX_RD, FROM "A: b\nStatus: RO\nB: c\nX-Status: AF\n\nx\n\n",
	  "SRFo|A: b\nB: c\n\nx\n|" },
	{ MBOX_RD, FROM "Status: O\nA: b\n\nStatus: R\n\n",
	  "o|A: b\n\nStatus: R\n|" },
	{ MBOX_RD, FROM "A: b\nstatus:\n RO\n folded\nB: c\n\nx\n\n",
	  "|A: b\nB: c\n\nx\n|" },
	{ MBOX_RD, FROM "A: b\nX-Status: DT\n\nx\n\n", "TDo|A: b\n\nx\n|" },
	/* and Content-Length, where nothing is quoted */
	{ MBOX_CL, FROM "A: b\nContent-Length: 48\nLines: 2\n\n"
	  FROM ">From\n\n" FROM "A: c\n\ny\n\n",
	  "|A: b\n\n" FROM ">From\n||A: c\n\ny\n|" },
	{ MBOX_CL, FROM "A: b\nContent-Length: 9999\n\nx\n\n" FROM
	  "A: c\n\ny\n\n", "|A: b\n\nx\n||A: c\n\ny\n|" },
	{ MBOX_CL, FROM "A: b\nContent-Length: 4\n\nx\n\n" FROM
	  "A: c\n\ny\n\n", "|A: b\n\nx\n||A: c\n\ny\n|" },
	/* nobody may swallow the next message by what he writes */
	{ MBOX_RD, FROM "A: b\nContent-Length: 50\n\nx\n\n" FROM
	  "A: c\n\ny\n\n",
	  "|A: b\nContent-Length: 50\n\nx\n||A: c\n\ny\n|" },
	/* CRLF throughout */
	{ MBOX_RD, "From a@b Sun Nov 22 04:13:17 2026\r\nA: b\r\n\r\nx\r\n\r\n",
	  "|A: b\n\nx\n|" },
	/* ours */
	{ MBOX_RD, FROM "X-Postlab-File: cur/1.a.x:2,S\nStatus: RO\n"
	  "X-Status: \nStatus: mine\n\nx\n\n",
	  "So1.a.x:2,S|Status: mine\n\nx\n|" },
	{ MBOX_RD, FROM "X-Postlab-File: .Sent/new/1.%0A%25x\nStatus: \n"
	  "X-Status: \n\n", "1.\n%x||" },
	/* names that are no names are left in the header */
	{ MBOX_RD, FROM "X-Postlab-File: cur/../x\n\nx\n\n",
	  "|X-Postlab-File: cur/../x\n\nx\n|" },
	{ MBOX_RD, FROM "X-Postlab-File: cur/a%2Fb\n\n\n",
	  "|X-Postlab-File: cur/a%2Fb\n\n|" },
	{ MBOX_RD, FROM "X-Postlab-File: cur/a%00b\n\n\n",
	  "|X-Postlab-File: cur/a%00b\n\n|" },
	{ MBOX_RD, FROM "X-Postlab-File: tmp/a\n\n\n",
	  "|X-Postlab-File: tmp/a\n\n|" },
	{ MBOX_RD, FROM "X-Postlab-File: ../cur/a\n\n\n",
	  "|X-Postlab-File: ../cur/a\n\n|" },
	{ MBOX_RD, FROM "X-Postlab-File: .%2E/cur/a\n\n\n",
	  "|X-Postlab-File: .%2E/cur/a\n\n|" },
	{ MBOX_RD, FROM "X-Postlab-File: .a%2Fb/cur/a\n\n\n",
	  "|X-Postlab-File: .a%2Fb/cur/a\n\n|" },
	{ MBOX_RD, FROM "X-Postlab-File: cur/.hidden\n\n\n",
	  "|X-Postlab-File: cur/.hidden\n\n|" },
};

/* Messages that come back as they were. */
static const struct {
	const char *data;
	size_t size;
} whole[] = {
#define M(text) { text, sizeof(text) - 1 }
	M(""), M("\n"), M("\n\n"), M("x"), M("A: b\n\nx\n"), M("A: b\n\nx"),
	M("A: b\n\n\n\n\n"), M(FROM), M(FROM FROM), M("From "), M(">"),
	M(">From"), M(">>>From \n>>From"), M("Status: RO\nA: b\n\n"),
	M("X-Status: A\nStatus: R\n\nx"), M("X-Postlab-File: cur/x\n\n"),
	M("A: b\n\na\0b\r\nc\r"), M("\r\n\r\n"), M("\n" FROM "\n"),
	M("Content-Length: 3\n\n\xff\xfe"),
#undef M
};
/* clang-format on */

START_TEST(a_from_line_has_a_date)
{
	struct mbox_message message = { 0 };

	ck_assert_int_eq(mbox_from_line(from_lines[_i].line, &message),
	    from_lines[_i].is_from);
	if (!from_lines[_i].is_from)
		return;
	ck_assert_int_eq(message.date, from_lines[_i].date);
	ck_assert_str_eq(message.sender, from_lines[_i].sender);
}
END_TEST

START_TEST(files_of_others_are_read)
{
	char *got = read_all(foreign[_i].file, strlen(foreign[_i].file),
	    foreign[_i].form);

	ck_assert_str_eq(got, foreign[_i].messages);
	free(got);
}
END_TEST

/* Writes each of the messages, twice the one at I, and reads them again. */
static void
round_trip(const char *data, size_t size, const struct mbox_message *label)
{
	FILE *file = tmpfile();
	struct mbox *mbox = mbox_new(file, MBOX_RD);
	int fd = memfd_create("message", MFD_CLOEXEC);
	struct mbox_message message;
	struct buf bytes = BUF_INIT;

	ck_assert_int_eq(write_all(fd, data, size), 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(mbox_write(file, fd, label), 0);
	rewind(file);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(mbox_read(mbox, keep, &bytes, &message),
		    MBOX_MESSAGE);
		ck_assert_uint_eq(bytes.size, size);
		ck_assert_mem_eq(bytes.data, data, size);
		ck_assert_int_eq(message.date, label->date);
		ck_assert_str_eq(message.sender, label->sender);
		ck_assert_str_eq(message.name, label->name);
		ck_assert_str_eq(message.folder, label->folder);
		ck_assert_int_eq(message.old, label->old);
		buf_reset(&bytes);
	}
	ck_assert_int_eq(mbox_read(mbox, keep, &bytes, &message), MBOX_END);
	buf_clear(&bytes);
	close(fd);
	mbox_free(mbox);
	fclose(file);
}

START_TEST(every_byte_comes_back)
{
	static const struct mbox_message labels[] = {
		{ MOMENT, "a@b", true, "S", "", "1.a.x,S=1,W=2:2,S" },
		{ 0, "MAILER-DAEMON", false, "", ".Sent.%", "\033 %\n\xff" },
	};

	for (size_t i = 0; i < COUNT(labels); i++)
		round_trip(whole[_i].data, whole[_i].size, &labels[i]);
}
END_TEST

/* Around the size of the pieces in which a file is read. */
START_TEST(lines_of_any_length_come_back)
{
	static const struct mbox_message label = { MOMENT, "a@b", true, "", "",
		"1.a.x:2," };
	struct buf text = BUF_INIT;

	for (int marks = 8170; marks < 8210; marks++) {
		buf_addstr(&text, "A: b\n\n");
		for (int i = 0; i < marks; i++)
			buf_addchar(&text, '>');
		buf_addstr(&text, "From x\n");
		round_trip(text.data, text.size, &label);
		buf_reset(&text);
	}
	buf_clear(&text);
}
END_TEST

static int
refuse(void *arg, const char *data, size_t size)
{
	(void)arg;
	(void)data;
	(void)size;
	return -1;
}

START_TEST(a_sink_that_fails_ends_it)
{
	FILE *file = tmpfile();
	struct mbox *mbox = mbox_new(file, MBOX_RD);
	struct mbox_message message;

	fputs(FROM "A: b\n\nx\n\n", file);
	rewind(file);
	ck_assert_int_eq(mbox_read(mbox, refuse, NULL, &message), MBOX_TROUBLE);
	mbox_free(mbox);
	fclose(file);
}
END_TEST

START_TEST(a_set_of_names_knows_bases)
{
	struct name_set set = { 0 };
	char name[32];
	bool in_new;

	ck_assert_ptr_null(name_set_find(&set, "1.a.x", &in_new));
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%d.a.x", i);
		ck_assert(name_set_add(&set, false, name));
	}
	ck_assert(!name_set_add(&set, true, "7.a.x,S=1:2,S"));
	ck_assert_str_eq(name_set_find(&set, "999.a.x:2,", &in_new), "999.a.x");
	ck_assert(!in_new);
	ck_assert_ptr_null(name_set_find(&set, "1000.a.x", &in_new));
	name_set_clear(&set);
}
END_TEST

Suite *
mbox_suite(void)
{
	Suite *suite = suite_create("mbox");
	TCase *tc = tcase_create("mbox");

	tcase_add_loop_test(tc, a_from_line_has_a_date, 0, COUNT(from_lines));
	tcase_add_loop_test(tc, files_of_others_are_read, 0, COUNT(foreign));
	tcase_add_loop_test(tc, every_byte_comes_back, 0, COUNT(whole));
	tcase_add_test(tc, lines_of_any_length_come_back);
	tcase_add_test(tc, a_sink_that_fails_ends_it);
	tcase_add_test(tc, a_set_of_names_knows_bases);
	suite_add_tcase(suite, tc);
	return suite;
}
