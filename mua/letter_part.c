/*
 * letter_part.c - each part in the encoding that its bytes need.
 *
 * Everything becomes 7 bit, so that it passes every server and no signature is
 * broken on the way; quoted-printable where it stays readable.  A message that
 * is attached may have no encoding (RFC 2046 5.2.1), so it goes as it is, or as
 * a plain file where its lines are more than mail allows.
 */
#include "mua/letter_part.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "maildir/message.h"
#include "mua/file_type.h"
#include "mua/flow.h"

/* The text with LF alone and valid UTF-8. */
static void
clean_text(const struct buf *text, struct buf *to)
{
	struct buf good = BUF_INIT;

	text_repair(text->data, text->size, &good);
	for (size_t i = 0; i < good.size; i++)
		if (good.data[i] != '\r' || good.data[i + 1] != '\n')
			buf_addchar(to, good.data[i]);
	buf_clear(&good);
}

static bool
is_ascii(const struct buf *text)
{
	for (size_t i = 0; i < text->size; i++)
		if ((unsigned char)text->data[i] >= 0x80)
			return false;
	return true;
}

/* Whether it passes as it is: no line too long, no bare CR. */
static bool
is_plain(const struct buf *text)
{
	size_t column = 0;

	if (strchr(text->data, '\r') != NULL)
		return false;
	for (size_t i = 0; i < text->size; i++) {
		column = text->data[i] == '\n' ? 0 : column + 1;
		if (column > 998)
			return false;
	}
	return true;
}

static GMimePart *
part_of_stream(const char *type, GMimeStream *stream,
    GMimeContentEncoding encoding)
{
	GMimeContentType *parsed = g_mime_content_type_parse(NULL, type);
	GMimePart *part = g_mime_part_new();
	GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream,
	    GMIME_CONTENT_ENCODING_DEFAULT);

	if (parsed != NULL) {
		g_mime_object_set_content_type(GMIME_OBJECT(part), parsed);
		g_object_unref(parsed);
	}
	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, encoding);
	g_object_unref(content);
	g_object_unref(stream);
	return part;
}

GMimeObject *
letter_text_part(const struct buf *text, bool flow)
{
	struct buf clean = BUF_INIT;
	struct buf sent = BUF_INIT;
	GMimeContentEncoding encoding = GMIME_CONTENT_ENCODING_7BIT;
	GMimeStream *stream;
	GMimePart *part;
	bool flowed;
	bool ascii;

	clean_text(text, &clean);
	flowed = flow && flow_encode(&clean, &sent);
	if (!flow)
		buf_add(&sent, clean.data, clean.size);
	ascii = is_ascii(&sent);
	if (!ascii || !is_plain(&sent))
		encoding = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	stream = g_mime_stream_mem_new_with_buffer(sent.data, sent.size);
	part = part_of_stream("text/plain", stream, encoding);
	g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset",
	    ascii ? "us-ascii" : "utf-8");
	if (flowed)
		g_mime_object_set_content_type_parameter(GMIME_OBJECT(part),
		    "format", "flowed");
	buf_clear(&clean);
	buf_clear(&sent);
	return GMIME_OBJECT(part);
}

static bool
is_message(const struct attachment *attachment)
{
	return strcasecmp(attachment->type, "message/rfc822") == 0;
}

/* Whether a message can be attached as one. */
static bool
is_sendable(const struct file_survey *survey)
{
	return !survey->nul && !survey->long_line && !survey->cr;
}

static GMimeContentEncoding
encoding_of(const struct attachment *attachment,
    const struct file_survey *survey)
{
	bool text = strncasecmp(attachment->type, "text/", 5) == 0;

	if (is_message(attachment) && is_sendable(survey))
		return survey->eight_bit ? GMIME_CONTENT_ENCODING_8BIT
					 : GMIME_CONTENT_ENCODING_7BIT;
	if (!text || survey->nul || survey->cr ||
	    survey->high > survey->size / 4)
		return GMIME_CONTENT_ENCODING_BASE64;
	if (survey->eight_bit || survey->long_line || survey->fragile)
		return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	return GMIME_CONTENT_ENCODING_7BIT;
}

static void
name_charset(GMimePart *part, const struct file_survey *survey)
{
	const char *charset = "us-ascii";

	if (survey->eight_bit)
		charset =
		    survey->utf8 ? "utf-8" : "unknown-8bit"; /* RFC 1428 */
	g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset",
	    charset);
}

GMimeObject *
letter_attached_part(const struct attachment *attachment, char *why,
    size_t size)
{
	const char *type = attachment->type;
	int fd = attachment_open(attachment);
	struct file_survey survey;
	GMimePart *part;

	if (fd == -1 || file_survey(fd, &survey) == -1) {
		(void)snprintf(why, size, "%s cannot be read: %s",
		    attachment->name, strerror(errno));
		if (fd != -1)
			close(fd);
		return NULL;
	}
	if (is_message(attachment) && !is_sendable(&survey))
		type = "application/octet-stream";
	part = part_of_stream(type, g_mime_stream_fs_new(fd),
	    encoding_of(attachment, &survey));
	if (strncasecmp(type, "text/", 5) == 0)
		name_charset(part, &survey);
	if (*attachment->name == '\0')
		g_mime_object_set_disposition(GMIME_OBJECT(part), "attachment");
	else
		g_mime_part_set_filename(part, attachment->name);
	return GMIME_OBJECT(part);
}
