/* dialog_values.c - names, escapes and ${...}. */
#include "labs/dialog_values.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labs/dialog_functions.h"

static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

static struct value *
find(const struct values *values, const char *name)
{
	for (size_t i = 0; i < values->count; i++) {
		if (strcmp(values->list[i].name, name) == 0)
			return &values->list[i];
	}
	return NULL;
}

void
values_set(struct values *values, const char *name, const char *text,
    size_t size)
{
	struct value *value = find(values, name);

	if (value == NULL) {
		values->list = xrealloc(values->list,
		    (values->count + 1) * sizeof(*value));
		value = &values->list[values->count++];
		value->name = xstrdup(name);
		value->text = NULL;
	}
	free(value->text);
	value->text = xmalloc(size + 1);
	memcpy(value->text, text, size);
	value->text[size] = '\0';
}

const char *
values_get(const struct values *values, const char *name)
{
	const struct value *value = find(values, name);

	return value == NULL ? NULL : value->text;
}

void
values_clear(struct values *values)
{
	for (size_t i = 0; i < values->count; i++) {
		free(values->list[i].name);
		free(values->list[i].text);
	}
	free(values->list);
	memset(values, 0, sizeof(*values));
}

/* The closing brace of what begins behind "${", or NULL. */
static const char *
closing_brace(const char *text)
{
	for (int depth = 1; *text != '\0'; text++) {
		if (text[0] == '$' && text[1] == '{')
			depth++;
		else if (*text == '}' && --depth == 0)
			return text;
	}
	return NULL;
}

/* Appends the byte that the escape at TEXT stands for; returns its length. */
static size_t
add_escape(const char *text, struct buf *to)
{
	static const char letters[] = "rnt0\\";
	static const char bytes[] = "\r\n\t\0\\";
	char number[3] = "";
	const char *letter;

	if (text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
	    isxdigit((unsigned char)text[3])) {
		memcpy(number, text + 2, 2);
		buf_addchar(to, (char)strtol(number, NULL, 16));
		return 4;
	}
	letter = text[1] == '\0' ? NULL : strchr(letters, text[1]);
	if (letter == NULL) {
		buf_addchar(to, '\\');
		return 1;
	}
	buf_addchar(to, bytes[letter - letters]);
	return 2;
}

/* What stands between the braces: NAME, or FUNCTION:ARGUMENT. */
static bool
evaluate(struct values *values, const char *inside, struct buf *to)
{
	size_t size = strspn(inside, name_bytes);
	struct buf argument = BUF_INIT;
	const char *why = NULL;

	if (inside[size] != ':') {
		const char *text = values_get(values, inside);

		if (text == NULL)
			snprintf(values->why, sizeof(values->why),
			    "nothing is known as ${%s}", inside);
		else
			buf_addstr(to, text);
		return text != NULL;
	}
	if (!values_expand(values, inside + size + 1, EXPAND_ESCAPES,
		&argument)) {
		buf_clear(&argument);
		return false;
	}
	bool done = dialog_function(inside, size, &argument, to, &why);
	if (!done)
		snprintf(values->why, sizeof(values->why), "${%.*s:}: %s",
		    (int)size, inside, why);
	buf_clear(&argument);
	return done;
}

/* Appends RESULT so that a pattern takes every byte for itself. */
static void
add_literal(const struct buf *result, struct buf *to)
{
	for (size_t i = 0; i < result->size; i++) {
		if (strchr("*.<\\", result->data[i]) != NULL)
			buf_addchar(to, '\\');
		buf_addchar(to, result->data[i]);
	}
}

/* Expands the ${...} at TEXT; returns its length, 0 when it has no value. */
static size_t
expand_one(struct values *values, const char *text, enum expansion how,
    struct buf *to)
{
	const char *end = closing_brace(text + 2);
	struct buf result = BUF_INIT;
	size_t length = 0;

	if (end == NULL) {
		snprintf(values->why, sizeof(values->why),
		    "a ${ has no closing brace");
		return 0;
	}
	char *inside = strndup(text + 2, (size_t)(end - text - 2));
	if (inside != NULL && evaluate(values, inside, &result)) {
		length = (size_t)(end + 1 - text);
		if (how == EXPAND_PATTERN)
			add_literal(&result, to);
		else
			buf_add(to, result.data, result.size);
	}
	free(inside);
	buf_clear(&result);
	return length;
}

bool
values_expand(struct values *values, const char *text, enum expansion how,
    struct buf *to)
{
	while (*text != '\0') {
		if (text[0] == '$' && text[1] == '{') {
			size_t length = expand_one(values, text, how, to);

			if (length == 0)
				return false;
			text += length;
		} else if (*text == '\\' && how == EXPAND_ESCAPES) {
			text += add_escape(text, to);
		} else {
			buf_addchar(to, *text++);
		}
	}
	return true;
}

bool
values_uses(const char *text, const char *name, size_t size)
{
	while ((text = strstr(text, "${")) != NULL) {
		text += 2;
		if (strncmp(text, name, size) == 0 && text[size] == '}')
			return true;
	}
	return false;
}
