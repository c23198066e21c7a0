/*
 * dialog_pattern.c - matching by backtracking; lines and patterns are short.
 */
#include "labs/dialog_pattern.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

enum kind { LITERAL, ANYTHING, NAME, END };

/* The piece of a pattern at PATTERN. */
struct piece {
	enum kind kind;
	size_t length; /* in the pattern */
	char byte;     /* LITERAL */
};

static struct piece
read_piece(const char *pattern)
{
	size_t name = strspn(pattern + (*pattern == '<'), name_bytes);
	char number[3] = "";

	if (*pattern == '\0')
		return (struct piece){ .kind = END };
	if (*pattern == '*')
		return (struct piece){ .kind = ANYTHING, .length = 1 };
	if (strncmp(pattern, "...", 3) == 0)
		return (struct piece){ .kind = ANYTHING, .length = 3 };
	if (*pattern == '<' && name > 0 && pattern[name + 1] == '>')
		return (struct piece){ .kind = NAME, .length = name + 2 };
	if (*pattern != '\\' || pattern[1] == '\0')
		return (struct piece){ LITERAL, 1, *pattern };
	if (pattern[1] == 'x' && isxdigit((unsigned char)pattern[2]) &&
	    isxdigit((unsigned char)pattern[3])) {
		memcpy(number, pattern + 2, 2);
		return (
		    struct piece){ LITERAL, 4, (char)strtol(number, NULL, 16) };
	}
	return (struct piece){ LITERAL, 2, pattern[1] };
}

/*
 * Tries the pattern from here on.  Names are set from the last to the first,
 * once all that follows them has matched.
 */
static bool
match(const char *pattern, const char *line, struct values *values)
{
	struct piece piece = read_piece(pattern);
	const char *rest = pattern + piece.length;
	size_t size = piece.kind == NAME ? 1 : 0;

	if (piece.kind == END)
		return *line == '\0';
	if (piece.kind == LITERAL)
		return *line == piece.byte && *line != '\0' &&
		    match(rest, line + 1, values);
	for (size_t end = strlen(line); size <= end; size++) {
		if (!match(rest, line + size, values))
			continue;
		if (piece.kind == NAME) {
			char *name = strndup(pattern + 1, piece.length - 2);

			if (name != NULL)
				values_set(values, name, line, size);
			free(name);
		}
		return true;
	}
	return false;
}

bool
pattern_match(const char *pattern, const char *line, struct values *values)
{
	return match(pattern, line, values);
}

const char *
pattern_next_name(const char **cursor, size_t *size)
{
	struct piece piece;

	for (const char *at = *cursor; *at != '\0'; at += piece.length) {
		piece = read_piece(at);
		if (piece.kind == NAME) {
			*cursor = at + piece.length;
			*size = piece.length - 2;
			return at + 1;
		}
	}
	return NULL;
}
