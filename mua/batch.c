/*
 * batch.c - list and show on standard output.
 *
 * Text passes the same gate as on the screen; only --raw gives the bytes.  A
 * reader that has seen enough (EPIPE) ends it quietly; any other failure to
 * write is said and has an exit status.
 */
#include "mua/batch.h"

#include "mua/index_row.h"
#include "mua/kept.h"
#include "mua/raw_text.h"
#include "mua/render.h"
#include "mua/text.h"
#include "mua/thread_tree.h"
#include "mua/windows.h"
#include "mua/wrap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { FROM_COLUMNS = 40, TREE_COLUMNS = 40, PIPE_COLUMNS = 80 };

/* Flushes; the exit status of everything written so far. */
static int
finish(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EX_OK;
	if (errno == EPIPE)
		return EX_OK;
	fprintf(stderr, "mua: cannot write: %s\n", strerror(errno));
	return EX_IOERR;
}

/* Columns of the terminal on standard output; 0 when it is none. */
static int
terminal_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1)
		return 0;
	return size.ws_col;
}

static void
format_date(int64_t date, char *text, size_t size)
{
	time_t when = (time_t)date;
	struct tm tm;

	if (date <= 0 || localtime_r(&when, &tm) == NULL ||
	    strftime(text, size, "%Y-%m-%d %H:%M", &tm) == 0)
		copy_string(text, size, "-");
}

/* Appends a column of WIDTH; longer text is kept whole. */
static void
add_column(struct buf *line, const char *text, int width)
{
	struct buf safe = BUF_INIT;
	int columns;

	text_safe(text, strlen(text), &safe);
	for (size_t i = 0; i < safe.size; i++)
		if (safe.data[i] == '\n' || safe.data[i] == '\t')
			safe.data[i] = ' ';
	columns = text_columns(safe.data, safe.size);
	buf_add(line, safe.data, safe.size);
	for (; columns < width; columns++)
		buf_addchar(line, ' ');
	buf_clear(&safe);
}

static void
format_line(struct mailbox *mailbox, size_t at, struct buf *line)
{
	const struct mailbox_entry *entry = mailbox_entry(mailbox, at);
	char flags[INDEX_FLAGS_SIZE];
	char date[32];

	index_row_flags(entry, flags);
	format_date(entry->date, date, sizeof(date));
	buf_printf(line, "%4zu %s %-16s  ", at + 1, flags, date);
	add_column(line, entry->from, FROM_COLUMNS);
	buf_addstr(line, "  ");
	if (mailbox->threads != NULL)
		thread_tree_draw(mailbox, at, TREE_COLUMNS, line);
	add_column(line, entry->subject, 0);
}

/* Prints LINE, as far as COLUMNS allow unless that is 0. */
static void
print_line(const struct buf *line, int columns)
{
	size_t end = line->size;

	if (columns > 0) {
		int used = 0;

		for (end = 0; end < line->size;) {
			int width;
			size_t size = text_next(line->data + end, &width);

			used += width < 0 ? 1 : width;
			if (used > columns)
				break;
			end += size;
		}
	}
	fwrite(line->data, 1, end, stdout);
	putchar('\n');
}

int
batch_list(struct mailbox *mailbox)
{
	int columns = terminal_columns();

	for (size_t i = 0; i < mailbox->row_count && !ferror(stdout); i++) {
		struct buf line = BUF_INIT;

		format_line(mailbox, mailbox->rows[i], &line);
		print_line(&line, columns);
		buf_clear(&line);
	}
	return finish();
}

/* A paragraph, cut as on a screen of COLUMNS. */
static void
print_paragraph(const struct line *line, int columns)
{
	struct line copy = *line;
	struct lines one = { &copy, 1, 1 };
	struct wrapped wrapped = { 0 };

	wrap_lines(&one, columns, &wrapped);
	for (size_t i = 0; i < wrapped.count; i++) {
		const struct piece *piece = &wrapped.pieces[i];

		if (piece->start > 0)
			fwrite(line->text, 1, line->repeat, stdout);
		fwrite(line->text + piece->start, 1, piece->end - piece->start,
		    stdout);
		putchar('\n');
	}
	wrapped_clear(&wrapped);
}

static void
print_lines(const struct lines *lines)
{
	int columns = terminal_columns();

	if (columns == 0)
		columns = PIPE_COLUMNS;
	for (size_t i = 0; i < lines->count && !ferror(stdout); i++) {
		const struct line *line = &lines->items[i];

		if (line->flows) {
			print_paragraph(line, columns);
			continue;
		}
		fwrite(line->text, 1, line->size, stdout);
		putchar('\n');
	}
}

bool
batch_find_view(const char *name, enum batch_form *form_out)
{
	static const char *const names[] = { "raw", "structure", "trace",
		"envelope" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*form_out = (enum batch_form)(BATCH_VIEW_RAW + i);
		return true;
	}
	return false;
}

/* What a window shows of the message. */
static void
make_window(struct mailbox *mailbox, size_t i, struct message *message,
    enum batch_form form, struct lines *lines)
{
	struct kept_envelope envelope;
	struct subject subject = { message, &envelope };
	int columns = terminal_columns();

	if (columns == 0)
		columns = PIPE_COLUMNS;
	kept_find(mailbox, i, &envelope);
	if (form == BATCH_VIEW_RAW)
		raw_text_lines(&subject, lines);
	else if (form == BATCH_VIEW_STRUCTURE)
		structure_lines(&subject, columns, lines);
	else if (form == BATCH_VIEW_TRACE)
		trace_lines(&subject, columns, lines);
	else
		envelope_lines(&subject, columns, lines);
	kept_clear(&envelope);
}

/* 0, or -1 with errno when it cannot be read. */
static int
print_message(struct mailbox *mailbox, size_t i, enum batch_form form)
{
	struct message *message = mailbox_message(mailbox, i);
	struct render_options options = {
		.full_headers = form == BATCH_FULL_HEADERS,
		.received = mailbox->entries[i].received,
	};
	struct lines lines = { 0 };

	if (message == NULL)
		return -1;
	if (form >= BATCH_VIEW_RAW)
		make_window(mailbox, i, message, form, &lines);
	else
		render_message(message, &options, &lines);
	print_lines(&lines);
	lines_clear(&lines);
	message_close(message);
	return 0;
}

/* Copies the file as it is.  0, or -1 with errno when it cannot be read. */
static int
print_raw(struct mailbox *mailbox, size_t i)
{
	int fd = mailbox_message_fd(mailbox, i);
	char chunk[16384];
	ssize_t n = -1;

	if (fd == -1)
		return -1;
	while (!ferror(stdout) && (n = read(fd, chunk, sizeof(chunk))) > 0)
		fwrite(chunk, 1, (size_t)n, stdout);
	close(fd);
	return n == -1 && !ferror(stdout) ? -1 : 0;
}

/* A sentence for a number that is too big. */
static void
say_how_many(const struct mailbox *mailbox, size_t number)
{
	fprintf(stderr, "mua: there is no message %zu: ", number);
	if (mailbox->count == 0)
		fprintf(stderr, "%s is empty\n", mailbox->path);
	else
		fprintf(stderr, "%s has %zu message%s\n", mailbox->path,
		    mailbox->count, mailbox->count == 1 ? "" : "s");
}

int
batch_show(struct mailbox *mailbox, size_t number, enum batch_form form)
{
	int rc;

	if (number < 1 || number > mailbox->count) {
		say_how_many(mailbox, number);
		return EXIT_NO_MESSAGE;
	}
	if (form == BATCH_RAW)
		rc = print_raw(mailbox, number - 1);
	else
		rc = print_message(mailbox, number - 1, form);
	if (rc == -1) {
		fprintf(stderr, "mua: message %zu cannot be read: %s\n", number,
		    strerror(errno));
		return EXIT_NO_MESSAGE;
	}
	return finish();
}
