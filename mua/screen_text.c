/*
 * screen_text.c - a screenful as data.
 *
 * The last gate before the terminal: whatever a caller adds, only characters
 * with a width of their own, and a few that combine with them, get through.
 */
#include "mua/screen_text.h"

#include "maildir/message.h"
#include "mua/text.h"
#include "mua/wrap.h"

#include <stdlib.h>
#include <string.h>

/* A base with more marks than that is a prank (and more than curses takes). */
enum { COMBINING_MAX = 4 };

static struct screen_row *
find_row(struct screen_text *screen, int row)
{
	if (row < 0 || row >= screen->rows)
		return NULL;
	return &screen->lines[row];
}

static void
put(struct screen_row *row, enum style style, const char *text, size_t size)
{
	buf_add(&row->text, text, size);
	for (size_t i = 0; i < size; i++)
		buf_addchar(&row->styles, (char)style);
}

/* Appends blanks or other ASCII up to COLUMN. */
static void
fill(struct screen_row *row, enum style style, char c, int column)
{
	for (; row->used < column; row->used++)
		put(row, style, &c, 1);
	row->marks = 0;
}

/*
 * Whether the mark at TEXT makes some terminals draw its neighbours as one,
 * narrower than curses reckons with, so that the rest of the row would stand
 * elsewhere: U+200D between emoji, and U+FE0F.
 */
static bool
is_glue(const char *text, const char *end)
{
	static const char joiner[] = "\xe2\x80\x8d";
	static const char selector[] = "\xef\xb8\x8f";
	size_t size = sizeof(joiner) - 1;
	int next = 0;

	if ((size_t)(end - text) < size)
		return false;
	if (memcmp(text, selector, size) == 0)
		return true;
	if (memcmp(text, joiner, size) != 0 || text + size == end)
		return false;
	(void)text_next(text + size, &next);
	return next == 2;
}

/* Whether the character at TEXT, without a width, turns what is around it. */
static bool
is_control(const char *text, size_t size)
{
	struct buf safe = BUF_INIT;
	bool same;

	text_safe(text, size, &safe);
	same = safe.size == size && memcmp(safe.data, text, size) == 0;
	buf_clear(&safe);
	return !same;
}

/* Appends what of TEXT fits before column LIMIT. */
static void
add_limited(struct screen_row *row, enum style style, const char *text,
    const char *end, int limit)
{
	while (text < end) {
		int width;
		size_t size = text_next(text, &width);

		if (*text == '\t') {
			int stop =
			    row->used + TAB_WIDTH - row->used % TAB_WIDTH;

			fill(row, style, ' ', stop < limit ? stop : limit);
		} else if (width == 0) {
			if (!is_glue(text, end) && !is_control(text, size) &&
			    row->marks++ < COMBINING_MAX)
				put(row, style, text, size);
		} else {
			int columns = width < 0 ? 1 : width;

			if (row->used + columns > limit)
				return;
			if (width < 0)
				put(row, style, TEXT_UNKNOWN,
				    strlen(TEXT_UNKNOWN));
			else
				put(row, style, text, size);
			row->used += columns;
			row->marks = 0;
		}
		text += size;
	}
}

void
screen_text_reset(struct screen_text *screen, int rows, int columns)
{
	screen_text_clear(screen);
	screen->rows = rows < 1 ? 1 : rows;
	screen->columns = columns < 1 ? 1 : columns;
	screen->lines = xcalloc((size_t)screen->rows, sizeof(*screen->lines));
	for (int i = 0; i < screen->rows; i++) {
		screen->lines[i].text = (struct buf)BUF_INIT;
		screen->lines[i].styles = (struct buf)BUF_INIT;
		screen->lines[i].marks = COMBINING_MAX; /* no base yet */
	}
}

void
screen_text_clear(struct screen_text *screen)
{
	for (int i = 0; i < screen->rows; i++) {
		buf_clear(&screen->lines[i].text);
		buf_clear(&screen->lines[i].styles);
	}
	free(screen->lines);
	*screen = (struct screen_text){ 0 };
}

void
screen_clear_row(struct screen_text *screen, int row)
{
	struct screen_row *to = find_row(screen, row);

	if (to == NULL)
		return;
	buf_reset(&to->text);
	buf_reset(&to->styles);
	to->used = 0;
	to->marks = COMBINING_MAX;
}

void
screen_add_bytes(struct screen_text *screen, int row, enum style style,
    const char *text, size_t size)
{
	struct screen_row *to = find_row(screen, row);

	if (to != NULL)
		add_limited(to, style, text, text + size, screen->columns);
}

void
screen_add(struct screen_text *screen, int row, enum style style,
    const char *text)
{
	screen_add_bytes(screen, row, style, text, strlen(text));
}

void
screen_field(struct screen_text *screen, int row, enum style style,
    const char *text, int columns)
{
	struct screen_row *to = find_row(screen, row);
	int limit;

	if (to == NULL)
		return;
	limit = to->used + columns;
	if (limit > screen->columns)
		limit = screen->columns;
	add_limited(to, style, text, text + strlen(text), limit);
	fill(to, style, ' ', limit);
}

void
screen_fill(struct screen_text *screen, int row, enum style style, char c,
    int column)
{
	struct screen_row *to = find_row(screen, row);

	if (to != NULL)
		fill(to, style, c,
		    column < screen->columns ? column : screen->columns);
}
