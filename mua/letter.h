/*
 * letter.h - the message that a draft becomes, by GMime.
 *
 * Headers by RFC 2047 and 2231, the text us-ascii or utf-8, attachments in the
 * encoding their bytes need.  Nothing in it is longer than 998 octets and all
 * of it is 7 bit, but for a message that is attached as it is and for addresses
 * that need SMTPUTF8.
 */
#ifndef MUA_LETTER_H
#define MUA_LETTER_H

#include "mua/draft.h"

enum letter_use {
	LETTER_SENT, /* leaves the house: without Bcc */
	/* kept to be written on: with Bcc, all that is wrong, draft_header.h */
	LETTER_DRAFT,
	LETTER_UNFINISHED, /* the same while it is being written */
};

/*
 * Writes the message to FD, with LF line ends, and gives its size.  0, or -1
 * with a sentence in WHY.
 */
int letter_write(const struct draft *draft, enum letter_use use, int fd,
    char *why, size_t size);

/*
 * What keeps the draft from being sent, a sentence in WHY: no recipient, no
 * address, an attachment that is gone.  True: nothing.
 */
bool letter_is_ready(const struct draft *draft, char *why, size_t size);

/* The value of a field that names PEOPLE, encoded and folded. */
char *letter_people(const struct people *people);

/*
 * "<20261122021317.Ab12@campus.example>", one that nobody else has; the domain
 * is that of ADDRESS, the host's name would tell where a person sits.
 */
char *letter_new_id(const char *address);

/* The value of a Date field for now, RFC 5322 3.3. */
char *letter_date(void);

#endif
