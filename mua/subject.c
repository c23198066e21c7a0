/*
 * subject.c - what a subject is without "Re:" (RFC 5256 2.1).
 *
 *   subj-refwd   = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
 *   subj-blob    = "[" *BLOBCHAR "]" *WSP
 *   subj-leader  = (*subj-blob subj-refwd) / WSP
 *   subj-trailer = "(fwd)" / WSP
 *
 * And beside "re" what others write for it: mutt's reply_regexp knows "aw".
 */
#include "mua/subject.h"

#include "common/mem.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *word;
	bool answers;
} leaders[] = {
	/* clang-format off */
	{ "re",   true },
	{ "aw",   true },
	{ "sv",   true },
	{ "antw", true },
	{ "fwd",  false },
	{ "fw",   false },
	{ "wg",   false },
	/* clang-format on */
};

static size_t
blanks(const char *text)
{
	return strspn(text, " \t");
}

/* The length of a subj-blob at TEXT with the blanks behind it; 0 for none. */
static size_t
blob(const char *text)
{
	size_t size;

	if (*text != '[')
		return 0;
	size = strcspn(text + 1, "[]") + 1;
	if (text[size] != ']')
		return 0;
	size++;
	return size + blanks(text + size);
}

/* The length of a subj-refwd at TEXT; 0 for none. */
static size_t
leader(const char *text, bool *answers)
{
	for (size_t i = 0; i < COUNT(leaders); i++) {
		size_t size = strlen(leaders[i].word);

		if (strncasecmp(text, leaders[i].word, size) != 0)
			continue;
		size += blanks(text + size);
		size += blob(text + size);
		if (text[size] != ':')
			continue;
		*answers |= leaders[i].answers;
		size++;
		return size + blanks(text + size);
	}
	return 0;
}

/* The length of *subj-blob subj-refwd at TEXT; 0 for none. */
static size_t
leader_behind_blobs(const char *text, bool *answers)
{
	size_t at = 0;
	size_t size = blob(text);

	while (size > 0) {
		at += size;
		size = blob(text + at);
	}
	size = leader(text + at, answers);
	return size == 0 ? 0 : at + size;
}

static void
cut_end(struct subject_base *base)
{
	static const char forwarded[] = "(fwd)";
	const size_t length = sizeof(forwarded) - 1;

	for (;;) {
		const char *end = base->text + base->size;

		if (base->size > 0 && (end[-1] == ' ' || end[-1] == '\t'))
			base->size--;
		else if (base->size >= length &&
		    strncasecmp(end - length, forwarded, length) == 0)
			base->size -= length;
		else
			return;
	}
}

struct subject_base
subject_base(const char *subject)
{
	struct subject_base base = { .answers = false };
	size_t size;

	subject += blanks(subject);
	for (;;) {
		size = leader_behind_blobs(subject, &base.answers);
		if (size == 0)
			size = blob(subject);
		/* A blob that is all there is stays (RFC 5256 2.1, step 4). */
		if (size == 0 || subject[size] == '\0')
			break;
		subject += size;
	}
	/* "Re:" alone has an empty base. */
	subject += leader(subject, &base.answers);
	base.text = subject;
	base.size = strlen(subject);
	cut_end(&base);
	return base;
}

bool
subject_equal(const char *a, const char *b)
{
	struct subject_base first = subject_base(a);
	struct subject_base second = subject_base(b);

	return first.size == second.size &&
	    strncasecmp(first.text, second.text, first.size) == 0;
}

/* FNV-1a, as for ids. */
uint64_t
subject_hash(const char *subject, bool *answers_out)
{
	struct subject_base base = subject_base(subject);
	uint64_t hash = 0xcbf29ce484222325;

	*answers_out = base.answers;
	for (size_t i = 0; i < base.size; i++) {
		hash ^= (uint64_t)tolower((unsigned char)base.text[i]);
		hash *= 0x100000001b3;
	}
	return base.size == 0 ? 0 : hash;
}
