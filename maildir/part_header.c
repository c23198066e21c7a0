/*
 * part_header.c - what the MIME fields of one part say.
 *
 * Parameters, with RFC 2231 and RFC 2047 in them, are GMime's work.  It takes
 * "text/plain: charset=us-ascii" without a word, so whether the type has the
 * right form is looked at here.
 */
#include "maildir/part_header.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "maildir/decode.h"
#include "maildir/header.h"

enum { TOKEN_MAX = 127, FILENAME_MAX_BYTES = 255, SHOWN_MAX = 80 };

/* tspecials of RFC 2045 5.1, and what is no token either. */
static size_t
token_length(const char *text)
{
	size_t n = 0;

	while (text[n] > ' ' && text[n] < 127 &&
	    strchr("()<>@,;:\\\"/[]?=", text[n]) == NULL)
		n++;
	return n;
}

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/*
 * content := "Content-Type" ":" type "/" subtype *(";" parameter)
 * (RFC 2045 5.1); a comment may follow.
 */
static bool
type_is_well_formed(const char *value)
{
	const char *at = skip_blanks(value);
	size_t type = token_length(at);

	if (type == 0 || at[type] != '/')
		return false;
	at += type + 1;

	size_t subtype = token_length(at);

	at = skip_blanks(at + subtype);
	return subtype > 0 && type + subtype < TOKEN_MAX &&
	    strchr(";(", *at) != NULL;
}

static char *
field_value(const char *header, size_t size, const char *name)
{
	struct header_field field;

	if (!header_find(header, size, name, &field))
		return NULL;
	return decode_unfold(field.value, field.value_size);
}

static char *
lower_copy(const char *text)
{
	char *copy = xstrdup(text);

	for (char *c = copy; *c != '\0'; c++)
		*c = g_ascii_tolower(*c);
	return copy;
}

/* The first token in lower case. */
static char *
lower_token(const char *value)
{
	char *token = lower_copy(skip_blanks(value));

	token[token_length(token)] = '\0';
	return token;
}

static void
replace(char **text, char *with)
{
	free(*text);
	*text = with;
}

static void
use_filename(struct part *part, const char *name)
{
	if (name == NULL || *name == '\0' || *part->filename != '\0')
		return;
	replace(&part->filename, decode_clean(name, FILENAME_MAX_BYTES));
}

/* A boundary as it may be compared: RFC 2046 5.1.1, no blanks at its end. */
static char *
usable_boundary(GMimeContentType *type, struct part *part)
{
	const char *value = g_mime_content_type_get_parameter(type, "boundary");
	char *boundary = xstrdup(value == NULL ? "" : value);
	size_t length = strlen(boundary);

	while (length > 0 && strchr(" \t", boundary[length - 1]) != NULL)
		boundary[--length] = '\0';
	if (length > 0)
		return boundary;
	part_add_fault(part,
	    "A multipart without a boundary; it is shown as text.");
	free(boundary);
	return NULL;
}

static void
refuse_type(const char *value, struct located_part *part)
{
	char *shown = decode_clean(value, SHOWN_MAX);

	part_add_fault(&part->part,
	    "Content-Type cannot be read (%s); it is taken as text/plain.",
	    shown);
	part->malformed_type = true;
	replace(&part->part.type, xstrdup("text/plain"));
	free(shown);
}

/* Reads Content-Type; returns the boundary if it is a multipart. */
static char *
read_type(const char *value, struct located_part *part)
{
	GMimeContentType *type = g_mime_content_type_parse(NULL, value);
	char *boundary = NULL;

	if (type == NULL || !type_is_well_formed(value)) {
		refuse_type(value, part);
	} else {
		char *name = g_mime_content_type_get_mime_type(type);
		const char *charset =
		    g_mime_content_type_get_parameter(type, "charset");

		replace(&part->part.type, lower_copy(name));
		g_free(name);
		if (charset != NULL)
			replace(&part->part.charset,
			    decode_clean(charset, TOKEN_MAX));
		if (strncmp(part->part.type, "multipart/", 10) == 0)
			boundary = usable_boundary(type, &part->part);
	}
	if (type != NULL) {
		use_filename(&part->part,
		    g_mime_content_type_get_parameter(type, "name"));
		/* Not in any RFC, and common (worksheet 10). */
		use_filename(&part->part,
		    g_mime_content_type_get_parameter(type, "filename"));
		g_object_unref(type);
	}
	return boundary;
}

static void
read_disposition(const char *value, struct part *part)
{
	GMimeContentDisposition *disposition =
	    g_mime_content_disposition_parse(NULL, value);

	if (disposition == NULL)
		return;
	part->attachment =
	    g_mime_content_disposition_is_attachment(disposition);
	use_filename(part,
	    g_mime_content_disposition_get_parameter(disposition, "filename"));
	g_object_unref(disposition);
}

char *
part_header_read(const char *header, size_t size, const char *default_type,
    struct located_part *part)
{
	char *disposition = field_value(header, size, "Content-Disposition");
	char *encoding = field_value(header, size, "Content-Transfer-Encoding");
	char *type = field_value(header, size, "Content-Type");
	char *boundary = NULL;

	part->part.type = xstrdup(default_type);
	part->part.charset = xstrdup("");
	part->part.filename = xstrdup("");
	part->part.encoding =
	    encoding == NULL ? xstrdup("") : lower_token(encoding);
	if (disposition != NULL)
		read_disposition(disposition, &part->part);
	if (type != NULL)
		boundary = read_type(type, part);
	if (*part->part.filename != '\0')
		part->part.attachment = true;
	free(disposition);
	free(encoding);
	free(type);
	return boundary;
}

char *
part_header_parameter(const char *header, size_t size, const char *name)
{
	char *value = field_value(header, size, "Content-Type");
	GMimeContentType *type = value == NULL || !type_is_well_formed(value)
	    ? NULL
	    : g_mime_content_type_parse(NULL, value);
	char *copy = NULL;

	if (type != NULL) {
		const char *parameter =
		    g_mime_content_type_get_parameter(type, name);

		if (parameter != NULL)
			copy = xstrdup(parameter);
		g_object_unref(type);
	}
	free(value);
	return copy;
}
