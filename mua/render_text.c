/*
 * render_text.c - the text of one part as lines: plain, flowed or HTML.
 */
#include "mua/render.h"

#include "mua/html.h"
#include "mua/quoted.h"
#include "mua/render_crypto.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool
is_parameter(const struct message *message, size_t i, const char *name,
    const char *wanted)
{
	char *value = message_parameter(message, i, name);
	bool is = value != NULL && strcasecmp(value, wanted) == 0;

	free(value);
	return is;
}

static void
add_html(const struct buf *content, struct lines *lines)
{
	static const struct quoted_form as_it_is = { false, false };
	struct buf text = BUF_INIT;
	bool good = html_to_text(content->data, content->size, &text);
	const struct buf *shown = good ? &text : content;

	lines_printf(lines, good ? STYLE_PART : STYLE_FAULT, "[-- %s --]",
	    good ? "HTML; this is its text"
		 : "HTML that cannot be made a text; this is its source");
	quoted_add(lines, shown->data, shown->size, &as_it_is);
	buf_clear(&text);
}

static void
name_crypto(const struct buf *content, struct lines *lines)
{
	struct buf name = BUF_INIT;

	crypto_name_text(content->data, &name);
	if (name.size > 0)
		lines_printf(lines, STYLE_PART, "[-- %s --]", name.data);
	buf_clear(&name);
}

void
render_text(const struct message *message, size_t i, const struct buf *content,
    struct lines *lines)
{
	const struct part *part = message_part(message, i);
	struct quoted_form form = { false, false };

	if (strcasecmp(part->type, "text/html") == 0) {
		add_html(content, lines);
		return;
	}
	name_crypto(content, lines);
	form.flowed = strcasecmp(part->type, "text/plain") == 0 &&
	    is_parameter(message, i, "format", "flowed");
	form.delsp = form.flowed && is_parameter(message, i, "delsp", "yes");
	quoted_add(lines, content->data, content->size, &form);
}
