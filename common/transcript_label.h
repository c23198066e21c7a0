/*
 * transcript_label.h - what a line of the evidence is called in its columns.
 */
#ifndef COMMON_TRANSCRIPT_LABEL_H
#define COMMON_TRANSCRIPT_LABEL_H

#include <stddef.h>

enum { LABEL_VERB_SIZE = 24 };

/* Of enum evidence_line: "command", "auth", "reply". */
const char *label_kind(unsigned line);

/* Of enum evidence_flaw; "" for none. */
const char *label_flaw(unsigned flaw);

/* The command's name in capitals, "" where there is none. */
void label_verb(const char *text, size_t size, char verb[LABEL_VERB_SIZE]);

/* The number a reply begins with, 0 for none. */
int label_code(const char *text, size_t size);

#endif
