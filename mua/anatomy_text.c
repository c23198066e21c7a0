/*
 * anatomy_text.c - a line of a body with its encodings undone.
 *
 * A line is decoded by itself.  Of base64, whose groups of four letters and
 * whose characters of several bytes may be divided by a line end, the line gets
 * what begins in it.
 */
#include "mua/anatomy_text.h"

#include "maildir/content.h"
#include "maildir/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	GROUP = 4,
	SHOWN_BYTES = 16, /* of what is no text */
	MORE_DIGITS = 8,  /* behind the line: the rest of a character */
};

static bool
is_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

static bool
is_base64(const struct anatomy *anatomy, const struct node *node)
{
	return node->kind == NODE_TEXT &&
	    strcmp(message_part(anatomy->message, node->part)->encoding,
		"base64") == 0;
}

void
anatomy_find_phases(struct anatomy *anatomy)
{
	size_t digits = 0;
	size_t part = 0;

	anatomy->phases = xcalloc(anatomy->line_count + 1, 1);
	for (size_t i = 0; i < anatomy->line_count; i++) {
		const struct node *node =
		    anatomy_node(anatomy, anatomy->lines[i]);
		bool damaged = false;
		size_t size;
		const char *line = anatomy_bytes(anatomy, i, &size);

		if (!is_base64(anatomy, node) || node->part != part)
			digits = 0;
		part = node->part;
		anatomy->phases[i] = (unsigned char)(digits % GROUP);
		for (size_t j = 0; j < size; j++) {
			digits += is_digit(line[j]);
			damaged = damaged ||
			    (!is_digit(line[j]) &&
				strchr(" \t\r\n", line[j]) == NULL);
		}
		if (damaged) /* as the decoder does: a group begins again */
			digits = 0;
	}
}

/* The digits of LINE from its first whole group on, and some behind it. */
static size_t
collect_digits(const struct anatomy *anatomy, const struct node *node,
    size_t line, struct buf *digits)
{
	size_t skip = (size_t)((GROUP - anatomy->phases[line]) % GROUP);
	size_t size;
	const char *text = anatomy_bytes(anatomy, line, &size);
	size_t offset = anatomy->lines[line];
	size_t own = 0;

	for (size_t i = 0; offset + i < node->end; i++) {
		bool within = i < size;

		if (!within && digits->size >= own + MORE_DIGITS)
			break;
		if (!is_digit(text[i]))
			continue;
		if (skip > 0)
			skip--;
		else
			buf_addchar(digits, text[i]);
		if (within)
			own = digits->size;
	}
	return own;
}

static bool
continues_character(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static bool
is_utf8(const struct part *part)
{
	return *part->charset == '\0' ||
	    strcasecmp(part->charset, "utf-8") == 0;
}

static void
decode_base64_line(const struct anatomy *anatomy, const struct node *node,
    size_t line, struct buf *to)
{
	const struct part *part = message_part(anatomy->message, node->part);
	struct buf digits = BUF_INIT;
	struct buf bytes = BUF_INIT;
	size_t own = collect_digits(anatomy, node, line, &digits);
	size_t end = (own + GROUP - 1) / GROUP * 3;
	size_t start = 0;

	free(transfer_decode("base64", digits.data, digits.size, &bytes));
	if (end > bytes.size)
		end = bytes.size;
	if (strncmp(part->type, "text/", 5) == 0 && is_utf8(part)) {
		while (start < end && line > 0 && start < 3 &&
		    anatomy->lines[line] > node->start &&
		    continues_character(bytes.data[start]))
			start++;
		while (end < bytes.size && end > start &&
		    continues_character(bytes.data[end]))
			end++;
	}
	buf_add(to, bytes.data + start, end - start);
	buf_clear(&digits);
	buf_clear(&bytes);
}

/* Bytes that are no text: some of them as numbers and as letters. */
static void
add_bytes(const struct buf *bytes, struct buf *to)
{
	size_t shown = bytes->size < SHOWN_BYTES ? bytes->size : SHOWN_BYTES;

	buf_printf(to, "%zu byte%s:", bytes->size, bytes->size == 1 ? "" : "s");
	for (size_t i = 0; i < shown; i++)
		buf_printf(to, " %02x", (unsigned char)bytes->data[i]);
	buf_addstr(to, shown < bytes->size ? " ... " : "  ");
	for (size_t i = 0; i < shown; i++)
		buf_addchar(to,
		    bytes->data[i] >= ' ' && bytes->data[i] < 0x7f
			? bytes->data[i]
			: '.');
}

/* Brings BYTES from the character set of PART to UTF-8. */
static void
add_text(const struct located_part *part, const struct buf *bytes,
    struct buf *to)
{
	static char identity[] = "8bit";
	struct located_part copy = *part;

	copy.part.encoding = identity;
	copy.examined = true; /* no further faults */
	content_decode(bytes->data, bytes->size, &copy, to);
}

void
anatomy_text_meaning(const struct anatomy *anatomy, const struct node *node,
    size_t line, struct buf *to)
{
	const struct located_part *part =
	    message_place(anatomy->message, node->part);
	bool text = strncmp(part->part.type, "text/", 5) == 0 ||
	    strncmp(part->part.type, "message/", 8) == 0;
	struct buf bytes = BUF_INIT;
	size_t size;
	const char *raw = anatomy_bytes(anatomy, line, &size);

	if (is_base64(anatomy, node))
		decode_base64_line(anatomy, node, line, &bytes);
	else
		free(transfer_decode(part->part.encoding, raw, size, &bytes));
	if (text && strncmp(part->part.type, "text/", 5) == 0)
		add_text(part, &bytes, to);
	else if (text)
		buf_add(to, bytes.data, bytes.size);
	else if (bytes.size > 0)
		add_bytes(&bytes, to);
	buf_clear(&bytes);
}
