/*
 * ini_file.h - an INI file read by inih, and what is wrong with it in words.
 *
 * inih tells neither in which line a key stands nor that a section begins; who
 * complains of mistakes needs both.  The first mistake counts: later ones are
 * often its consequence, and nothing more is read.
 */
#ifndef COMMON_INI_FILE_H
#define COMMON_INI_FILE_H

#include "common/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ini_file {
	FILE *file;
	const char *name; /* for what is said of it */
	char *why;        /* gets the mistake: "NAME:LINE: sentence" */
	size_t why_size;
	/* A [section] begins, before any of its keys. */
	void (*section)(void *arg, const char *name);
	/* A key; as inih's handler: 0 when something is wrong, else 1. */
	int (*key)(void *arg, const char *section, const char *name,
	    const char *value);
	void *arg;
	int line;    /* the one that is read, from 1 */
	bool failed; /* why is set */
};

/* Keeps the mistake in LINE, 0 for none, if it is the first one. */
void ini_file_complain(struct ini_file *ini, int line, const char *fmt, ...)
    PRINTF(3, 4);

/* Reads all of it, or up to the first mistake. */
void ini_file_parse(struct ini_file *ini);

#endif
