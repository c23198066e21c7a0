/* ini_file.c - lines on their way to inih, and complaints. */
#include "common/ini_file.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <string.h>

enum { SECTION_SIZE = 64, SENTENCE_SIZE = 512 };

void
ini_file_complain(struct ini_file *ini, int line, const char *fmt, ...)
{
	char sentence[SENTENCE_SIZE];
	char at[16] = "";
	va_list ap;

	if (ini->failed)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	if (line > 0)
		(void)snprintf(at, sizeof(at), ":%d", line);
	(void)snprintf(ini->why, ini->why_size, "%s%s: %s", ini->name, at,
	    sentence);
	ini->failed = true;
}

/* Sees a line first; only headers matter here. */
static void
note_section(struct ini_file *ini, const char *text)
{
	char section[SECTION_SIZE];
	size_t length;

	text += strspn(text, " \t");
	if (*text++ != '[')
		return;
	length = strcspn(text, "]\r\n");
	if (text[length] != ']')
		return; /* inih says what is wrong */
	if (length >= sizeof(section)) {
		ini_file_complain(ini, ini->line,
		    "the section's name is too long");
		return;
	}
	memcpy(section, text, length);
	section[length] = '\0';
	ini->section(ini->arg, section);
}

/* inih's reader: as fgets(). */
static char *
read_line(char *text, int size, void *arg)
{
	struct ini_file *ini = arg;
	size_t length;

	if (ini->failed || fgets(text, size, ini->file) == NULL)
		return NULL;
	ini->line++;
	length = strlen(text);
	if ((length == 0 || text[length - 1] != '\n') && !feof(ini->file)) {
		ini_file_complain(ini, ini->line,
		    "the line is longer than %d bytes or holds a NUL",
		    size - 3);
		return NULL;
	}
	note_section(ini, text);
	return ini->failed ? NULL : text;
}

void
ini_file_parse(struct ini_file *ini)
{
	int rc;

	/* The library's settings are global; ours are the same at each call. */
	ini_allow_multiline = false;
	ini_stop_on_first_error = true;
	rc = ini_parse_stream(read_line, ini, ini->key, ini->arg);
	if (rc > 0)
		ini_file_complain(ini, rc, "neither [section] nor key = value");
	if (ferror(ini->file))
		ini_file_complain(ini, 0, "%s", strerror(errno));
}
