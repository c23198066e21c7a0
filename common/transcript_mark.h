/*
 * transcript_mark.h - which of the client's lines a line of the server answers.
 *
 * A session writes its answer before it takes the next line.  So a mark is set
 * at each line taken, with the place in the output where what follows begins;
 * when that output leaves, maybe many answers in one packet, the mark is found
 * by the place.
 */
#ifndef COMMON_TRANSCRIPT_MARK_H
#define COMMON_TRANSCRIPT_MARK_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mark {
	uint64_t at;   /* from this byte of the output on */
	uint32_t line; /* is answered */
	bool secret;   /* within the dialog of AUTH */
	bool masked;   /* something of that line was */
};

/* In order; begin with BUF_INIT in it. */
struct mark_list {
	struct buf marks;
};

void mark_add(struct mark_list *list, const struct mark *mark);

/* The one that holds at byte AT; all zero before the first.  AT only grows. */
struct mark mark_find(struct mark_list *list, uint64_t at);

void mark_clear(struct mark_list *list);

#endif
