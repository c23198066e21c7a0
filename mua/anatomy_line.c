/*
 * anatomy_line.c - a line of a message to look at: its bytes, what it is called
 * and what it means.
 */
#include "mua/anatomy_text.h"

#include <glib.h>
#include <string.h>

void
anatomy_label(const struct anatomy *anatomy, const struct node *node,
    struct buf *to)
{
	const char *start = anatomy->data + node->start;
	size_t name;

	switch (node->kind) {
	case NODE_FROM_LINE:
		buf_addstr(to, "mbox line");
		break;
	case NODE_FIELD:
		name = node->end - node->start;
		if (memchr(start, ':', name) != NULL)
			name = (size_t)((const char *)memchr(start, ':', name) -
			    start);
		text_safe(start, name, to);
		break;
	case NODE_BLANK:
		buf_addstr(to, "end of header");
		break;
	case NODE_TEXT:
		buf_printf(to, "text of %zu", node->part + 1);
		break;
	case NODE_BOUNDARY:
		buf_printf(to, "boundary of %zu", node->part + 1);
		break;
	case NODE_CLOSING:
		buf_printf(to, "end of %zu", node->part + 1);
		break;
	case NODE_PREAMBLE:
		buf_addstr(to, "preamble");
		break;
	case NODE_EPILOGUE:
		buf_addstr(to, "epilogue");
		break;
	}
}

/* Line ends that a line stands for, as in base64, are shown. */
static void
show_ends(const struct buf *meaning, struct buf *to)
{
	size_t size = meaning->size;

	while (size > 0 && strchr("\r\n", meaning->data[size - 1]) != NULL)
		size--;
	for (size_t i = 0; i < size; i++) {
		if (meaning->data[i] == '\n')
			buf_addstr(to, "^J");
		else
			buf_addchar(to, meaning->data[i]);
	}
}

static void
add_meaning(const struct anatomy *anatomy, size_t line, struct buf *to)
{
	size_t offset = anatomy->lines[line];
	const struct node *node = anatomy_node(anatomy, offset);
	bool first = offset == node->start;

	switch (node->kind) {
	case NODE_FROM_LINE:
		buf_addstr(to, "envelope sender and time, as an mbox has them");
		break;
	case NODE_FIELD:
		if (first)
			anatomy_field_meaning(anatomy, node, to);
		break;
	case NODE_BLANK:
		buf_addstr(to, "the header ends here");
		break;
	case NODE_TEXT:
		anatomy_text_meaning(anatomy, node, line, to);
		break;
	case NODE_BOUNDARY:
		buf_printf(to, "a part of %zu begins", node->part + 1);
		break;
	case NODE_CLOSING:
		buf_printf(to, "the last part of %zu has ended",
		    node->part + 1);
		break;
	case NODE_PREAMBLE:
		if (first)
			buf_addstr(to, "not shown: for readers without MIME");
		break;
	case NODE_EPILOGUE:
		if (first)
			buf_addstr(to, "not shown: behind the last part");
		break;
	}
}

void
anatomy_meaning(const struct anatomy *anatomy, size_t line, struct buf *to)
{
	struct buf meaning = BUF_INIT;

	add_meaning(anatomy, line, &meaning);
	show_ends(&meaning, to);
	buf_clear(&meaning);
}

/* The bytes that are characters, and <E9> for one that is none. */
static void
show_bytes(const char *text, size_t size, struct buf *to)
{
	while (size > 0) {
		const char *end;

		g_utf8_validate_len(text, size, &end);
		text_safe(text, (size_t)(end - text), to);
		size -= (size_t)(end - text);
		text = end;
		if (size > 0) {
			if (*text == '\0')
				buf_addstr(to, "^@");
			else
				buf_printf(to, "<%02X>", (unsigned char)*text);
			text++;
			size--;
		}
	}
}

void
anatomy_show(const struct anatomy *anatomy, size_t line, struct buf *to)
{
	size_t size;
	const char *text = anatomy_bytes(anatomy, line, &size);
	bool ended = size > 0 && text[size - 1] == '\n';
	bool returns;

	size -= ended;
	returns = ended && size > 0 && text[size - 1] == '\r';
	if (returns && anatomy->crlf)
		size--;
	show_bytes(text, size, to);
	if (ended && anatomy->crlf && !returns)
		buf_addstr(to, "<LF>");
	for (size_t i = 0; i < to->size; i++)
		if (to->data[i] == '\t')
			to->data[i] = ' ';
}
