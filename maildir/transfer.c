/*
 * transfer.c - base64, quoted-printable and uuencode, undone.
 *
 * GLib and GMime decode; but they pass over damage in silence, and one lost
 * byte of base64 shifts all that follows.  So the text is looked at line by
 * line here, and a damaged line is made whole at its end.
 */
#include "maildir/transfer.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

/* Where damage begins, and of what kind; all of it goes to EACH. */
struct damage {
	size_t line; /* 0 for none */
	const char *what;
	void (*each)(void *arg, size_t line, const char *what);
	void *arg;
};

static void
note(struct damage *damage, size_t line, const char *what)
{
	if (damage->each != NULL)
		damage->each(damage->arg, line, what);
	if (damage->line == 0) {
		damage->line = line;
		damage->what = what;
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_base64(char c)
{
	return g_ascii_isalnum(c) || c == '+' || c == '/';
}

/* Completes the group of four at the end of TEXT, or drops what is none. */
static void
complete_group(struct buf *text)
{
	if (text->size % 4 == 1)
		text->data[--text->size] = '\0';
	while (text->size % 4 != 0)
		buf_addchar(text, '=');
}

/* Appends the base64 characters of one line; returns what is wrong, or NULL. */
static const char *
take_line(const char *line, size_t length, struct buf *text)
{
	const char *fault = NULL;
	bool aligned = text->size % 4 == 0;

	for (size_t i = 0; i < length; i++) {
		bool padded =
		    text->size > 0 && text->data[text->size - 1] == '=';

		if (is_base64(line[i]) && padded && text->size % 4 != 0) {
			fault = "text after the padding";
			complete_group(text);
		}
		if (is_base64(line[i]) ||
		    (line[i] == '=' && text->size % 4 >= 2))
			buf_addchar(text, line[i]);
		else if (!is_blank(line[i]))
			fault = line[i] == '=' ? "padding in the wrong place"
					       : "a byte that is no base64";
	}
	if (fault != NULL && aligned)
		complete_group(text); /* the next line begins a group again */
	return fault;
}

static void
decode_base64(const char *data, size_t size, struct buf *to,
    struct damage *damage)
{
	struct buf text = BUF_INIT;
	size_t line = 0;
	size_t at = 0;
	gint state = 0;
	guint save = 0;

	while (at < size) {
		const char *end = memchr(data + at, '\n', size - at);
		size_t length =
		    end == NULL ? size - at : (size_t)(end - data) + 1 - at;
		const char *fault = take_line(data + at, length, &text);

		line++;
		if (fault != NULL)
			note(damage, line, fault);
		at += length;
	}
	if (text.size % 4 != 0)
		note(damage, line, "the end is missing");
	complete_group(&text);

	unsigned char *bytes = xmalloc(text.size + 3);
	size_t n =
	    g_base64_decode_step(text.data, text.size, bytes, &state, &save);

	buf_add(to, bytes, n);
	free(bytes);
	buf_clear(&text);
}

/* quoted-printable := "=" 2(DIGIT / "A".."F") or "=" *blank CRLF (2045 6.7) */
static bool
is_quoted(const char *data, size_t size)
{
	size_t blanks = 0;

	if (size >= 2 && g_ascii_isxdigit(data[0]) && g_ascii_isxdigit(data[1]))
		return true;
	while (blanks < size &&
	    (data[blanks] == ' ' || data[blanks] == '\t' ||
		data[blanks] == '\r'))
		blanks++;
	return blanks == size || data[blanks] == '\n';
}

static void
look_at_quoted(const char *data, size_t size, struct damage *damage)
{
	size_t line = 1;

	for (size_t i = 0; i < size; i++) {
		if (damage->line != 0 && damage->each == NULL)
			break;
		if (data[i] == '=' && !is_quoted(data + i + 1, size - i - 1))
			note(damage, line, "a \"=\" that quotes nothing");
		line += data[i] == '\n';
	}
}

static void
decode_by_gmime(GMimeContentEncoding encoding, const char *data, size_t size,
    struct buf *to)
{
	GMimeEncoding state;

	g_mime_encoding_init_decode(&state, encoding);

	char *bytes = xmalloc(g_mime_encoding_outlen(&state, size) + 1);
	size_t n = g_mime_encoding_flush(&state, data, size, bytes);

	buf_add(to, bytes, n);
	free(bytes);
}

/* The text of a uuencoded part begins behind the line "begin MODE NAME". */
static void
decode_uuencoded(const char *data, size_t size, struct buf *to,
    struct damage *damage)
{
	const char *begin = size > 6 && memcmp(data, "begin ", 6) == 0
	    ? data
	    : memmem(data, size, "\nbegin ", 7);
	const char *text = begin == NULL
	    ? NULL
	    : memchr(begin + 1, '\n', size - (size_t)(begin + 1 - data));

	if (text == NULL) {
		note(damage, 1, "no line with \"begin\"");
		buf_add(to, data, size);
		return;
	}
	decode_by_gmime(GMIME_CONTENT_ENCODING_UUENCODE, text + 1,
	    size - (size_t)(text + 1 - data), to);
}

static bool
is_one_of(const char *encoding, const char *const *names)
{
	while (*names != NULL)
		if (strcmp(encoding, *names++) == 0)
			return true;
	return false;
}

char *
transfer_decode(const char *encoding, const char *data, size_t size,
    struct buf *to)
{
	static const char *const identity[] = { "", "7bit", "8bit", "binary",
		NULL };
	static const char *const uuencode[] = { "x-uuencode", "x-uue",
		"uuencode", NULL };
	struct damage damage = { 0 };

	if (is_one_of(encoding, identity)) {
		buf_add(to, data, size);
	} else if (strcmp(encoding, "base64") == 0) {
		decode_base64(data, size, to, &damage);
	} else if (strcmp(encoding, "quoted-printable") == 0) {
		look_at_quoted(data, size, &damage);
		decode_by_gmime(GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, data,
		    size, to);
	} else if (is_one_of(encoding, uuencode)) {
		decode_uuencoded(data, size, to, &damage);
	} else {
		buf_add(to, data, size);
		return xasprintf("The transfer encoding \"%.40s\" is not "
				 "known; the text is shown as it is.",
		    encoding);
	}
	if (damage.line == 0)
		return NULL;
	return xasprintf("The %s text is damaged in line %zu: %s.", encoding,
	    damage.line, damage.what);
}

void
transfer_examine(const char *encoding, const char *data, size_t size,
    void (*each)(void *arg, size_t line, const char *what), void *arg)
{
	struct damage damage = { .each = each, .arg = arg };
	struct buf decoded = BUF_INIT;

	if (strcmp(encoding, "base64") == 0)
		decode_base64(data, size, &decoded, &damage);
	else if (strcmp(encoding, "quoted-printable") == 0)
		look_at_quoted(data, size, &damage);
	buf_clear(&decoded);
}
