/*
 * render.c - the header of a message, the few fields that matter or all of
 * them exactly as stored; and the message as a whole.
 */
#include "mua/render.h"

#include "mua/journey.h"

#include <string.h>
#include <time.h>

/* What is shown unless all headers are asked for, in this order. */
static const char *const fields[] = { "From", "To", "Cc", "Date", "Subject" };

static void
render_weeded(struct message *message, struct lines *lines)
{
	for (size_t i = 0; i < COUNT(fields); i++) {
		const char *value = message_field(message, fields[i]);

		if (*value == '\0')
			continue;
		lines_printf(lines, STYLE_HEADER, "%s: %s", fields[i], value);
		lines_label(lines, strlen(fields[i]) + 1);
	}
}

/*
 * The line that begins a message in an mbox (RFC 4155): the envelope sender
 * and, in UTC, the time of delivery.  A Maildir has no such line; it is made
 * from Return-Path, where delivery has put the sender.
 */
static void
render_from_line(struct message *message, int64_t received, struct lines *lines)
{
	const char *path = message_field(message, "Return-Path");
	struct buf sender = BUF_INIT;
	time_t when = (time_t)received;
	char date[64] = "";
	struct tm tm;

	if (*path == '\0')
		buf_addstr(&sender, "unknown");
	while (*path == '<' || *path == ' ')
		path++;
	buf_add(&sender, path, strcspn(path, "> "));
	if (sender.size == 0)
		buf_addstr(&sender, "MAILER-DAEMON");
	if (received > 0 && gmtime_r(&when, &tm) != NULL)
		strftime(date, sizeof(date), " %a %b %e %H:%M:%S %Y", &tm);
	lines_printf(lines, STYLE_HEADER, "From %s%s", sender.data, date);
	lines_label(lines, strlen("From"));
	buf_clear(&sender);
}

/* The name of the field that LINE begins, with its colon; 0 in the middle. */
static size_t
field_name_size(const char *line)
{
	size_t size = strcspn(line, ": \t");

	return line[size] == ':' ? size + 1 : 0;
}

static void
render_full(struct message *message, int64_t received, struct lines *lines)
{
	const char *header = message_header(message);
	size_t first;

	render_from_line(message, received, lines);
	first = lines->count;
	if (*header != '\0')
		lines_add(lines, STYLE_HEADER, header, strlen(header));
	for (size_t i = first; i < lines->count; i++)
		lines->items[i].label = field_name_size(lines->items[i].text);
}

void
render_headers(struct message *message, const struct render_options *options,
    struct lines *lines)
{
	if (options->full_headers)
		render_full(message, options->received, lines);
	else
		render_weeded(message, lines);
}

/* What our own side has found out about the sender, before all he says. */
static void
render_warning(const struct message *message, struct lines *lines)
{
	struct buf warning = BUF_INIT;
	struct journey journey;

	journey_read(message, &journey);
	journey_warning(&journey, &warning);
	if (warning.size > 0)
		lines_printf(lines, STYLE_FAULT, "[-- %s --]", warning.data);
	journey_clear(&journey);
	buf_clear(&warning);
}

void
render_message(struct message *message, const struct render_options *options,
    struct lines *lines)
{
	if (!options->full_headers) /* these are as stored, and nothing else */
		render_warning(message, lines);
	render_headers(message, options, lines);
	lines_printf(lines, STYLE_NORMAL, "%s", "");
	render_body(message, 0, lines);
}
