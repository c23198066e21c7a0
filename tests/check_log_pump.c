/*
 * check_log_pump.c - a log reader that stops, and then goes on.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "admin/log_pump.h"
#include "common/log.h"
#include "tests/suites.h"

enum { PIPE_SIZE = 65536 };

static int own_stderr;
static int reader;

/* Standard error is a pipe which nobody reads for now. */
static void
stop_reader(void)
{
	int ends[2];

	own_stderr = dup(STDERR_FILENO);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_ne(fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE), -1);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	reader = ends[0];
	ck_assert_int_eq(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
}

static void
end_reader(void)
{
	dup2(own_stderr, STDERR_FILENO);
	close(own_stderr);
	close(reader);
}

/* What the reader finds. */
static void
read_log(struct buf *text)
{
	char piece[PIPE_SIZE];
	ssize_t n;

	while ((n = read(reader, piece, sizeof(piece))) > 0)
		buf_add(text, piece, (size_t)n);
}

/* How many lines, and the sum of those that log-dropped tells of. */
static int
count_lines(struct buf *text, int *dropped_out)
{
	char *rest = text->data;
	const char *line;
	int count = 0;

	*dropped_out = 0;
	ck_assert_int_eq(text->data[text->size - 1], '\n');
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		const char *lines = strstr(line, "event=log-dropped lines=");

		/* A torn one may be shorter. */
		ck_assert_msg(strncmp(line, "time=", strnlen(line, 5)) == 0,
		    "%s", line);
		if (lines != NULL)
			*dropped_out += atoi(lines + 24);
		else
			count++;
	}
	return count;
}

/* The time it takes is not looked at: without an end it would be for ever. */
START_TEST(a_process_goes_on_when_nobody_reads_its_log)
{
	enum { LINES = 2000 };
	struct buf text = BUF_INIT;
	int dropped;
	int count;

	log_unblock();
	for (int i = 0; i < LINES; i++)
		log_event(LOG_INFO, "test", "number=%d text=%080d", i, i);
	read_log(&text);
	/* The next one gets through and says what became of the others. */
	log_event(LOG_INFO, "test", "number=%d", LINES);
	read_log(&text);
	count = count_lines(&text, &dropped);
	ck_assert_int_gt(count, 100);
	ck_assert_int_gt(dropped, 100);
	ck_assert_int_eq(count + dropped, LINES + 1);
	buf_clear(&text);
}
END_TEST

START_TEST(the_supervisor_keeps_what_a_stopped_reader_does_not_take)
{
	enum { LINES = 5000 };
	struct log_pump pump;
	struct buf text = BUF_INIT;
	int dropped;

	ck_assert_int_eq(log_pump_open(&pump), 0);
	for (int i = 0; i < LINES; i++) {
		log_event(LOG_INFO, "test", "number=%d text=%080d", i, i);
		log_pump_turn(&pump);
	}
	ck_assert(pump.stuck);
	while (pump.stuck) {
		read_log(&text);
		log_pump_turn(&pump);
	}
	log_pump_close(&pump);
	read_log(&text);
	ck_assert_int_eq(count_lines(&text, &dropped), LINES);
	ck_assert_int_eq(dropped, 0);
	buf_clear(&text);
}
END_TEST

START_TEST(past_a_mebibyte_the_supervisor_drops_lines_and_says_how_many)
{
	enum { LINES = 20000 };
	struct log_pump pump;
	struct buf text = BUF_INIT;
	int dropped;
	int count;

	ck_assert_int_eq(log_pump_open(&pump), 0);
	for (int i = 0; i < LINES; i++) {
		log_event(LOG_INFO, "test", "number=%d text=%080d", i, i);
		log_pump_turn(&pump);
		ck_assert_uint_le(pump.kept.size, LOG_KEPT_MAX);
	}
	while (pump.stuck) {
		read_log(&text);
		log_pump_turn(&pump);
	}
	read_log(&text);
	log_event(LOG_INFO, "test", "number=%d", LINES);
	log_pump_close(&pump);
	read_log(&text);
	count = count_lines(&text, &dropped);
	ck_assert_int_gt(dropped, 0);
	ck_assert_int_eq(count + dropped, LINES + 1);
	buf_clear(&text);
}
END_TEST

START_TEST(the_supervisor_ends_although_nobody_reads_its_log)
{
	struct log_pump pump;

	ck_assert_int_eq(log_pump_open(&pump), 0);
	for (int i = 0; i < 2000; i++) {
		log_event(LOG_INFO, "test", "number=%d text=%080d", i, i);
		log_pump_turn(&pump);
	}
	log_pump_close(&pump);
}
END_TEST

/* A full disk, as a limit on the size of the file: it cuts a line as well. */
static void
limit_files(rlim_t octets)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(what_a_full_disk_does_not_take_is_told_when_it_does_again)
{
	enum { LINES = 50, ROOM = 1000 };
	struct log_pump pump;
	struct buf text = BUF_INIT;
	int dropped;
	int file = memfd_create("log", MFD_CLOEXEC);

	dup2(file, STDERR_FILENO);
	ck_assert_int_eq(log_pump_open(&pump), 0);
	limit_files(ROOM);
	for (int i = 0; i < LINES; i++) {
		log_event(LOG_INFO, "test", "number=%d text=%080d", i, i);
		log_pump_turn(&pump);
	}
	ck_assert(!pump.stuck);
	limit_files(RLIM_INFINITY);
	log_event(LOG_INFO, "test", "number=%d", LINES);
	log_pump_close(&pump);

	for (char piece[ROOM]; text.size < (size_t)lseek(file, 0, SEEK_END);)
		buf_add(&text, piece,
		    (size_t)pread(file, piece, ROOM, (off_t)text.size));
	/* One more line: the half one. */
	ck_assert_int_eq(count_lines(&text, &dropped) + dropped, LINES + 2);
	ck_assert_int_gt(dropped, LINES / 2);
	buf_clear(&text);
	close(file);
}
END_TEST

Suite *
log_pump_suite(void)
{
	Suite *suite = suite_create("log_pump");
	TCase *tc = tcase_create("log_pump");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, stop_reader, end_reader);
	tcase_add_test(tc, a_process_goes_on_when_nobody_reads_its_log);
	tcase_add_test(tc,
	    the_supervisor_keeps_what_a_stopped_reader_does_not_take);
	tcase_add_test(tc,
	    past_a_mebibyte_the_supervisor_drops_lines_and_says_how_many);
	tcase_add_test(tc, the_supervisor_ends_although_nobody_reads_its_log);
	tcase_add_test(tc,
	    what_a_full_disk_does_not_take_is_told_when_it_does_again);
	suite_add_tcase(suite, tc);
	return suite;
}
