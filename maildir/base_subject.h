/*
 * base_subject.h - what a subject is without "Re:" and the like (RFC 5256 2.1).
 */
#ifndef MAILDIR_BASE_SUBJECT_H
#define MAILDIR_BASE_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

struct base_subject {
	const char *text; /* within the subject given */
	size_t size;
	bool reply; /* "Re:", "Fwd:", "(fwd)" ... was there */
};

/*
 * The base subject of a decoded SUBJECT: without prefixes, also those of other
 * languages (AW, SV ...), without [lists] and (fwd).
 */
struct base_subject base_subject_of(const char *subject);

#endif
