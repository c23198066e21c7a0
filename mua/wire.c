/*
 * wire.c - dialogues kept, and made into lines to read.
 */
#include "mua/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LINES_MAX = 3000, /* of one operation */
	LINES_CUT = 500,  /* dropped at once when there are more */
	TEXT_INDENT = 12, /* columns before the text: "  12.345 C: " */
};

static void
clear_lines(struct wire *wire, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(wire->items[i].text);
		free(wire->items[i].words);
	}
}

static void
free_wire(struct wire *wire)
{
	clear_lines(wire, wire->count);
	free(wire->items);
	free(wire->title);
	free(wire);
}

void
wire_log_clear(struct wire_log *log)
{
	for (size_t i = 0; i < log->count; i++)
		free_wire(log->items[i]);
	log->count = 0;
}

/* Makes room for one more: the oldest that is over goes. */
static void
drop_oldest(struct wire_log *log)
{
	size_t i = log->count - 1;

	while (i > 0 && !log->items[i]->over)
		i--;
	free_wire(log->items[i]);
	log->count--;
	memmove(&log->items[i], &log->items[i + 1],
	    (log->count - i) * sizeof(struct wire *));
}

struct wire *
wire_begin(struct wire_log *log, const char *title)
{
	struct wire *wire = xcalloc(1, sizeof(*wire));

	if (log->count == WIRES_MAX)
		drop_oldest(log);
	memmove(&log->items[1], &log->items[0],
	    log->count * sizeof(struct wire *));
	log->items[0] = wire;
	log->count++;
	log->changes++;
	wire->title = xstrdup(title);
	wire->began = time(NULL);
	return wire;
}

void
wire_add(struct wire_log *log, struct wire *wire, enum wire_direction direction,
    int64_t at, const char *text, const char *words)
{
	if (wire->count == LINES_MAX) {
		clear_lines(wire, LINES_CUT);
		wire->count -= LINES_CUT;
		wire->dropped += LINES_CUT;
		memmove(wire->items, wire->items + LINES_CUT,
		    wire->count * sizeof(*wire->items));
	}
	/* Grown by doubling: when the count is a power of two. */
	if ((wire->count & (wire->count - 1)) == 0)
		wire->items = xrealloc(wire->items,
		    (wire->count == 0 ? 2 : 2 * wire->count) *
			sizeof(*wire->items));
	wire->items[wire->count++] = (struct wire_line){
		.direction = direction,
		.at = at,
		.text = xstrdup(text),
		.words = xstrdup(words),
	};
	log->changes++;
}

static enum style
style_of(enum wire_direction direction)
{
	switch (direction) {
	case WIRE_SENT:
		return STYLE_HEADER;
	case WIRE_RECEIVED:
		return STYLE_QUOTE;
	case WIRE_NOTE:
		break;
	}
	return STYLE_PART;
}

void
wire_show(const struct wire_line *line, bool words, struct lines *lines)
{
	char prefix[TEXT_INDENT + 16];
	int size = snprintf(prefix, sizeof(prefix), "%4lld.%03lld %c%c ",
	    (long long)(line->at / 1000), (long long)(line->at % 1000),
	    line->direction == WIRE_NOTE ? '-' : (int)line->direction,
	    line->direction == WIRE_NOTE ? '-' : ':');

	lines_printf(lines, style_of(line->direction), "%s%s", prefix,
	    line->text);
	lines_label(lines, (size_t)size);
	lines_hang(lines, TEXT_INDENT);
	if (!words || *line->words == '\0')
		return;
	lines_printf(lines, STYLE_SIGNATURE, "%*s%s", TEXT_INDENT, "",
	    line->words);
	lines_hang(lines, TEXT_INDENT);
}

void
wire_show_all(const struct wire *wire, bool words, struct lines *lines)
{
	char began[32] = "";
	struct tm tm;

	if (localtime_r(&wire->began, &tm) != NULL)
		strftime(began, sizeof(began), "%H:%M:%S", &tm);
	lines_printf(lines, STYLE_LABEL, "%s, begun at %s%s", wire->title,
	    began, wire->over ? "" : ", under way");
	if (wire->dropped > 0)
		lines_printf(lines, STYLE_FAULT,
		    "(%zu lines before these are not kept)", wire->dropped);
	for (size_t i = 0; i < wire->count; i++)
		wire_show(&wire->items[i], words, lines);
}
