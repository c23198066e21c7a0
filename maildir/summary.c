/*
 * summary.c - what a list shows of a message.
 *
 * Runs at every delivery, so it reads as little as it can: the header, and the
 * body only of a multipart, to count attachments.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/log.h"
#include "maildir/decode.h"
#include "maildir/header.h"
#include "maildir/message.h"
#include "maildir/parts.h"

enum {
	FIRST_READ = 8192,       /* holds most headers */
	HEADER_MAX = 256 * 1024, /* of a header we look at */
	BODY_MAX = 1024 * 1024,  /* of a multipart we look at */
	TEXT_LIMIT = 1000,       /* octets of one decoded field */
	REFERENCES_LIMIT = 4000,
	REFERENCES_MAX = 100,
};

/*
 * Appends to DATA what is at its end in FD, up to LIMIT bytes in all.  1 when
 * there was more, 0, or -1.
 */
static int
read_more(int fd, size_t limit, struct buf *data)
{
	char chunk[FIRST_READ];
	int more = 0;

	while (data->size < limit) {
		ssize_t n = pread(fd, chunk, sizeof(chunk), (off_t)data->size);

		if (n == -1)
			return -1;
		if (n == 0)
			break;
		buf_add(data, chunk, (size_t)n);
		more = 1;
		if (n < (ssize_t)sizeof(chunk))
			break; /* the end of the file */
	}
	return more;
}

static int
read_header(int fd, struct buf *data, struct header_end *end_out)
{
	for (size_t limit = FIRST_READ; limit <= HEADER_MAX; limit *= 2) {
		int more = read_more(fd, limit, data);

		*end_out = header_find_end(data->data, data->size);
		if (more == -1)
			return -1;
		if (end_out->complete || more == 0)
			break;
	}
	return 0;
}

/* Puts VALUE into *FIELD; of fields that occur twice the first one counts. */
static void
set(char **field, char *value)
{
	if (*field == NULL)
		*field = value;
	else
		free(value);
}

static void
read_field(const struct header_field *field, struct summary *summary)
{
	const char *value = field->value;
	size_t size = field->value_size;

	if (header_is(field, "From"))
		set(&summary->from, decode_addresses(value, size, TEXT_LIMIT));
	else if (header_is(field, "To"))
		set(&summary->to, decode_addresses(value, size, TEXT_LIMIT));
	else if (header_is(field, "Subject"))
		set(&summary->subject, decode_text(value, size, TEXT_LIMIT));
	else if (header_is(field, "Message-ID"))
		set(&summary->message_id,
		    decode_ids(value, size, TEXT_LIMIT, 1));
	else if (header_is(field, "In-Reply-To"))
		set(&summary->in_reply_to,
		    decode_ids(value, size, TEXT_LIMIT, 1));
	else if (header_is(field, "References"))
		set(&summary->references,
		    decode_ids(value, size, REFERENCES_LIMIT, REFERENCES_MAX));
	else if (header_is(field, "Date") && summary->date == 0)
		summary->date = decode_date(value, size);
}

/* Whether there may be parts, or a file name for the whole. */
static bool
may_hold_files(const char *header, size_t size)
{
	struct header_field field;

	if (header_find(header, size, "Content-Disposition", &field))
		return true;
	if (!header_find(header, size, "Content-Type", &field))
		return false;

	const char *type = field.value;
	size_t blanks = 0;

	while (blanks < field.value_size && strchr(" \t\r\n", type[blanks]))
		blanks++;
	return field.value_size - blanks < 5 ||
	    strncasecmp(type + blanks, "text/", 5) != 0;
}

static int
count_attachments(const struct buf *data)
{
	struct part_list list;
	int attachments = 0;

	parts_split(data->data, data->size, &list);
	for (size_t i = 0; i < list.count; i++)
		attachments += *list.parts[i].part.filename != '\0';
	parts_clear(&list);
	return attachments;
}

static void
fill_gaps(struct summary *summary)
{
	char **const fields[] = { &summary->from, &summary->to,
		&summary->subject, &summary->message_id, &summary->in_reply_to,
		&summary->references };

	for (size_t i = 0; i < COUNT(fields); i++)
		if (*fields[i] == NULL)
			*fields[i] = xstrdup("");
}

int
summary_read(int fd, struct summary *summary_out)
{
	struct buf data = BUF_INIT;
	struct header_end end = { 0 };
	struct header_field field;

	memset(summary_out, 0, sizeof(*summary_out));
	if (read_header(fd, &data, &end) == -1) {
		int why = errno;

		fill_gaps(summary_out);
		buf_clear(&data);
		errno = why;
		return -1;
	}

	const char *cursor = data.data;

	message_library_init();
	while (header_next(&cursor, data.data + end.size, &field))
		read_field(&field, summary_out);
	fill_gaps(summary_out);
	if (may_hold_files(data.data, end.size)) {
		/* What cannot be read has no attachments. */
		(void)read_more(fd, BODY_MAX, &data);
		summary_out->attachments = count_attachments(&data);
	}
	buf_clear(&data);
	return 0;
}

void
summary_clear(struct summary *summary)
{
	free(summary->from);
	free(summary->to);
	free(summary->subject);
	free(summary->message_id);
	free(summary->in_reply_to);
	free(summary->references);
	memset(summary, 0, sizeof(*summary));
}
