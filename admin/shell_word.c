/* shell_word.c - quoting for bash and its like. */
#include "admin/shell_word.h"

#include <stdbool.h>
#include <string.h>

#include "common/buf.h"

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static bool
is_plain(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-+:@%,=";

	return *text != '\0' && text[strspn(text, plain)] == '\0';
}

/* '...', where only the quote itself has to be stepped round. */
static void
quote(struct buf *to, const char *text)
{
	buf_addchar(to, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			buf_addstr(to, "'\\'");
		buf_addchar(to, *text);
	}
	buf_addchar(to, '\'');
}

/* $'...' */
static void
escape(struct buf *to, const char *text)
{
	buf_addstr(to, "$'");
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			buf_printf(to, "\\x%02X", (unsigned char)*text);
		else if (*text == '\'' || *text == '\\')
			buf_printf(to, "\\%c", *text);
		else
			buf_addchar(to, *text);
	}
	buf_addchar(to, '\'');
}

char *
shell_word(const char *text)
{
	struct buf word = BUF_INIT;

	if (!is_printable(text))
		escape(&word, text);
	else if (!is_plain(text))
		quote(&word, text);
	else
		buf_addstr(&word, text);
	return buf_steal(&word);
}
