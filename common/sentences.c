/*
 * sentences.c - reads an explain.ini, and finds a sentence in it.
 *
 * inih reads the lines.  It does not tell the handler where a section begins,
 * nor whether a value is the continuation of the one before, so its reader is
 * ours and remembers both; it also refuses what inih would silently cut.
 */
#include "common/sentences.h"

#include <ctype.h>
#include <fnmatch.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/utf8.h"

enum { NAME_MAX_SIZE = 48 /* of a section, what inih takes */ };

/* One reading. */
struct reading {
	struct sentences *to;
	const struct sentences_source *source;
	const char *language;
	size_t at; /* read so far */
	int line;
	bool indented; /* the line is, and so goes on with the value before */
	struct buf *why;
	bool failed;
};

/* Keeps the first mistake; later ones are often its consequence. */
PRINTF(3, 4)
static void
complain(struct reading *reading, int line, const char *fmt, ...)
{
	char sentence[256];
	va_list ap;

	if (reading->failed)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	buf_reset(reading->why);
	buf_printf(reading->why, "%s:%d: %s", reading->source->name, line,
	    sentence);
	reading->failed = true;
}

static struct sentence *
last_of(const struct sentences *sentences)
{
	return sentences->count == 0 ? NULL
				     : &sentences->all[sentences->count - 1];
}

static void
check_text(struct reading *reading, const struct sentence *sentence,
    const char *text)
{
	if (text == NULL)
		return;
	if (strlen(text) > SENTENCE_MAX)
		complain(reading, sentence->line,
		    "[%s] has a sentence of more than %d bytes",
		    log_safe(sentence->name), SENTENCE_MAX);
	if (!utf8_is_valid(text))
		complain(reading, sentence->line, "[%s] is not in UTF-8",
		    log_safe(sentence->name));
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text))
			complain(reading, sentence->line,
			    "[%s] has a control character",
			    log_safe(sentence->name));
}

/* The section that ends here is complete. */
static void
finish_section(struct reading *reading)
{
	const struct sentence *sentence = last_of(reading->to);

	if (sentence == NULL)
		return;
	if (sentence->reply == NULL)
		complain(reading, sentence->line,
		    "[%s] needs reply = the reply it is about",
		    log_safe(sentence->name));
	check_text(reading, sentence, sentence->text);
	check_text(reading, sentence, sentence->english);
	if (sentence->text != NULL)
		reading->to->has_language = true;
}

static void
begin_section(struct reading *reading, const char *name, size_t length)
{
	struct sentences *to = reading->to;

	finish_section(reading);
	if (length == 0 || length > NAME_MAX_SIZE) {
		complain(reading, reading->line,
		    "the name of a section has 1 to %d bytes", NAME_MAX_SIZE);
		return;
	}
	to->all = xrealloc(to->all, (to->count + 1) * sizeof(*to->all));
	to->all[to->count++] = (struct sentence){
		.name = xasprintf("%.*s", (int)length, name),
		.line = reading->line,
	};
	for (size_t i = 0; i + 1 < to->count; i++)
		if (strcmp(to->all[i].name, last_of(to)->name) == 0)
			complain(reading, reading->line,
			    "there is a [%s] already in line %d",
			    log_safe(last_of(to)->name), to->all[i].line);
}

/* inih's reader: as fgets(). */
static char *
read_line(char *text, int size, void *arg)
{
	struct reading *reading = arg;
	const char *start = reading->source->text + reading->at;
	size_t left = reading->source->size - reading->at;
	const char *end = left == 0 ? NULL : memchr(start, '\n', left);
	size_t length = end == NULL ? left : (size_t)(end - start) + 1;

	if (reading->failed || length == 0)
		return NULL;
	reading->at += length;
	reading->line++;
	/* The CR, LF and NUL are what inih leaves room for. */
	if (length + 3 > (size_t)size || memchr(start, '\0', length) != NULL) {
		complain(reading, reading->line,
		    "the line is longer than %d bytes or holds a NUL; what is "
		    "long goes on in the next line, indented",
		    size - 4);
		return NULL;
	}
	memcpy(text, start, length);
	text[length] = '\0';
	reading->indented = *text == ' ' || *text == '\t';
	if (*text == '[')
		begin_section(reading, text + 1, strcspn(text + 1, "]\r\n"));
	return reading->failed ? NULL : text;
}

/* A language is named as in BCP 47: en, pt-BR. */
static bool
is_language(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz");

	if (n != 2 && n != 3)
		return false;
	if (name[n] == '\0')
		return true;
	n++;
	return name[n - 1] == '-' && name[n] != '\0' &&
	    name[n +
		strspn(name + n,
		    "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == '\0';
}

/* Where the key's value is kept; NULL when it is a language nobody wants. */
static char **
find_slot(const struct reading *reading, struct sentence *sentence,
    const char *name)
{
	if (strcmp(name, "reply") == 0)
		return &sentence->reply;
	if (strcmp(name, "typed") == 0)
		return &sentence->typed;
	if (strcmp(name, reading->language) == 0)
		return &sentence->text;
	if (strcmp(name, "en") == 0)
		return &sentence->english;
	return NULL;
}

/* inih's handler: one key, or one line more of its value. */
static int
take_key(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *reading = arg;
	struct sentence *sentence = last_of(reading->to);
	char **slot;
	char *longer;

	(void)section;
	if (sentence == NULL) {
		complain(reading, reading->line, "%s stands before a [section]",
		    log_safe(name));
		return 0;
	}
	slot = find_slot(reading, sentence, name);
	if (slot == NULL && !is_language(name))
		complain(reading, reading->line,
		    "%s is neither reply nor typed nor a language such as es",
		    log_safe(name));
	if (slot != NULL && *slot == NULL) {
		*slot = xstrdup(value);
	} else if (slot != NULL && reading->indented) {
		longer = xasprintf("%s%s%s", *slot, **slot == '\0' ? "" : " ",
		    value);
		free(*slot);
		*slot = longer;
	} else if (slot != NULL) {
		complain(reading, reading->line,
		    "[%s] has %s twice; a value that goes on is indented",
		    log_safe(sentence->name), log_safe(name));
	}
	return reading->failed ? 0 : 1;
}

/* The library's settings are global, and those of postlab.conf are others. */
static int
parse(struct reading *reading)
{
	const bool multiline = ini_allow_multiline;
	const bool comments = ini_allow_inline_comments;
	const bool stop = ini_stop_on_first_error;
	int rc;

	ini_allow_multiline = true;
	ini_allow_inline_comments = false; /* a sentence may hold " ;" */
	ini_stop_on_first_error = true;
	rc = ini_parse_stream(read_line, reading, take_key, reading);
	ini_allow_multiline = multiline;
	ini_allow_inline_comments = comments;
	ini_stop_on_first_error = stop;
	return rc;
}

bool
sentences_read(struct sentences *sentences,
    const struct sentences_source *source, const char *language,
    struct buf *why)
{
	struct reading reading = {
		.to = sentences,
		.source = source,
		.language = language,
		.why = why,
	};
	int rc;

	*sentences = (struct sentences){ .all = NULL };
	rc = parse(&reading);
	if (rc != 0)
		complain(&reading, rc > 0 ? rc : reading.line,
		    "neither [section] nor key = value");
	finish_section(&reading);
	if (reading.failed)
		sentences_clear(sentences);
	return !reading.failed;
}

static bool
matches(const char *pattern, const char *text)
{
	return pattern == NULL ||
	    fnmatch(pattern, text, FNM_CASEFOLD | FNM_EXTMATCH) == 0;
}

const struct sentence *
sentences_find(const struct sentences *sentences, const char *reply,
    const char *typed)
{
	for (size_t i = 0; i < sentences->count; i++) {
		const struct sentence *sentence = &sentences->all[i];

		if ((sentence->text != NULL || sentence->english != NULL) &&
		    matches(sentence->reply, reply) &&
		    matches(sentence->typed, typed))
			return sentence;
	}
	return NULL;
}

void
sentences_clear(struct sentences *sentences)
{
	for (size_t i = 0; i < sentences->count; i++) {
		struct sentence *sentence = &sentences->all[i];

		free(sentence->name);
		free(sentence->reply);
		free(sentence->typed);
		free(sentence->text);
		free(sentence->english);
	}
	free(sentences->all);
	*sentences = (struct sentences){ .all = NULL };
}
