/*
 * dns_ask.h - questions to DNS and their answers, of any type of record.
 *
 * dns.h and dns_records.h have what mail asks for.  This is below them.
 */
#ifndef COMMON_DNS_ASK_H
#define COMMON_DNS_ASK_H

#include "common/buf.h"
#include "common/dns.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Set name and type, zero the rest.  An answer that came behind a CNAME has
 * the records of the name it led to.
 */
struct dns_question {
	const char *name;
	int type; /* enum dns_type, or any other */

	enum dns_found found;
	bool secure;     /* DNSSEC has proved it, be it that there are none */
	char *canonical; /* the name of the records; NULL unless DNS_YES */
	struct buf records;
	/* Private. */
	int *waiting;
	int id;
};

/*
 * Asks all of them at once and waits, at most for [dns] timeout: what has no
 * answer then is DNS_LATER.  Names are asked for whatever they are made of; the
 * hosts file is not asked.
 */
void dns_ask(struct dns *dns, struct dns_question *questions, size_t count);

/*
 * The data of the next record, uncompressed, and its SIZE.  *CURSOR begins at
 * 0.  NULL behind the last.
 */
const unsigned char *dns_next_record(const struct dns_question *question,
    size_t *cursor, size_t *size);

void dns_question_clear(struct dns_question *question);

#endif
