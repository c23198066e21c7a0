/*
 * explain.c - the second line of a refusal.
 *
 * RFC 5321 4.2 has replies in ASCII.  A sentence goes out as its file has it,
 * in UTF-8: docs/DEVIATIONS.md tells why.
 */
#include "common/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/sentences.h"

enum {
	FILE_MAX = 1 << 20,
	TYPED_MAX = 200, /* what is looked at: patterns cost time */
	STATUS_MAX = 9,  /* 5.123.123 */
};

/* The teacher's come first; read once, before there are workers. */
static struct sentences own;
static struct sentences built_in;
/* The language they are in, and the teacher's file, for another one. */
static char *spoken;
static struct buf own_text = BUF_INIT;

/* FILE, all of it.  False with the reason in WHY. */
static bool
read_file(const char *file, struct buf *text, struct buf *why)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int rc = fd == -1 ? -1 : buf_read(text, fd, FILE_MAX);

	if (rc == -1)
		buf_printf(why, "%s: %s", file, strerror(errno));
	else if (rc == 1)
		buf_printf(why, "%s: more than a mebibyte", file);
	if (fd != -1)
		close(fd);
	return rc == 0;
}

/* Without an explain_file it is empty, and true.  TEXT is what was read. */
static bool
read_own(const struct config *config, struct buf *text, struct sentences *to,
    struct buf *why)
{
	struct sentences_source source = { .name = config->explain_file };

	*to = (struct sentences){ .all = NULL };
	if (*config->explain_file == '\0')
		return true;
	if (!read_file(config->explain_file, text, why))
		return false;
	source.text = text->data;
	source.size = text->size;
	return sentences_read(to, &source, config->language, why);
}

static void
read_built_in(const char *language, struct sentences *to)
{
	const struct sentences_source source = sentences_built_in();
	struct buf why = BUF_INIT;

	if (!sentences_read(to, &source, language, &why))
		panic("%s", why.data);
}

static bool
is_wanted(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++)
		if (config->listeners[i].explain)
			return true;
	return false;
}

static void
load(const struct config *config)
{
	struct buf why = BUF_INIT;

	spoken = xstrdup(config->language);
	read_built_in(spoken, &built_in);
	if (!read_own(config, &own_text, &own, &why))
		log_failure("%s; the built-in sentences serve alone", why.data);
	else if (!own.has_language && !built_in.has_language)
		log_event(LOG_WARN, "no-language", "language=%s what=%s",
		    log_safe(config->language),
		    log_safe("no sentence is in it; English serves"));
	buf_clear(&why);
}

void
explain_configure(const struct config *config)
{
	sentences_clear(&own);
	sentences_clear(&built_in);
	buf_clear(&own_text);
	free(spoken);
	spoken = NULL;
	if (is_wanted(config))
		load(config);
}

void
explain_speak(const char *language)
{
	const struct sentences_source source = {
		.name = "explain_file",
		.text = own_text.data,
		.size = own_text.size,
	};
	struct buf why = BUF_INIT;
	bool has_own = own.count > 0;

	if (spoken == NULL || strcmp(spoken, language) == 0)
		return;
	free(spoken);
	spoken = xstrdup(language);
	sentences_clear(&own);
	sentences_clear(&built_in);
	read_built_in(spoken, &built_in);
	/* It was without a mistake in the other language, or is not used. */
	if (has_own)
		(void)sentences_read(&own, &source, spoken, &why);
	buf_clear(&why);
}

int
explain_check(const struct config *config, FILE *to)
{
	struct sentences ours;
	struct sentences theirs;
	struct buf text = BUF_INIT;
	struct buf why = BUF_INIT;
	bool good = read_own(config, &text, &theirs, &why);
	bool known;

	read_built_in(config->language, &ours);
	known = ours.has_language || theirs.has_language;
	if (!good)
		fprintf(to, "%s; the built-in sentences serve alone\n",
		    why.data);
	if (!known)
		fprintf(to,
		    "[server] language = %s: no sentence is in it; English "
		    "serves\n",
		    log_safe(config->language));
	sentences_clear(&ours);
	sentences_clear(&theirs);
	buf_clear(&text);
	buf_clear(&why);
	return !good + !known;
}

/* "5.5.1 ", which each line of a reply repeats (RFC 2034 4); or nothing. */
static size_t
status_length(const char *text)
{
	size_t length = strspn(text, "0123456789.");

	return length > 0 && length <= STATUS_MAX && text[length] == ' '
	    ? length + 1
	    : 0;
}

static const struct sentence *
find(const char *said, const char *typed)
{
	const struct sentence *sentence = sentences_find(&own, said, typed);

	return sentence != NULL ? sentence
				: sentences_find(&built_in, said, typed);
}

static const char *
words_of(const struct sentence *sentence)
{
	return sentence->text != NULL ? sentence->text : sentence->english;
}

bool
explain_show(const struct config *config, const char *said, const char *typed,
    FILE *to)
{
	const struct sentence *sentence;

	load(config);
	sentence = find(said, typed);
	if (sentence != NULL)
		fprintf(to, "[%s] %s\n", sentence->name, words_of(sentence));
	return sentence != NULL;
}

const char *
explain_words(const char *said, const char *typed)
{
	const struct sentence *sentence;
	char *line = xasprintf("%.*s", TYPED_MAX, typed);

	for (size_t n = strlen(line); n > 0 && line[n - 1] == ' '; n--)
		line[n - 1] = '\0';
	sentence = find(said, line);
	free(line);
	return sentence == NULL ? NULL : words_of(sentence);
}

struct reply
explain(const struct reply *r, const char *typed)
{
	const char *more;
	char *said;

	if (r->code < 400 || strchr(r->text, '\n') != NULL)
		return *r;
	said = xasprintf("%d %s", r->code, r->text);
	more = explain_words(said, typed);
	free(said);
	if (more == NULL)
		return *r;
	return reply(r->code, "%s\n%.*s%s", r->text,
	    (int)status_length(r->text), r->text, more);
}
