/*
 * file_type.c - the type of a file: by its name, else by a look at it.
 *
 * /etc/mime.types is the table that every other mail program uses; where it is
 * missing (a small system) a few types that matter are known all the same.
 */
#include "mua/file_type.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/mem.h"

enum { LINE_MAX_OCTETS = 998, BLOCK = 65536 };

static const struct {
	const char *ending;
	const char *type;
} known[] = {
	/* clang-format off */
	{ "txt", "text/plain" },       { "md", "text/markdown" },
	{ "c", "text/x-csrc" },        { "h", "text/x-chdr" },
	{ "py", "text/x-python" },     { "sh", "text/x-sh" },
	{ "csv", "text/csv" },         { "html", "text/html" },
	{ "htm", "text/html" },        { "css", "text/css" },
	{ "ics", "text/calendar" },    { "vcf", "text/vcard" },
	{ "diff", "text/x-diff" },     { "patch", "text/x-diff" },
	{ "png", "image/png" },        { "jpg", "image/jpeg" },
	{ "jpeg", "image/jpeg" },      { "gif", "image/gif" },
	{ "svg", "image/svg+xml" },    { "webp", "image/webp" },
	{ "pdf", "application/pdf" },  { "zip", "application/zip" },
	{ "gz", "application/gzip" },  { "json", "application/json" },
	{ "xml", "application/xml" },  { "mp3", "audio/mpeg" },
	{ "ogg", "audio/ogg" },        { "mp4", "video/mp4" },
	{ "eml", "message/rfc822" },   { "asc", "application/pgp-keys" },
	{ "odt", "application/vnd.oasis.opendocument.text" },
	{ "ods", "application/vnd.oasis.opendocument.spreadsheet" },
	{ "docx", "application/vnd.openxmlformats-officedocument"
		  ".wordprocessingml.document" },
	{ "xlsx", "application/vnd.openxmlformats-officedocument"
		  ".spreadsheetml.sheet" },
	/* clang-format on */
};

/* The type that a line of mime.types, "type ending ...", gives to ENDING. */
static char *
match_line(char *line, const char *ending)
{
	static const char blanks[] = " \t\r\n";
	char *rest = NULL;
	const char *type = strtok_r(line, blanks, &rest);
	const char *word;

	if (type == NULL || *type == '#' || strchr(type, '/') == NULL)
		return NULL;
	while ((word = strtok_r(NULL, blanks, &rest)) != NULL)
		if (strcasecmp(word, ending) == 0)
			return xstrdup(type);
	return NULL;
}

static char *
by_ending(const char *ending)
{
	FILE *table = fopen("/etc/mime.types", "re");
	char *line = NULL;
	char *type = NULL;
	size_t room = 0;

	while (
	    table != NULL && type == NULL && getline(&line, &room, table) != -1)
		type = match_line(line, ending);
	free(line);
	if (table != NULL)
		(void)fclose(table);
	for (size_t i = 0; type == NULL && i < COUNT(known); i++)
		if (strcasecmp(known[i].ending, ending) == 0)
			type = xstrdup(known[i].type);
	return type;
}

char *
file_type(const char *path, int fd)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash == NULL ? path : slash, '.');
	char *type = dot == NULL ? NULL : by_ending(dot + 1);
	struct file_survey survey;

	if (type != NULL)
		return type;
	if (file_survey(fd, &survey) == 0 && !survey.nul &&
	    (!survey.eight_bit || survey.utf8))
		return xstrdup("text/plain");
	return xstrdup("application/octet-stream");
}

/* UTF8-char (RFC 3629 4), a byte at a time. */
struct utf8_state {
	int wanted;        /* bytes that must follow */
	unsigned char low; /* what the next of them may be */
	unsigned char high;
	bool bad;
};

static void
take_utf8(struct utf8_state *state, unsigned char c)
{
	if (state->wanted > 0) {
		state->bad |= c < state->low || c > state->high;
		state->wanted--;
		state->low = 0x80;
		state->high = 0xbf;
		return;
	}
	if (c < 0x80)
		return;
	state->bad |= c < 0xc2 || c > 0xf4;
	state->wanted = 1 + (c >= 0xe0) + (c >= 0xf0);
	state->low = 0x80;
	state->high = 0xbf;
	if (c == 0xe0)
		state->low = 0xa0;
	else if (c == 0xf0)
		state->low = 0x90;
	else if (c == 0xed)
		state->high = 0x9f;
	else if (c == 0xf4)
		state->high = 0x8f;
}

/* A survey under way. */
struct surveying {
	struct file_survey *survey;
	struct utf8_state utf8;
	size_t column; /* octets of the line so far */
	char last;
};

static void
take(struct surveying *s, char c)
{
	struct file_survey *survey = s->survey;

	take_utf8(&s->utf8, (unsigned char)c);
	survey->high += (unsigned char)c >= 0x80;
	survey->nul |= c == '\0';
	survey->cr |= c == '\r';
	if (c == '\n') {
		survey->fragile |=
		    s->column > 0 && (s->last == ' ' || s->last == '\t');
		s->column = 0;
	} else {
		s->column++;
		survey->long_line |= s->column > LINE_MAX_OCTETS;
	}
	s->last = c;
}

int
file_survey(int fd, struct file_survey *survey_out)
{
	struct surveying s = { .survey = survey_out, .last = '\n' };
	char *block = xmalloc(BLOCK);
	ssize_t n;

	*survey_out = (struct file_survey){ 0 };
	while ((n = pread(fd, block, BLOCK, survey_out->size)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			take(&s, block[i]);
		survey_out->size += n;
	}
	free(block);
	if (n == -1)
		return -1;
	survey_out->eight_bit = survey_out->high > 0;
	survey_out->utf8 = !s.utf8.bad && s.utf8.wanted == 0;
	survey_out->unfinished = s.column > 0;
	return 0;
}
