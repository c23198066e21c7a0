/*
 * mailcap.c - mailcap files (RFC 1524) read and understood.
 *
 *   mailcap-entry = typefield ; view-command [";" 1#field]
 *   field = flag / namedfield
 *
 * A line goes on in the next one behind a backslash; "\;" is a semicolon that
 * ends no field.
 */
#include "mua/mailcap.h"

#include "mua/program.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, ENDING_MAX = 16 };

static const char default_files[] =
    "~/.mailcap:/etc/mailcap:/usr/share/etc/mailcap:/usr/local/etc/mailcap";

/* The letters that mean nothing to any shell, quoted or not. */
static bool
is_harmless(char c)
{
	return isalnum((unsigned char)c) || strchr("-._+/", c) != NULL;
}

static bool
all_harmless(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if (!is_harmless(*c))
			return false;
	return isalnum((unsigned char)*text);
}

/* The next line with those that continue it, without comments. */
static const char *
next_line(const char *at, struct buf *line)
{
	buf_reset(line);
	while (*at != '\0' && *at != '\n') {
		if (at[0] == '\\' && at[1] == '\n')
			at += 2;
		else
			buf_addchar(line, *at++);
	}
	return *at == '\n' ? at + 1 : at;
}

/* The field at *AT, trimmed, its escaped semicolons plain. */
static void
next_field(const char **at, struct buf *field)
{
	const char *c = *at + strspn(*at, " \t");

	buf_reset(field);
	for (; *c != '\0' && *c != ';'; c++) {
		if (c[0] == '\\' && c[1] == ';')
			c++;
		else if (c[0] == '\\' && c[1] != '\0')
			buf_addchar(field, *c++);
		buf_addchar(field, *c);
	}
	*at = *c == ';' ? c + 1 : c;
	while (field->size > 0 && strchr(" \t", field->data[field->size - 1]))
		field->data[--field->size] = '\0';
}

/* The type itself, or text/ with a star, for which text alone stands too. */
static bool
covers(const char *pattern, const char *type)
{
	size_t major = strcspn(pattern, "/");

	if (strcasecmp(pattern, type) == 0)
		return true;
	if (strncasecmp(pattern, type, major) != 0 || type[major] != '/')
		return false;
	return pattern[major] == '\0' || strcmp(pattern + major, "/*") == 0;
}

/* nametemplate=%s.html: only an ending can come of it. */
static char *
read_ending(const char *template)
{
	if (strncmp(template, "%s.", 3) != 0 || strlen(template) > ENDING_MAX ||
	    strchr(template, '/') != NULL || !all_harmless(template + 3))
		return xstrdup("");
	return xstrdup(template + 2);
}

/* The value of "NAME = value", or NULL. */
static const char *
value_of(const char *field, const char *name)
{
	size_t size = strlen(name);

	if (strncasecmp(field, name, size) != 0)
		return NULL;
	field += size;
	field += strspn(field, " \t");
	if (*field != '=')
		return NULL;
	field++;
	return field + strspn(field, " \t");
}

/* Reads the fields behind the type.  False when the test forbids it. */
static bool
read_entry(const char *at, bool (*passes)(const char *test),
    struct mailcap_entry *out)
{
	struct buf field = BUF_INIT;
	bool good;

	*out = (struct mailcap_entry){ 0 };
	next_field(&at, &field);
	good = field.size > 0;
	out->command = xstrdup(field.data);
	out->ending = xstrdup("");
	while (good && *at != '\0') {
		const char *value;

		next_field(&at, &field);
		if (strcasecmp(field.data, "needsterminal") == 0)
			out->on_terminal = true;
		else if (strcasecmp(field.data, "copiousoutput") == 0)
			out->copious = true;
		value = value_of(field.data, "nametemplate");
		if (value != NULL) {
			free(out->ending);
			out->ending = read_ending(value);
		}
		value = value_of(field.data, "test");
		/* One that looks into the file would need it first. */
		if (value != NULL)
			good = strchr(value, '%') == NULL && passes(value);
	}
	buf_clear(&field);
	if (!good)
		mailcap_clear(out);
	return good;
}

bool
mailcap_match(const char *text, const char *type,
    bool (*passes)(const char *test), struct mailcap_entry *out)
{
	struct buf line = BUF_INIT;
	struct buf pattern = BUF_INIT;
	bool found = false;

	while (*text != '\0' && !found) {
		const char *at;

		text = next_line(text, &line);
		at = line.data + strspn(line.data, " \t");
		if (*at == '#' || *at == '\0')
			continue;
		next_field(&at, &pattern);
		found =
		    covers(pattern.data, type) && read_entry(at, passes, out);
	}
	buf_clear(&line);
	buf_clear(&pattern);
	return found;
}

static bool
passes_test(const char *test)
{
	return program_succeeds(test);
}

/* Looks into the file at PATH of SIZE bytes, "~/" being the home folder. */
static bool
find_in_file(const char *path, size_t size, const char *type,
    struct mailcap_entry *out)
{
	const char *home = getenv("HOME");
	struct buf name = BUF_INIT;
	struct buf text = BUF_INIT;
	bool found = false;
	int fd;

	if (size > 1 && path[0] == '~' && home != NULL) {
		buf_addstr(&name, home);
		path++;
		size--;
	}
	buf_add(&name, path, size);
	fd = open(name.data, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd != -1) {
		if (buf_read(&text, fd, FILE_MAX) == 0)
			found =
			    mailcap_match(text.data, type, passes_test, out);
		close(fd);
	}
	buf_clear(&name);
	buf_clear(&text);
	return found;
}

bool
mailcap_find(const char *type, struct mailcap_entry *out)
{
	const char *files = getenv("MAILCAPS");

	if (files == NULL || *files == '\0')
		files = default_files;
	while (*files != '\0') {
		size_t size = strcspn(files, ":");

		if (size > 0 && find_in_file(files, size, type, out))
			return true;
		files += size + (files[size] == ':');
	}
	return false;
}

void
mailcap_clear(struct mailcap_entry *entry)
{
	free(entry->command);
	free(entry->ending);
	*entry = (struct mailcap_entry){ 0 };
}

bool
mailcap_expand(const char *command, const char *path, const char *type,
    const char *charset, struct buf *to)
{
	bool input = true;

	for (const char *c = command; *c != '\0'; c++) {
		if (c[0] == '\\' && c[1] == '%') {
			buf_addchar(to, *++c);
		} else if (c[0] != '%') {
			buf_addchar(to, *c);
		} else if (c[1] == 's') {
			buf_addstr(to, path);
			input = false;
			c++;
		} else if (c[1] == 't') {
			buf_addstr(to, all_harmless(type) ? type : "");
			c++;
		} else if (c[1] == '{') {
			bool is = strncasecmp(c, "%{charset}", 10) == 0;

			buf_addstr(to,
			    is && all_harmless(charset) ? charset : "");
			c += strcspn(c, "}");
			if (*c == '\0')
				break;
		} else if (c[1] != '\0') {
			c++; /* %n and %F are for multiparts */
		}
	}
	return input;
}
