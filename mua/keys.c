/*
 * keys.c - looks keys up in the tables, and makes help from the same tables.
 */
#include "mua/keys.h"

#include "mua/text.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

static const struct {
	int key;
	const char *name;
} names[] = {
	/* clang-format off */
	{ K_TAB,         "Tab" },
	{ K_RETURN,      "Enter" },
	{ K_ESCAPE,      "Esc" },
	{ ' ',             "Space" },
	{ K_ARROW_UP,    "Up" },
	{ K_ARROW_DOWN,  "Down" },
	{ K_ARROW_LEFT,  "Left" },
	{ K_ARROW_RIGHT, "Right" },
	{ K_PAGE_UP,     "PgUp" },
	{ K_PAGE_DOWN,   "PgDn" },
	{ K_FIRST,       "Home" },
	{ K_LAST,        "End" },
	{ K_RUBOUT,      "Backspace" },
	{ K_DELETE,      "Del" },
	{ K_HELP,        "F1" },
	{ K_WHEEL_UP,    "Wheel" },
	{ K_WHEEL_DOWN,  "Wheel" },
	{ K_CLICK,       "Click" },
	/* clang-format on */
};

const struct binding *
keys_find(const struct key_table *const *tables, int key)
{
	if (key == K_NOTHING)
		return NULL;
	for (; *tables != NULL; tables++) {
		for (size_t i = 0; i < (*tables)->count; i++) {
			const struct binding *binding = &(*tables)->bindings[i];

			for (int k = 0; k < BINDING_KEYS; k++)
				if (binding->keys[k] == key)
					return binding;
		}
	}
	return NULL;
}

void
keys_name(int key, struct buf *to)
{
	if ((key & K_META) != 0) {
		buf_addstr(to, "Esc-");
		key &= ~K_META;
	}
	for (size_t i = 0; i < COUNT(names); i++) {
		if (names[i].key == key) {
			buf_addstr(to, names[i].name);
			return;
		}
	}
	if (key > 0 && key < 0x20)
		buf_printf(to, "^%c", key + '@');
	else
		buf_printf(to, "%lc", (wint_t)key);
}

/* Appends "q:Quit" unless it would go past COLUMNS.  Returns whether. */
static bool
add_item(const struct binding *binding, int columns, struct buf *to)
{
	struct buf item = BUF_INIT;
	bool fits;

	if (to->size > 0)
		buf_addstr(&item, "  ");
	keys_name(binding->keys[0], &item);
	buf_printf(&item, ":%s", binding->label);
	fits = text_columns(to->data, to->size) +
		text_columns(item.data, item.size) <=
	    columns;
	if (fits)
		buf_add(to, item.data, item.size);
	buf_clear(&item);
	return fits;
}

void
keys_help_line(const struct key_table *const *tables, int columns,
    struct buf *to)
{
	/* Where letters are typed only F1 helps. */
	const char *way_out =
	    keys_find(tables, '?') != NULL ? "  ?:Help" : "  F1:Help";
	int room = columns - (int)strlen(way_out);

	for (; *tables != NULL; tables++) {
		const struct binding *binding = (*tables)->bindings;
		const struct binding *end = binding + (*tables)->count;

		for (; binding < end; binding++)
			if (binding->label != NULL &&
			    !add_item(binding, room, to))
				goto full;
	}
full:
	buf_addstr(to, to->size > 0 ? way_out : way_out + 2);
}

/* The keys of BINDING, less those that an earlier row has taken. */
static void
add_keys(const struct key_table *const *tables, const struct binding *binding,
    struct buf *to)
{
	for (int i = 0; i < BINDING_KEYS && binding->keys[i] != 0; i++) {
		if (keys_find(tables, binding->keys[i]) != binding)
			continue;
		buf_addstr(to, to->size == 0 ? "  " : " ");
		keys_name(binding->keys[i], to);
	}
}

void
keys_help_page(const struct key_table *const *tables, struct lines *lines)
{
	enum { KEYS_COLUMNS = 19 };

	for (const struct key_table *const *table = tables; *table != NULL;
	     table++) {
		const struct binding *binding = (*table)->bindings;
		const struct binding *end = binding + (*table)->count;

		lines_printf(lines, STYLE_PART, "%s", (*table)->title);
		for (; binding < end; binding++) {
			struct buf keys = BUF_INIT;

			add_keys(tables, binding, &keys);
			lines_printf(lines, STYLE_NORMAL, "%-*s %s",
			    KEYS_COLUMNS, keys.data, binding->help);
			lines_label(lines, KEYS_COLUMNS);
			lines_hang(lines, KEYS_COLUMNS + 1);
			buf_clear(&keys);
		}
		lines_printf(lines, STYLE_NORMAL, "%s", "");
	}
}
