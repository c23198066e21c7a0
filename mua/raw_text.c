/*
 * raw_text.c - a message line by line: bytes, place and meaning, as text.
 */
#include "mua/raw_text.h"

#include <string.h>

enum { LABEL_COLUMNS = 26 };

/* The oddities of LINE are those up to here. */
static size_t
line_end(const struct anatomy *anatomy, size_t line)
{
	return line + 1 < anatomy->line_count ? anatomy->lines[line + 1]
					      : anatomy->size + 1;
}

void
raw_text_oddities(const struct anatomy *anatomy, size_t line, struct buf *to)
{
	size_t i = anatomy_oddity(anatomy, anatomy->lines[line]);

	for (; i < anatomy->oddity_count &&
	     anatomy->oddities[i].offset < line_end(anatomy, line);
	     i++) {
		const char *what = anatomy->oddities[i].what;
		size_t size = strlen(what);

		buf_printf(to, "%s%s%s", to->size > 0 ? " " : "", what,
		    size > 0 && strchr(".?!", what[size - 1]) == NULL ? "."
								      : "");
	}
}

static void
add_line(const struct anatomy *anatomy, size_t line, struct lines *lines)
{
	size_t offset = anatomy->lines[line];
	const struct node *node = anatomy_node(anatomy, offset);
	struct buf label = BUF_INIT;
	struct buf bytes = BUF_INIT;
	struct buf note = BUF_INIT;

	if (offset == node->start)
		anatomy_label(anatomy, node, &label);
	anatomy_show(anatomy, line, &bytes);
	lines_printf(lines, STYLE_NORMAL, "%8zu  %-*s  %s", offset,
	    LABEL_COLUMNS, label.data, bytes.data);
	anatomy_meaning(anatomy, line, &note);
	if (note.size > 0 && strcmp(note.data, bytes.data) != 0)
		lines_printf(lines, STYLE_PART, "%*s= %s", LABEL_COLUMNS + 10,
		    "", note.data);
	buf_reset(&note);
	raw_text_oddities(anatomy, line, &note);
	if (note.size > 0)
		lines_printf(lines, STYLE_FAULT, "%*s! %s", LABEL_COLUMNS + 10,
		    "", note.data);
	buf_clear(&label);
	buf_clear(&bytes);
	buf_clear(&note);
}

void
raw_text_lines(const struct subject *subject, struct lines *lines)
{
	struct anatomy anatomy;

	anatomy_read(subject->message, &anatomy);
	for (size_t i = 0; i < anatomy.line_count; i++)
		add_line(&anatomy, i, lines);
	if (anatomy.cut)
		lines_printf(lines, STYLE_FAULT,
		    "The message is longer; only %d bytes are looked at.",
		    ANATOMY_MAX);
	anatomy_clear(&anatomy);
}
