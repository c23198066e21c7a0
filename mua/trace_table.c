/*
 * trace_table.c - the hops of a message as a table.
 *
 * Columns are declared once; a wider screen has wider ones, and more of them.
 */
#include "mua/trace_table.h"

#include "mua/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

void
trace_tls_short(const struct received *received, struct buf *to)
{
	const char *digits = strpbrk(received->tls, "0123456789");

	if (!received->encrypted)
		buf_addstr(to, "no");
	else if (digits == NULL ||
	    (strncasecmp(received->tls, "TLS", 3) != 0 &&
		strncasecmp(received->tls, "SSL", 3) != 0))
		buf_addstr(to, "yes");
	else if (digits[1] == '.' || digits[1] == '_')
		buf_printf(to, "%c.%c", digits[0], digits[2]);
	else
		buf_addchar(to, digits[0]);
}

static void
put_number(const struct hop *hop, size_t number, struct buf *to)
{
	buf_printf(to, "%zu%s", number, hop->doubts > 0 ? "?" : "");
}

static void
put_client(const struct hop *hop, size_t number, struct buf *to)
{
	const struct received *r = &hop->received;

	(void)number;
	if (*r->helo != '\0')
		buf_addstr(to, r->helo);
	else if (*r->ident != '\0')
		buf_printf(to, "(user %s)", r->ident);
	else
		buf_addstr(to, "-");
}

static void
put_address(const struct hop *hop, size_t number, struct buf *to)
{
	(void)number;
	buf_addstr(to,
	    *hop->received.address == '\0' ? "-" : hop->received.address);
}

static void
put_by(const struct hop *hop, size_t number, struct buf *to)
{
	(void)number;
	buf_addstr(to, *hop->received.by == '\0' ? "-" : hop->received.by);
}

static void
put_protocol(const struct hop *hop, size_t number, struct buf *to)
{
	(void)number;
	buf_addstr(to, *hop->received.with == '\0' ? "-" : hop->received.with);
}

static void
put_tls(const struct hop *hop, size_t number, struct buf *to)
{
	(void)number;
	trace_tls_short(&hop->received, to);
}

static void
put_delay(const struct hop *hop, size_t number, struct buf *to)
{
	(void)number;
	if (hop->has_delay)
		journey_span(hop->delay, to);
	else
		buf_addstr(to, "-");
}

static void
put_time(const struct hop *hop, size_t number, struct buf *to)
{
	time_t when = (time_t)hop->received.date;
	char text[32] = "-";
	struct tm tm;

	(void)number;
	if (hop->received.has_date && gmtime_r(&when, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	buf_addstr(to, text);
}

static void
put_id(const struct hop *hop, size_t number, struct buf *to)
{
	(void)number;
	buf_addstr(to, *hop->received.id == '\0' ? "-" : hop->received.id);
}

static const struct column {
	const char *title;
	int width;
	int share; /* of what is left on a wider screen */
	int from;  /* the screen must be that wide to have it */
	void (*put)(const struct hop *hop, size_t number, struct buf *to);
} columns_of_table[] = {
	/* clang-format off */
	{ "#",         3, 0,   0, put_number },
	{ "from",     16, 3,   0, put_client },
	{ "address",  15, 1,   0, put_address },
	{ "by",        6, 3, 120, put_by },
	{ "protocol",  8, 0,   0, put_protocol },
	{ "TLS",       3, 0,   0, put_tls },
	{ "delay",     8, 1,   0, put_delay },
	{ "time, UTC", 1, 2, 160, put_time },
	{ "id",       12, 2,   0, put_id },
	/* clang-format on */
};

/* Appends TEXT cut or filled to WIDTH columns, and a blank. */
static void
add_cell(const char *text, int width, struct buf *to)
{
	int used = 0;

	while (*text != '\0') {
		int columns;
		size_t size = text_next(text, &columns);
		bool last = text[size] == '\0';

		if (columns < 0)
			columns = 1;
		if (used + columns > width - (last ? 0 : 1))
			break;
		buf_add(to, text, size);
		used += columns;
		text += size;
	}
	if (*text != '\0') {
		buf_addstr(to, "…");
		used++;
	}
	for (; used < width + 1; used++)
		buf_addchar(to, ' ');
}

/* What COLUMNS leave is shared out among the columns that are shown. */
static int
width_of(const struct column *column, int columns)
{
	int left = columns + 1;
	int shares = 0;

	for (size_t i = 0; i < COUNT(columns_of_table); i++) {
		if (columns < columns_of_table[i].from)
			continue;
		left -= columns_of_table[i].width + 1;
		shares += columns_of_table[i].share;
	}
	return column->width + (left > 0 ? left * column->share / shares : 0);
}

/* HOP NULL: the titles. */
static void
add_row(const struct hop *hop, size_t number, int columns, struct lines *lines)
{
	struct buf row = BUF_INIT;

	for (size_t i = 0; i < COUNT(columns_of_table); i++) {
		const struct column *column = &columns_of_table[i];
		struct buf cell = BUF_INIT;

		if (columns < column->from)
			continue;
		if (hop == NULL)
			buf_addstr(&cell, column->title);
		else
			column->put(hop, number, &cell);
		add_cell(cell.data, width_of(column, columns), &row);
		buf_clear(&cell);
	}
	while (row.size > 0 && row.data[row.size - 1] == ' ')
		row.data[--row.size] = '\0';
	lines_add(lines, hop == NULL ? STYLE_PART : STYLE_NORMAL, row.data,
	    row.size);
	buf_clear(&row);
}

void
trace_table(const struct journey *journey, int columns, struct lines *lines)
{
	add_row(NULL, 0, columns, lines);
	for (size_t i = 0; i < journey->count; i++)
		add_row(&journey->hops[i], i + 1, columns, lines);
}
