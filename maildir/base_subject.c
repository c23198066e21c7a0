/*
 * base_subject.c - what a subject is without "Re:" and the like (RFC 5256 2.1).
 *
 *   subj-refwd   = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
 *   subj-blob    = "[" *BLOBCHAR "]" *WSP
 *   subj-leader  = (*subj-blob subj-refwd) / WSP
 *   subj-trailer = "(fwd)" / WSP
 *
 * and the words for "re" that programs write in other languages.
 */
#include "maildir/base_subject.h"

#include <string.h>
#include <strings.h>

#include "common/mem.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

/* Behind a subj-blob at AT, or AT. */
static const char *
skip_blob(const char *at, const char *end)
{
	const char *begin = at;

	if (at == end || *at != '[')
		return begin;
	for (at++; at < end && *at != ']'; at++)
		if (*at == '[')
			return begin;
	return at == end ? begin : skip_blanks(at + 1, end);
}

/* Behind a subj-refwd at AT, or NULL. */
static const char *
skip_refwd(const char *at, const char *end)
{
	static const char *const words[] = { "re", "fwd", "fw", "aw", "wg",
		"sv", "vs", "vb", "antw", "tr", "rv", "rif", "odp", "ynt" };

	for (size_t i = 0; i < COUNT(words); i++) {
		size_t length = strlen(words[i]);
		const char *behind;

		if ((size_t)(end - at) < length ||
		    strncasecmp(at, words[i], length) != 0)
			continue;
		behind = skip_blanks(at + length, end);
		behind = skip_blob(behind, end);
		if (behind < end && *behind == ':')
			return behind + 1;
	}
	return NULL;
}

/* Behind a subj-leader with a word at AT, or NULL. */
static const char *
skip_leader(const char *at, const char *end)
{
	for (;;) {
		const char *behind = skip_refwd(at, end);
		const char *blob;

		if (behind != NULL)
			return behind;
		blob = skip_blob(at, end);
		if (blob == at)
			return NULL;
		at = blob;
	}
}

static bool
ends_with(const char *begin, const char *end, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(end - begin) >= length &&
	    strncasecmp(end - length, word, length) == 0;
}

/* Steps 2 to 5: takes away what is before and behind. */
static void
strip(const char **begin, const char **end, bool *reply)
{
	const char *before;

	do {
		const char *leader;
		const char *blob;

		before = *begin;
		*begin = skip_blanks(*begin, *end);
		leader = skip_leader(*begin, *end);
		blob = skip_blob(*begin, *end);
		if (leader != NULL) {
			*begin = leader;
			*reply = true;
		} else if (blob < *end) {
			*begin = blob;
		}
	} while (*begin != before);
	for (;;) {
		if (*end > *begin && is_blank((*end)[-1])) {
			--*end;
		} else if (ends_with(*begin, *end, "(fwd)")) {
			*end -= strlen("(fwd)");
			*reply = true;
		} else {
			return;
		}
	}
}

struct base_subject
base_subject_of(const char *subject)
{
	static const char fwd[] = "[fwd:";
	const char *begin = subject;
	const char *end = subject + strlen(subject);
	bool reply = false;

	strip(&begin, &end, &reply);
	/* Step 6: the whole in brackets. */
	while (end - begin > (ptrdiff_t)strlen(fwd) && end[-1] == ']' &&
	    strncasecmp(begin, fwd, strlen(fwd)) == 0) {
		begin += strlen(fwd);
		end--;
		reply = true;
		strip(&begin, &end, &reply);
	}
	return (struct base_subject){ begin, (size_t)(end - begin), reply };
}
