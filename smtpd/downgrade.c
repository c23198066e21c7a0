/*
 * downgrade.c - through a message line by line, twice.
 *
 * Entities (the message, its parts, messages within) have numbers in the order
 * in which their headers begin; both passes count them alike, so that the
 * second finds what the first has seen.
 */
#include "smtpd/downgrade.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/utf8.h"
#include "smtpd/downgrade_header.h"
#include "smtpd/downgrade_qp.h"
#include "smtpd/headers.h"

enum { DEPTH_MAX = 50, ENTITIES_MAX = 10000, LINE_SIZE_MAX = 1 << 20 };

/* What the first pass has seen of an entity. */
struct entity {
	bool eight_bit; /* in its own body */
	bool not_utf8;
};

enum place {
	IN_HEADER,
	IN_LEAF,
	IN_FIXED,
	IN_GAP, /* before the first part, behind the last */
};

struct level {
	char boundary[BOUNDARY_MAX + 1];
	bool is_digest;
};

struct walk {
	bool writing; /* the second pass */
	struct entity *entities;
	size_t count; /* of those whose header has begun in this pass */
	size_t room;

	enum place place;
	bool whole;     /* the entity is a message, not a part of one */
	bool in_digest; /* the entity whose header this is */
	bool encoded;   /* the leaf is quoted-printable already */
	struct buf header;
	struct level levels[DEPTH_MAX];
	size_t depth;
	int messages; /* within messages, without a multipart between */

	struct reply fault; /* code 0: none */
	int (*sink)(void *arg, const char *data, size_t size);
	void *arg;
};

static void
give_up(struct walk *walk, int code, const char *why)
{
	if (walk->fault.code == 0)
		walk->fault = reply(code, "%s", why);
}

static void
put(struct walk *walk, const char *data, size_t size)
{
	if (walk->writing && walk->fault.code == 0 && size > 0 &&
	    walk->sink(walk->arg, data, size) == -1)
		give_up(walk, 451, "4.3.1 no room for a copy in 7 bits");
}

static struct entity *
current(const struct walk *walk)
{
	return &walk->entities[walk->count - 1];
}

static void
begin_entity(struct walk *walk, bool whole, bool in_digest)
{
	walk->place = IN_HEADER;
	walk->whole = whole;
	walk->in_digest = in_digest;
	buf_reset(&walk->header);
	if (walk->count == ENTITIES_MAX) {
		give_up(walk, 554, "5.6.3 it has too many parts");
		return;
	}
	if (walk->count == walk->room) {
		walk->room = walk->room * 2 + 8;
		walk->entities = xrealloc(walk->entities,
		    walk->room * sizeof(*walk->entities));
	}
	if (!walk->writing)
		walk->entities[walk->count] = (struct entity){ 0 };
	walk->count++;
}

/* What its fields say of its encoding from now on; NULL: as before. */
static const char *
new_encoding(const struct walk *walk, const struct part_header *header)
{
	if (header->kind == PART_LEAF && current(walk)->eight_bit)
		return header->encoding == ENCODING_QP ? NULL
						       : "quoted-printable";
	return header->encoding == ENCODING_8BIT ? "7bit" : NULL;
}

static void
write_header(struct walk *walk, const struct part_header *header)
{
	const char *encoding = new_encoding(walk, header);
	struct buf extra = BUF_INIT;
	struct buf text = BUF_INIT;

	/* The parts of a MIME message are MIME themselves. */
	if (encoding != NULL && walk->whole && !header->has_version)
		buf_addstr(&extra, "MIME-Version: 1.0\n");
	if (encoding != NULL && walk->whole && !header->has_type)
		buf_printf(&extra, "Content-Type: text/plain; charset=%s\n",
		    current(walk)->not_utf8 ? "unknown-8bit" : "utf-8");
	part_header_write(walk->header.data, encoding, extra.data, &text);
	put(walk, text.data, text.size);
	buf_clear(&extra);
	buf_clear(&text);
}

static void
open_multipart(struct walk *walk, const struct part_header *header)
{
	struct level *level = &walk->levels[walk->depth];

	if (walk->depth == DEPTH_MAX) {
		give_up(walk, 554, "5.6.3 its parts are nested too deep");
		return;
	}
	walk->depth++;
	memcpy(level->boundary, header->boundary, sizeof(level->boundary));
	level->is_digest = header->is_digest;
	walk->place = IN_GAP;
}

/* The header is whole; with BLANK the empty line behind it has come. */
static void
end_header(struct walk *walk, bool blank)
{
	struct part_header header;

	part_header_parse(walk->header.data, walk->in_digest, &header);
	if (header.eight_bit)
		give_up(walk, 554, "5.6.7 its header has bytes above 127");
	write_header(walk, &header);
	if (blank)
		put(walk, "\n", 1);
	walk->encoded = header.encoding == ENCODING_QP;
	/* Of what is encoded as a whole the parts cannot be seen. */
	if (header.encoding == ENCODING_OTHER ||
	    (walk->encoded && header.kind != PART_LEAF))
		header.kind = PART_FIXED;
	switch (header.kind) {
	case PART_MULTIPART:
		open_multipart(walk, &header);
		break;
	case PART_MESSAGE:
		if (++walk->messages > DEPTH_MAX)
			give_up(walk, 554, "5.6.3 it is nested too deep");
		begin_entity(walk, true, false);
		break;
	case PART_LEAF:
		walk->place = IN_LEAF;
		break;
	case PART_FIXED:
		walk->place = IN_FIXED;
		break;
	}
}

/*
 * delimiter := "--" boundary; close-delimiter := delimiter "--"; then blanks
 * (RFC 2046 5.1.1).  Of the level at INDEX.
 */
static bool
is_delimiter(const struct walk *walk, size_t index, const char *line,
    bool *closes)
{
	const char *boundary = walk->levels[index].boundary;
	size_t length = strlen(boundary);

	if (strncmp(line, "--", 2) != 0 ||
	    strncmp(line + 2, boundary, length) != 0)
		return false;
	line += 2 + length;
	*closes = strncmp(line, "--", 2) == 0;
	if (*closes)
		line += 2;
	return line[strspn(line, " \t\r")] == '\0';
}

/* Whether LINE is a boundary of any multipart that is open; then it is done. */
static bool
take_delimiter(struct walk *walk, const char *line, size_t size)
{
	for (size_t i = strlen(line) == size ? walk->depth : 0; i-- > 0;) {
		bool closes = false;

		if (!is_delimiter(walk, i, line, &closes))
			continue;
		if (walk->place == IN_HEADER)
			end_header(walk, false);
		put(walk, line, size);
		put(walk, "\n", 1);
		walk->depth = closes ? i : i + 1;
		walk->messages = 0;
		walk->place = IN_GAP;
		if (!closes)
			begin_entity(walk, false, walk->levels[i].is_digest);
		return true;
	}
	return false;
}

static bool
has_high(const char *line, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((line[i] & 0x80) != 0)
			return true;
	return false;
}

static void
take_leaf_line(struct walk *walk, const char *line, size_t size)
{
	struct buf text = BUF_INIT;

	if (!walk->writing) {
		if (has_high(line, size)) {
			current(walk)->eight_bit = true;
			if (strlen(line) != size || !utf8_is_valid(line))
				current(walk)->not_utf8 = true;
		}
		return;
	}
	if (!current(walk)->eight_bit)
		put(walk, line, size);
	else if (walk->encoded)
		qp_mend_line(line, size, &text);
	else
		qp_encode_line(line, size, &text);
	put(walk, text.data, text.size);
	buf_clear(&text);
}

static void
take_gap_line(struct walk *walk, char *line, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((line[i] & 0x80) != 0)
			line[i] = '?';
	put(walk, line, size);
}

static void
take_header_line(struct walk *walk, const char *line, size_t size)
{
	if (size == 0) {
		end_header(walk, true);
		return;
	}
	if (walk->header.size + size > HEADERS_SIZE_MAX)
		give_up(walk, 554, "5.6.3 a header is too long");
	else if (strlen(line) != size)
		give_up(walk, 554, "5.6.3 a header has a NUL");
	buf_add(&walk->header, line, size);
	buf_addchar(&walk->header, '\n');
}

/* LINE has no line end; WHOLE is whether there was one. */
static void
take_line(struct walk *walk, char *line, size_t size, bool whole)
{
	if (take_delimiter(walk, line, size))
		return;
	if (walk->place == IN_HEADER) {
		take_header_line(walk, line, size);
		return;
	}
	if (walk->place == IN_LEAF)
		take_leaf_line(walk, line, size);
	else if (walk->place == IN_GAP)
		take_gap_line(walk, line, size);
	else if (has_high(line, size))
		give_up(walk, 554,
		    "5.6.3 it has bytes above 127 where none can be changed");
	else
		put(walk, line, size);
	if (whole)
		put(walk, "\n", 1);
}

/* Takes the lines that are whole out of TEXT. */
static void
take_lines(struct walk *walk, struct buf *text)
{
	char *line = text->data;
	char *const stop = text->data + text->size;
	char *end;

	while (walk->fault.code == 0 &&
	    (end = memchr(line, '\n', (size_t)(stop - line))) != NULL) {
		*end = '\0';
		take_line(walk, line, (size_t)(end - line), true);
		line = end + 1;
	}
	buf_drop(text, (size_t)(line - text->data));
	if (text->size > LINE_SIZE_MAX)
		give_up(walk, 554, "5.6.3 a line is too long");
}

static void
run(struct walk *walk, int fd, bool writing)
{
	struct buf text = BUF_INIT;
	char data[16384];
	off_t at = 0;
	ssize_t n = 0;

	walk->writing = writing;
	walk->count = 0;
	walk->depth = 0;
	walk->messages = 0;
	begin_entity(walk, true, false);
	while (walk->fault.code == 0 &&
	    (n = pread(fd, data, sizeof(data), at)) > 0) {
		at += n;
		buf_add(&text, data, (size_t)n);
		take_lines(walk, &text);
	}
	if (n == -1) {
		log_errno("read a message in queue/");
		give_up(walk, 451, "4.3.0 the message cannot be read");
	}
	if (walk->fault.code == 0 && text.size > 0)
		take_line(walk, text.data, text.size, false);
	if (walk->fault.code == 0 && walk->place == IN_HEADER)
		end_header(walk, false);
	buf_clear(&text);
}

struct reply
downgrade(int fd, int (*sink)(void *arg, const char *data, size_t size),
    void *arg)
{
	struct walk walk = { .header = BUF_INIT, .sink = sink, .arg = arg };

	run(&walk, fd, false);
	if (walk.fault.code == 0)
		run(&walk, fd, true);
	buf_clear(&walk.header);
	free(walk.entities);
	return walk.fault.code == 0 ? reply(250, "2.6.0 converted")
				    : walk.fault;
}
