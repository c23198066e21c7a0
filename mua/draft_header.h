/*
 * draft_header.h - what the header of a draft says and that of no letter does:
 *
 *	X-Mua-Report: yes
 *	X-Mua-Answers: 1795317197.M1P1.desk:2,S 1795320797.M1P1.desk
 *	X-Mua-Draft: 1795317300.M2P1.desk
 *	X-Mua-Unfinished: mua-unfinished-1795317300-71-0-0f3b...
 *
 * that a report is wanted, which messages it answers, and, of a letter that is
 * being written (unfinished.h), which draft it will replace; of a draft that
 * was saved, which such file it was meanwhile: if that is still there whoever
 * saved it was killed before he could remove it.  File names are xtext (RFC
 * 3461 4), so whatever is in one, it is a word of a field.
 */
#ifndef MUA_DRAFT_HEADER_H
#define MUA_DRAFT_HEADER_H

#include <gmime/gmime.h>

#include "mua/draft.h"

/* Who sends a message on as it is leaves them out (post.c). */
#define DRAFT_HEADER_REPORT "X-Mua-Report"
#define DRAFT_HEADER_ANSWERS "X-Mua-Answers"
#define DRAFT_HEADER_DRAFT "X-Mua-Draft"
#define DRAFT_HEADER_UNFINISHED "X-Mua-Unfinished"

/* Puts the fields; of the last two with UNFINISHED the first, else the other.
 */
void draft_header_put(const struct draft *draft, bool unfinished,
    GMimeMessage *to);

/* Takes the first two out of HEADER, raw text, into DRAFT. */
void draft_header_take(const char *header, struct draft *draft);

/*
 * What the field FIELD_NAME, one of the last two, names in SIZE bytes of
 * HEADER; NULL.  The caller frees.
 */
char *draft_header_name(const char *header, size_t size,
    const char *field_name);

#endif
