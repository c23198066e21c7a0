/*
 * subject.h - what a subject is without "Re:" (RFC 5256 2.1).
 */
#ifndef MUA_SUBJECT_H
#define MUA_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct subject_base {
	const char *text; /* in the subject it was taken from */
	size_t size;
	bool answers; /* something that means "in answer to" was taken off */
};

/*
 * Leaves out "Re:", "Aw: ", "Fwd:", "[list]" at the beginning and "(fwd)" at
 * the end, as often as they come.
 */
struct subject_base subject_base(const char *subject);

/* Whether two subjects have the same base, whatever the case of letters. */
bool subject_equal(const char *a, const char *b);

/* A hash of the base, likewise; 0 when nothing is left of it. */
uint64_t subject_hash(const char *subject, bool *answers_out);

#endif
