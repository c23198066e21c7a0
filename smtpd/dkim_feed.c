/*
 * dkim_feed.c - LF to CRLF, field by field.
 *
 * What is a field is decided as headers.c does: what has no name and no colon
 * begins the body.
 */
#include "smtpd/dkim_feed.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>
#include <unistd.h>

#include <opendkim/dkim.h>

#include "common/buf.h"
#include "common/log.h"
#include "smtpd/headers.h"

struct state {
	const struct dkim_feed *feed;
	struct buf line;  /* the beginning of a line of the header */
	struct buf field; /* whole lines with CRLF, but for the last */
	size_t name_size;
	bool body;
	bool cr;    /* a CR is held back */
	bool ended; /* the body's last line has an end, so far */
	int status; /* of the first call that failed */
};

bool
dkim_field_is(const char *field, size_t name_size, const char *name)
{
	return strlen(name) == name_size &&
	    strncasecmp(field, name, name_size) == 0;
}

static unsigned char *
bytes(struct buf *text)
{
	return (unsigned char *)text->data;
}

static void
end_field(struct state *state)
{
	const struct dkim_feed *feed = state->feed;
	struct buf *field = &state->field;

	if (field->size == 0)
		return;
	/* A broken signature is remembered by the library itself. */
	if (feed->look == NULL ||
	    feed->look(feed->arg, field->data, state->name_size, field->size))
		(void)dkim_header(feed->dkim, bytes(field), field->size);
	buf_reset(field);
}

static void
end_header(struct state *state)
{
	end_field(state);
	state->body = true;
	state->status = dkim_eoh(state->feed->dkim);
}

/* TEXT becomes what is on the wire; a CR waits for what comes behind it. */
static void
add_wire(struct state *state, const char *text, size_t size, struct buf *to)
{
	for (size_t i = 0; i < size; i++) {
		if (state->cr && text[i] != '\n')
			buf_addchar(to, ' ');
		state->cr = text[i] == '\r';
		if (text[i] == '\n')
			buf_addstr(to, "\r\n");
		else if (!state->cr)
			buf_addchar(to, text[i]);
	}
}

static void
feed_body(struct state *state, const char *data, size_t size)
{
	struct buf wire = BUF_INIT;

	if (state->status != DKIM_STAT_OK)
		return;
	add_wire(state, data, size, &wire);
	state->ended = data[size - 1] == '\n';
	if (wire.size > 0)
		state->status =
		    dkim_body(state->feed->dkim, bytes(&wire), wire.size);
	buf_clear(&wire);
}

/* A line with its end, if it has one. */
static void
feed_line(struct state *state, const char *line, size_t size)
{
	bool blank = size == 1 || (size == 2 && line[0] == '\r');
	bool continued =
	    state->field.size > 0 && (line[0] == ' ' || line[0] == '\t');
	size_t name_size = headers_name_length(line, size);
	size_t text = line[size - 1] == '\n' ? size - 1 : size;

	if (line[size - 1] == '\n' && blank) {
		end_header(state);
		return;
	}
	if (!continued && name_size == 0) {
		end_header(state);
		feed_body(state, line, size);
		return;
	}
	if (continued) {
		buf_addstr(&state->field, "\r\n");
	} else {
		end_field(state);
		state->name_size = name_size;
	}
	if (text > 0 && line[text - 1] == '\r' && text < size)
		text--;
	add_wire(state, line, text, &state->field);
	state->cr = false;
}

static void
feed_data(struct state *state, const char *data, size_t size)
{
	while (size > 0 && !state->body) {
		const char *end = memchr(data, '\n', size);
		size_t part = end == NULL ? size : (size_t)(end - data) + 1;

		buf_add(&state->line, data, part);
		data += part;
		size -= part;
		if (end == NULL)
			return;
		feed_line(state, state->line.data, state->line.size);
		buf_reset(&state->line);
	}
	if (size > 0)
		feed_body(state, data, size);
}

static void
finish(struct state *state)
{
	if (!state->body && state->line.size > 0)
		feed_line(state, state->line.data, state->line.size);
	if (!state->body)
		end_header(state);
	/* On the wire the last line has an end in any case. */
	if (!state->ended)
		feed_body(state, "\n", 1);
	if (state->status == DKIM_STAT_OK)
		state->status = dkim_eom(state->feed->dkim, NULL);
}

int
dkim_feed(const struct dkim_feed *feed, int fd, int *status_out)
{
	struct state state = {
		.feed = feed,
		.line = BUF_INIT,
		.field = BUF_INIT,
		.ended = true, /* there is none yet */
	};
	char data[16384];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, data, sizeof(data), at)) > 0) {
		feed_data(&state, data, (size_t)n);
		at += n;
	}
	if (n == 0)
		finish(&state);
	else
		log_errno("read a message");
	buf_clear(&state.line);
	buf_clear(&state.field);
	*status_out = state.status;
	return n == 0 ? 0 : -1;
}
