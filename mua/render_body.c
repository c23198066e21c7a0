/*
 * render_body.c - the parts of a message as lines.
 *
 * The walk shows what a person wants to read and names the rest: texts in
 * order, one of several alternatives, a message within the message as a
 * message; an attachment is one line.  Whatever is wrong with a part is said
 * in a line of its own before what could be read of it.
 */
#include "mua/render.h"

#include "mua/render_crypto.h"

#include "mua/text.h"

#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

/* Messages within messages beyond that are only named. */
enum { NESTING_MAX = 8 };

/* A dump of more than that is nothing to read. */
enum { DUMP_MAX = 64 * 1024, DUMP_WIDTH = 16 };

struct body {
	struct message *message;
	struct lines *lines;
	int nesting;
	bool begun; /* something has been shown */
};

bool
render_is_text(const struct part *part)
{
	static const char *const texts[] = {
		"message/delivery-status",
		"message/global-delivery-status",
		"message/disposition-notification",
		"message/feedback-report",
		"message/global-headers",
	};

	if (part->multipart)
		return false;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (strcasecmp(part->type, texts[i]) == 0)
			return true;
	return strncasecmp(part->type, "text/", 5) == 0;
}

bool
render_is_message(const struct part *part)
{
	return strcasecmp(part->type, "message/rfc822") == 0 ||
	    strcasecmp(part->type, "message/global") == 0;
}

size_t
render_part_end(const struct message *message, size_t i)
{
	int depth = message_part(message, i)->depth;
	size_t end = i + 1;

	while (end < message_part_count(message) &&
	    message_part(message, end)->depth > depth)
		end++;
	return end;
}

void
render_part_title(const struct part *part, int64_t octets, struct buf *to)
{
	char size[8];

	if (*part->filename != '\0')
		buf_printf(to, "%s, ", part->filename);
	buf_addstr(to, part->type);
	if (octets >= 1000)
		buf_printf(to, ", %s", text_size(octets, size));
	else if (!part->multipart)
		buf_printf(to, ", %d bytes", (int)octets);
}

static void
add_fault(struct lines *lines, const struct part *part)
{
	if (part->fault != NULL)
		lines_printf(lines, STYLE_FAULT, "[-- Fault: %s --]",
		    part->fault);
}

/* The line that names part I. */
static void
add_title(struct body *body, size_t i, const char *what, int64_t octets)
{
	struct buf title = BUF_INIT;

	render_part_title(message_part(body->message, i), octets, &title);
	if (body->begun)
		lines_printf(body->lines, STYLE_NORMAL, "%s", "");
	lines_printf(body->lines, STYLE_PART, "[-- %s %zu: %s --]", what, i + 1,
	    title.data);
	body->begun = true;
	buf_clear(&title);
}

static void
add_dump(struct lines *lines, const struct buf *content)
{
	const unsigned char *bytes = (const unsigned char *)content->data;
	size_t size = content->size < DUMP_MAX ? content->size : DUMP_MAX;

	for (size_t at = 0; at < size; at += DUMP_WIDTH) {
		struct buf line = BUF_INIT;

		buf_printf(&line, "%06zx ", at);
		for (size_t i = at; i < at + DUMP_WIDTH; i++) {
			if (i < size)
				buf_printf(&line, " %02x", bytes[i]);
			else
				buf_addstr(&line, "   ");
		}
		buf_addstr(&line, "  ");
		for (size_t i = at; i < at + DUMP_WIDTH && i < size; i++)
			buf_addchar(&line,
			    bytes[i] >= ' ' && bytes[i] < 0x7f ? (char)bytes[i]
							       : '.');
		lines_add(lines, STYLE_NORMAL, line.data, line.size);
		lines_label(lines, 6);
		buf_clear(&line);
	}
	if (size < content->size)
		lines_printf(lines, STYLE_PART,
		    "[-- %zu more octets are not shown: s saves them all --]",
		    content->size - size);
}

/* A message within this one, opened by itself; NULL when it cannot be. */
static struct message *
open_embedded(const struct buf *content)
{
	int fd = memfd_create("message", MFD_CLOEXEC);

	if (fd == -1)
		return NULL;
	if (write_all(fd, content->data, content->size) == -1 ||
	    lseek(fd, 0, SEEK_SET) == -1) {
		close(fd);
		return NULL;
	}
	return message_open(fd);
}

static void
add_embedded(struct lines *lines, const struct buf *content, int nesting)
{
	struct render_options options = { 0 };
	struct message *inner =
	    nesting < NESTING_MAX ? open_embedded(content) : NULL;

	if (inner == NULL) {
		lines_printf(lines, STYLE_FAULT, "[-- Fault: %s --]",
		    nesting < NESTING_MAX
			? "The message in it cannot be opened."
			: "Nested too deep; what is in it is not shown here.");
		return;
	}
	render_headers(inner, &options, lines);
	lines_printf(lines, STYLE_NORMAL, "%s", "");
	render_body(inner, nesting + 1, lines);
	message_close(inner);
}

static void
walk_leaf(struct body *body, size_t i)
{
	const struct part *part = message_part(body->message, i);
	bool text = render_is_text(part) && (i == 0 || !part->attachment);
	struct buf content = BUF_INIT;

	message_content(body->message, i, &content);
	if (render_is_message(part))
		add_title(body, i, "Message", (int64_t)content.size);
	else if (!text)
		add_title(body, i, "Attachment", (int64_t)content.size);
	else if (body->begun)
		add_title(body, i, "Part", (int64_t)content.size);
	add_fault(body->lines, part);
	if (text)
		render_text(body->message, i, &content, body->lines);
	else if (render_is_message(part))
		add_embedded(body->lines, &content, body->nesting);
	body->begun = true;
	buf_clear(&content);
}

/* Some programs send a plain text with nothing in it beside their HTML. */
static bool
is_blank(struct message *message, size_t i)
{
	struct buf content = BUF_INIT;
	bool blank;

	message_content(message, i, &content);
	blank = content.data[strspn(content.data, " \t\r\n")] == '\0';
	buf_clear(&content);
	return blank;
}

/*
 * Of several forms of the same (RFC 2046 5.1.4) the plain text, else a text,
 * else the last, which is the sender's best.
 */
static size_t
choose(struct message *message, size_t i)
{
	size_t end = render_part_end(message, i);
	size_t text = 0;
	size_t last = i;

	for (size_t j = i + 1; j < end; j = render_part_end(message, j)) {
		const struct part *part = message_part(message, j);

		if (strcasecmp(part->type, "text/plain") == 0 &&
		    !is_blank(message, j))
			return j;
		if (render_is_text(part))
			text = j;
		last = j;
	}
	return text != 0 ? text : last;
}

/*
 * Names part I if it is signed or encrypted.  *INNER_OUT is what to show of it:
 * the part that is signed, or I itself; 0 when nothing can be read.
 */
static bool
walk_crypto(struct body *body, size_t i, size_t *inner_out)
{
	const struct part *part = message_part(body->message, i);
	struct buf name = BUF_INIT;
	struct buf content = BUF_INIT;
	struct buf inner = BUF_INIT;
	enum crypto crypto = crypto_name(body->message, i, &name);

	if (crypto == CRYPTO_NONE)
		return false;
	if (body->begun)
		lines_printf(body->lines, STYLE_NORMAL, "%s", "");
	add_fault(body->lines, part);
	lines_printf(body->lines, STYLE_PART, "[-- %s --]", name.data);
	body->begun = false; /* what is signed needs no title of its own */
	*inner_out = crypto == CRYPTO_SIGNED ? i + 1 : 0;
	if (crypto == CRYPTO_WRAPPED) {
		message_content(body->message, i, &content);
		if (crypto_unwrap(&content, &inner))
			add_embedded(body->lines, &inner, body->nesting);
	}
	buf_clear(&name);
	buf_clear(&content);
	buf_clear(&inner);
	return true;
}

static void
walk(struct body *body, size_t i)
{
	const struct part *part = message_part(body->message, i);
	size_t end = render_part_end(body->message, i);
	size_t inner = 0;

	if (walk_crypto(body, i, &inner)) {
		if (inner > i && inner < end)
			walk(body, inner);
		body->begun = true;
		return;
	}
	/* A message within is opened by itself, for its header. */
	if (!part->multipart || render_is_message(part)) {
		walk_leaf(body, i);
		return;
	}
	add_fault(body->lines, part);
	if (strcasecmp(part->type, "multipart/alternative") == 0) {
		size_t chosen = choose(body->message, i);

		if (chosen != i)
			walk(body, chosen);
		return;
	}
	for (size_t j = i + 1; j < end; j = render_part_end(body->message, j))
		walk(body, j);
}

void
render_body(struct message *message, int nesting, struct lines *lines)
{
	struct body body = {
		.message = message,
		.lines = lines,
		.nesting = nesting,
	};

	if (message_part_count(message) > 0)
		walk(&body, 0);
}

void
render_part(struct message *message, size_t i, struct lines *lines)
{
	const struct part *part = message_part(message, i);
	struct buf content = BUF_INIT;

	message_content(message, i, &content);
	add_fault(lines, part); /* decoding may have found one */
	if (render_is_text(part))
		render_text(message, i, &content, lines);
	else if (render_is_message(part))
		add_embedded(lines, &content, 0);
	else
		add_dump(lines, &content);
	buf_clear(&content);
}
