/*
 * dns_compare.h - what the resolver says of a record that should be there.
 */
#ifndef ADMIN_DNS_COMPARE_H
#define ADMIN_DNS_COMPARE_H

#include "admin/dns_wanted.h"
#include "common/buf.h"
#include "common/dns_ask.h"

enum comparison {
	COMPARED_OK,
	COMPARED_OTHER,   /* another one, which may do as well */
	COMPARED_DIFFERS, /* another one, which is wrong */
	COMPARED_ABSENT,
	COMPARED_UNANSWERED, /* nobody knows */
};

/* The question to be asked about WANTED, by dns_ask(). */
struct dns_question dns_compare_question(const struct wanted *wanted);

/*
 * What its answer means.  What is there is appended to INSTEAD, safe to be
 * shown.
 */
enum comparison dns_compare(const struct wanted *wanted,
    const struct dns_question *answered, struct buf *instead);

#endif
