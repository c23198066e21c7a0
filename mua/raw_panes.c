/*
 * raw_panes.c - a line of a message drawn in the panes of the raw window.
 */
#include "mua/raw_panes.h"

#include "mua/raw_text.h"
#include "mua/text.h"
#include "mua/wrap.h"

enum pane { PANE_PLACE, PANE_BYTES, PANE_MEANING, PANE_COUNT };

enum {
	THREE_PANES = 110,
	TWO_PANES = 60,
	PLACE_COLUMNS = 30, /* where there are others beside it */
	OFFSET_COLUMNS = 7,
};

/* Which panes a narrower screen shows, in the order of the turns. */
static const enum pane pairs[][2] = {
	{ PANE_BYTES, PANE_MEANING },
	{ PANE_PLACE, PANE_BYTES },
	{ PANE_PLACE, PANE_MEANING },
};
static const enum pane singles[] = { PANE_BYTES, PANE_MEANING, PANE_PLACE };

/* TEXT without the first SHIFT columns. */
static const char *
shifted(const char *text, int shift)
{
	while (shift > 0 && *text != '\0') {
		int columns;
		size_t size = text_next(text, &columns);

		shift -= columns < 0 ? 1 : columns;
		text += size;
	}
	return text;
}

/* What PANE has in LINE, harmless. */
static void
put_pane(const struct anatomy *anatomy, enum pane pane, size_t line,
    struct buf *to)
{
	size_t offset = anatomy->lines[line];
	const struct node *node = anatomy_node(anatomy, offset);
	struct buf meaning = BUF_INIT;

	switch (pane) {
	case PANE_PLACE:
		buf_printf(to, "%*zu ", OFFSET_COLUMNS, offset);
		if (offset == node->start)
			anatomy_label(anatomy, node, to);
		break;
	case PANE_BYTES:
		anatomy_show(anatomy, line, to);
		break;
	default:
		anatomy_meaning(anatomy, line, &meaning);
		text_safe(meaning.data, meaning.size, to);
		break;
	}
	buf_clear(&meaning);
}

static bool
is_odd(const struct anatomy *anatomy, size_t line)
{
	size_t i = anatomy_oddity(anatomy, anatomy->lines[line]);
	size_t end = line + 1 < anatomy->line_count ? anatomy->lines[line + 1]
						    : anatomy->size + 1;

	return i < anatomy->oddity_count && anatomy->oddities[i].offset < end;
}

/* The panes that are shown now, in their order; how many. */
static int
choose_panes(const struct raw_place *place, int columns,
    enum pane panes[PANE_COUNT])
{
	if (columns >= THREE_PANES) {
		for (int i = 0; i < PANE_COUNT; i++)
			panes[i] = (enum pane)i;
		return PANE_COUNT;
	}
	if (columns >= TWO_PANES) {
		const enum pane *pair = pairs[place->turn % (int)COUNT(pairs)];

		panes[0] = pair[0];
		panes[1] = pair[1];
		return 2;
	}
	panes[0] = singles[place->turn % (int)COUNT(singles)];
	return 1;
}

void
raw_panes_line(const struct anatomy *anatomy, const struct raw_place *place,
    size_t line, struct screen_text *screen, int row)
{
	enum pane panes[PANE_COUNT];
	int count = choose_panes(place, screen->columns, panes);
	bool odd = is_odd(anatomy, line);
	enum style style = line == place->cursor.current ? STYLE_SELECTED
	    : odd                                        ? STYLE_FAULT
							 : STYLE_NORMAL;
	bool placed = panes[0] == PANE_PLACE && count > 1;
	int left = screen->columns - 1;

	screen_add(screen, row, style, odd ? "!" : " ");
	for (int i = 0; i < count; i++) {
		struct buf text = BUF_INIT;
		int width = i == 0 && placed
		    ? PLACE_COLUMNS
		    : (left - (count - i - 1)) / (count - i);

		if (i > 0) {
			screen_add(screen, row, style, "│");
			left--;
			if (i == count - 1)
				width = left;
		}
		put_pane(anatomy, panes[i], line, &text);
		screen_field(screen, row, style,
		    panes[i] == PANE_PLACE ? text.data
					   : shifted(text.data, place->shift),
		    width);
		left -= width;
		buf_clear(&text);
	}
}

void
raw_panes_detail(const struct anatomy *anatomy, const struct raw_place *place,
    struct screen_text *screen, int row, int rows)
{
	size_t offset = anatomy->lines[place->cursor.current];
	struct buf text = BUF_INIT;
	struct wrapped wrapped = { 0 };
	struct lines lines = { 0 };

	raw_text_oddities(anatomy, place->cursor.current, &text);
	if (text.size > 0)
		lines_printf(&lines, STYLE_FAULT, "! %s", text.data);
	buf_reset(&text);
	buf_printf(&text, "line %zu, byte %zu, ", place->cursor.current + 1,
	    offset);
	anatomy_label(anatomy, anatomy_node(anatomy, offset), &text);
	buf_addstr(&text, ": ");
	anatomy_meaning(anatomy, place->cursor.current, &text);
	lines_add(&lines, STYLE_PART, text.data, text.size);
	wrap_lines(&lines, screen->columns, &wrapped);
	for (int i = 0; i < rows && (size_t)i < wrapped.count; i++) {
		const struct piece *piece = &wrapped.pieces[i];
		const struct line *line = &lines.items[piece->line];

		if (piece->start > 0)
			screen_add(screen, row + i, line->style,
			    wrap_mark(line->style));
		screen_add_bytes(screen, row + i, line->style,
		    line->text + piece->start, piece->end - piece->start);
	}
	wrapped_clear(&wrapped);
	lines_clear(&lines);
	buf_clear(&text);
}
