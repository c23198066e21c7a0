/* screen_keys.c - what curses calls a key, and what we do. */
#include "mua/screen_keys.h"

#include <stdlib.h>

#include "common/mem.h"
#include "mua/keys.h"

static const struct {
	int curses;
	int key;
} keys[] = {
	/* clang-format off */
	{ KEY_UP,        K_ARROW_UP },
	{ KEY_DOWN,      K_ARROW_DOWN },
	{ KEY_LEFT,      K_ARROW_LEFT },
	{ KEY_RIGHT,     K_ARROW_RIGHT },
	{ KEY_PPAGE,     K_PAGE_UP },
	{ KEY_NPAGE,     K_PAGE_DOWN },
	{ KEY_HOME,      K_FIRST },
	{ KEY_FIND,      K_FIRST },
	{ KEY_END,       K_LAST },
	{ KEY_SELECT,    K_LAST },
	{ KEY_ENTER,     K_RETURN },
	{ KEY_BACKSPACE, K_RUBOUT },
	{ KEY_DC,        K_DELETE },
	{ KEY_F(1),      K_HELP },
	{ KEY_RESIZE,    K_RESIZED },
	/* clang-format on */
};

void
screen_define_keys(void)
{
	/* As xterm sends them, and others after it: ESC [ BEGIN ; 2 to 8 END */
	static const struct {
		const char *begin;
		const char *end;
		int curses;
	} sequences[] = {
		/* clang-format off */
		{ "1", "A", KEY_UP },
		{ "1", "B", KEY_DOWN },
		{ "1", "C", KEY_RIGHT },
		{ "1", "D", KEY_LEFT },
		{ "1", "F", KEY_END },
		{ "1", "H", KEY_HOME },
		{ "3", "~", KEY_DC },
		{ "5", "~", KEY_PPAGE },
		{ "6", "~", KEY_NPAGE },
		/* clang-format on */
	};

	define_key("\033[200~", PASTE_BEGIN);
	define_key("\033[201~", PASTE_END);
	for (size_t i = 0; i < COUNT(sequences); i++)
		for (int modifiers = 2; modifiers <= 8; modifiers++) {
			char *sequence = xasprintf("\033[%s;%d%s",
			    sequences[i].begin, modifiers, sequences[i].end);

			define_key(sequence, sequences[i].curses);
			free(sequence);
		}
}

int
screen_function_key(int code)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (keys[i].curses == code)
			return keys[i].key;
	return K_OTHER;
}

int
screen_character(wint_t c)
{
	switch (c) {
	case '\n':
	case '\r':
		return K_RETURN;
	case 0x08:
	case 0x7f:
		return K_RUBOUT;
	case 0:
		return K_OTHER;
	default:
		return (int)c;
	}
}

int
screen_pasted_character(wint_t c)
{
	if (c == '\n' || c == '\r')
		return K_PASTED_RETURN;
	return c < ' ' && c != K_TAB ? K_OTHER : (int)c;
}
