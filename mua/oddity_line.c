/*
 * oddity_line.c - the bytes of lines: their ends, their length, and bytes that
 * should not be where they are.
 */
#include "mua/oddity.h"

#include "common/utf8.h"

#include <string.h>
#include <strings.h>

enum {
	LINE_MAX_OCTETS = 998, /* without CRLF: RFC 5322 2.1.1 */
};

/* A line without its end, and what it is part of. */
struct row {
	size_t offset;
	const char *text;
	size_t size;
	const char *charset; /* of the part, where it is text */
	bool header;
	bool ended;   /* by LF */
	bool returns; /* by CR LF */
};

static void
look_at_end(struct anatomy *anatomy, const struct row *row)
{
	size_t end = row->offset + row->size;

	if (row->ended && anatomy->crlf && !row->returns)
		anatomy_odd(anatomy, end,
		    "A bare LF: lines end in CR LF (RFC 5322 2.3)");
	else if (row->ended && !anatomy->crlf && row->returns)
		anatomy_odd(anatomy, end,
		    "A CR before the LF: this message is kept with LF alone, "
		    "so on the wire it was CR CR LF");
	for (const char *at = memchr(row->text, '\r', row->size); at != NULL;
	     at = memchr(at + 1, '\r',
		 row->size - (size_t)(at + 1 - row->text))) {
		anatomy_odd(anatomy, oddity_offset(anatomy, at),
		    "A bare CR: CR and LF only occur together (RFC 5322 2.3)");
		break;
	}
	if (row->size > LINE_MAX_OCTETS)
		anatomy_odd(anatomy, row->offset + LINE_MAX_OCTETS,
		    "A line of %zu octets; %d are allowed (RFC 5322 2.1.1)",
		    row->size, LINE_MAX_OCTETS);
}

/* The first byte in the row from FIRST to LAST but the tab; NULL without. */
static const char *
find_control(const struct row *row)
{
	for (size_t i = 0; i < row->size; i++) {
		unsigned char c = (unsigned char)row->text[i];

		if (c != 0 && c != '\t' && c != '\r' && (c < ' ' || c == 0x7f))
			return row->text + i;
	}
	return NULL;
}

static const char *
find_high(const struct row *row)
{
	for (size_t i = 0; i < row->size; i++)
		if ((unsigned char)row->text[i] >= 0x80)
			return row->text + i;
	return NULL;
}

/* Whether all of the row is UTF-8. */
static bool
is_utf8(const struct row *row)
{
	struct buf text = BUF_INIT;
	bool valid;

	buf_add(&text, row->text, row->size);
	valid = strlen(text.data) == row->size && utf8_is_valid(text.data);
	buf_clear(&text);
	return valid;
}

static void
look_at_header(struct anatomy *anatomy, const struct row *row)
{
	const char *high = find_high(row);

	if (high == NULL)
		return;
	if (is_utf8(row))
		anatomy_odd(anatomy, oddity_offset(anatomy, high),
		    "UTF-8 in a header as it is: allowed where every host on "
		    "the way has SMTPUTF8 (RFC 6532), else RFC 2047");
	else
		anatomy_odd(anatomy, oddity_offset(anatomy, high),
		    "Byte %02X in a header, of a character set nobody names "
		    "(RFC 5322 2.2: ASCII; RFC 2047 for others)",
		    (unsigned char)*high);
}

/* ISO-2022-JP and its kind change alphabets by an escape (RFC 1468). */
static bool
switches_by_escape(const struct row *row)
{
	return strncasecmp(row->charset, "iso-2022-", 9) == 0;
}

static void
look_at_bytes(struct anatomy *anatomy, const struct row *row)
{
	const char *zero = memchr(row->text, '\0', row->size);
	const char *control = find_control(row);

	if (zero != NULL)
		anatomy_odd(anatomy, oddity_offset(anatomy, zero),
		    "A NUL byte (RFC 5322 4: must not be generated)");
	if (control != NULL && *control == 0x1b && switches_by_escape(row))
		return;
	if (control != NULL && *control == 0x1b)
		anatomy_odd(anatomy, oddity_offset(anatomy, control),
		    "An escape character: it could write to a terminal");
	else if (control != NULL)
		anatomy_odd(anatomy, oddity_offset(anatomy, control),
		    "A control character, ^%c", *control ^ 0x40);
	if (row->header)
		look_at_header(anatomy, row);
}

void
oddity_lines(struct anatomy *anatomy)
{
	for (size_t i = 0; i < anatomy->line_count; i++) {
		struct row row = { .offset = anatomy->lines[i] };
		const struct node *node = anatomy_node(anatomy, row.offset);

		row.text = anatomy_bytes(anatomy, i, &row.size);
		row.header = node->kind == NODE_FIELD;
		row.charset = node->kind != NODE_TEXT
		    ? ""
		    : message_part(anatomy->message, node->part)->charset;
		row.ended = row.size > 0 && row.text[row.size - 1] == '\n';
		row.size -= row.ended;
		row.returns =
		    row.ended && row.size > 0 && row.text[row.size - 1] == '\r';
		row.size -= row.returns;
		look_at_end(anatomy, &row);
		look_at_bytes(anatomy, &row);
		if (anatomy->more_oddities)
			return;
	}
}
