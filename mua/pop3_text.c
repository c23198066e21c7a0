/*
 * pop3_text.c - one octet at a time through five states.
 */
#include "mua/pop3_text.h"

enum {
	LINE_START, /* behind CRLF, or at the very beginning */
	DOT,        /* a dot there */
	DOT_CR,     /* and CR */
	TEXT,
	CR,
};

static void
flush(struct pop3_text *text)
{
	if (text->out_size > 0 && !text->failed &&
	    text->sink(text->arg, text->out, text->out_size) == -1)
		text->failed = true;
	text->out_size = 0;
}

static void
put(struct pop3_text *text, char c)
{
	text->out[text->out_size++] = c;
	text->size++;
	text->lines += c == '\n' ? 1 : 0;
	text->last = c;
	if (text->out_size == POP3_TEXT_OUT)
		flush(text);
}

/* An octet within a line: C is not handed on while it may be half a CRLF. */
static void
take_text(struct pop3_text *text, char c)
{
	if (c == '\r') {
		text->state = CR;
		return;
	}
	put(text, c);
	text->state = TEXT;
}

static void
take(struct pop3_text *text, char c)
{
	switch (text->state) {
	case LINE_START:
		if (c == '.')
			text->state = DOT;
		else
			take_text(text, c);
		break;
	case DOT:
		/* The first dot is stuffed, whatever follows. */
		if (c == '\r')
			text->state = DOT_CR;
		else
			take_text(text, c);
		break;
	case DOT_CR:
		if (c == '\n') {
			text->done = true;
			break;
		}
		put(text, '\r');
		take_text(text, c);
		break;
	case CR:
		if (c == '\n') {
			put(text, '\n');
			text->state = LINE_START;
			break;
		}
		put(text, '\r');
		take_text(text, c);
		break;
	default:
		take_text(text, c);
		break;
	}
}

void
pop3_text_init(struct pop3_text *text,
    int (*sink)(void *arg, const char *data, size_t size), void *arg)
{
	text->size = 0;
	text->lines = 0;
	text->done = false;
	text->failed = false;
	text->sink = sink;
	text->arg = arg;
	text->state = LINE_START;
	text->last = '\n';
	text->out_size = 0;
}

size_t
pop3_text_feed(struct pop3_text *text, const char *data, size_t size)
{
	size_t i = 0;

	while (i < size && !text->done)
		take(text, data[i++]);
	/* Here too, so that little is lost when the connection breaks. */
	if (text->done)
		flush(text);
	return i;
}
