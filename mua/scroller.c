/*
 * scroller.c - a window onto lines.  The place is kept as a position in the
 * text, so it survives a change of width.
 */
#include "mua/scroller.h"

#include "mua/text.h"
#include "mua/view.h"

#include <stdlib.h>

static size_t
last_top(const struct scroller *scroller)
{
	size_t height = (size_t)(scroller->height > 1 ? scroller->height : 1);
	size_t count = scroller->wrapped.count;

	return count > height ? count - height : 0;
}

/* Cuts the lines for COLUMNS, and finds the place again. */
static void
rewrap(struct scroller *scroller, int columns)
{
	struct piece place = { 0 };

	if (scroller->columns == columns)
		return;
	if (scroller->top < scroller->wrapped.count)
		place = scroller->wrapped.pieces[scroller->top];
	wrap_lines(&scroller->lines, columns, &scroller->wrapped);
	scroller->columns = columns;
	scroller->top = wrap_find(&scroller->wrapped, place.line, place.start);
	if (scroller->share > 0)
		scroller->top =
		    scroller->wrapped.count * scroller->share / 1000;
	scroller->share = 0;
}

/* Adds TEXT (a string of its own) with what matches in it marked. */
static void
add_marked(struct screen_text *screen, int row, enum style style,
    const char *text, const char *match)
{
	while (*match != '\0') {
		size_t size;
		const char *at = text_find(text, match, &size);

		if (at == NULL)
			break;
		screen_add_bytes(screen, row, style, text, (size_t)(at - text));
		screen_add_bytes(screen, row, STYLE_MATCH, at, size);
		text = at + size;
	}
	screen_add(screen, row, style, text);
}

/* The begin of a further row of LINE. */
static void
draw_begin(const struct line *line, struct screen_text *screen, int row)
{
	if (line->repeat > 0) {
		screen_add_bytes(screen, row, line->style, line->text,
		    line->repeat);
		return;
	}
	screen_add(screen, row, STYLE_SIGNATURE, wrap_mark(line->style));
	screen_fill(screen, row, line->style, ' ', line->hang);
}

static void
draw_piece(const struct scroller *scroller, const struct piece *piece,
    struct screen_text *screen, int row, const char *match)
{
	const struct line *line = &scroller->lines.items[piece->line];
	size_t label = line->label < piece->end ? line->label : piece->end;
	struct buf text = BUF_INIT;

	if (piece->start > 0)
		draw_begin(line, screen, row);
	if (piece->start < label) {
		buf_add(&text, line->text + piece->start, label - piece->start);
		add_marked(screen, row, STYLE_LABEL, text.data, match);
		buf_reset(&text);
	} else {
		label = piece->start;
	}
	buf_add(&text, line->text + label, piece->end - label);
	add_marked(screen, row, line->style, text.data, match);
	buf_clear(&text);
}

void
scroller_set(struct scroller *scroller, struct lines *lines)
{
	scroller_clear(scroller);
	scroller->lines = *lines;
	*lines = (struct lines){ 0 };
}

void
scroller_clear(struct scroller *scroller)
{
	lines_clear(&scroller->lines);
	wrapped_clear(&scroller->wrapped);
	*scroller = (struct scroller){ .height = scroller->height };
}

void
scroller_draw(struct scroller *scroller, struct screen_text *screen,
    const char *match)
{
	scroller->height = view_height(screen);
	rewrap(scroller, screen->columns);
	if (scroller->top > last_top(scroller))
		scroller->top = last_top(scroller);
	for (int i = 0; i < scroller->height; i++) {
		size_t at = scroller->top + (size_t)i;

		if (at >= scroller->wrapped.count)
			break;
		draw_piece(scroller, &scroller->wrapped.pieces[at], screen,
		    VIEW_TOP_ROW + i, match);
	}
}

bool
scroller_move(struct scroller *scroller, long count)
{
	size_t before = scroller->top;
	size_t limit = last_top(scroller);

	if (count < 0 && (size_t)-count > before)
		scroller->top = 0;
	else
		scroller->top = (size_t)((long)before + count);
	if (scroller->top > limit)
		scroller->top = limit;
	return scroller->top != before;
}

void
scroller_move_to_end(struct scroller *scroller)
{
	scroller->top = last_top(scroller);
}

/* Shows the hit, at the top if the text is long enough. */
static void
show_hit(struct scroller *scroller)
{
	size_t at = wrap_find(&scroller->wrapped, scroller->hit_line,
	    scroller->hit_offset);
	size_t height = (size_t)(scroller->height > 1 ? scroller->height : 1);

	if (at >= scroller->top && at < scroller->top + height)
		return;
	scroller->top = at;
	if (scroller->top > last_top(scroller))
		scroller->top = last_top(scroller);
}

/* Looks from OFFSET of line FROM to line END. */
static bool
find_between(struct scroller *scroller, const char *needle, size_t from,
    size_t offset, size_t end)
{
	for (size_t i = from; i < end && i < scroller->lines.count; i++) {
		const char *text = scroller->lines.items[i].text;
		const char *at = text_find(text + offset, needle, NULL);

		offset = 0;
		if (at == NULL)
			continue;
		scroller->has_hit = true;
		scroller->hit_line = i;
		scroller->hit_offset = (size_t)(at - text);
		show_hit(scroller);
		return true;
	}
	return false;
}

enum found
scroller_find(struct scroller *scroller, const char *needle, bool again)
{
	struct piece start = { 0 };
	size_t height = (size_t)(scroller->height > 1 ? scroller->height : 1);
	size_t hit = wrap_find(&scroller->wrapped, scroller->hit_line,
	    scroller->hit_offset);
	int columns;

	if (scroller->wrapped.count == 0)
		return FOUND_NOT;
	start = scroller->wrapped.pieces[scroller->top];
	if (again && scroller->has_hit && hit >= scroller->top &&
	    hit < scroller->top + height) {
		const char *text =
		    scroller->lines.items[scroller->hit_line].text;

		start.line = scroller->hit_line;
		start.start = scroller->hit_offset +
		    text_next(text + scroller->hit_offset, &columns);
	}
	if (find_between(scroller, needle, start.line, start.start,
		scroller->lines.count))
		return FOUND;
	if (find_between(scroller, needle, 0, 0, start.line + 1))
		return FOUND_FROM_TOP;
	return FOUND_NOT;
}

void
scroller_position(const struct scroller *scroller, struct buf *to)
{
	size_t count = scroller->wrapped.count;
	size_t below = scroller->top + (size_t)scroller->height;

	if (last_top(scroller) == 0)
		buf_addstr(to, "(all)");
	else if (below >= count)
		buf_addstr(to, "(end)");
	else
		buf_printf(to, "(%zu%%)", 100 * below / count);
}
