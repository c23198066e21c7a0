/*
 * question.h - an address, and all that the rules of policy.c look at.
 */
#ifndef SMTPD_QUESTION_H
#define SMTPD_QUESTION_H

#include "common/address.h"
#include "common/directory.h"
#include "smtpd/policy.h"

#include <stdbool.h>
#include <stddef.h>

/* Where an address leads. */
struct final {
	struct address address;
	bool local; /* it is served here */
};

struct question {
	const struct policy *policy;
	const struct address *address;
	size_t count;       /* recipients before this one */
	enum lookup domain; /* ours? */
	enum lookup name;   /* somebody of that name? */
	bool own;           /* it leads to the client's own mailbox */
	bool same;          /* it is the client's own, without any detour */
	struct final *finals;
	size_t final_count;
};

/* The facts that need no look-up; the rest is LOOKUP_NO. */
struct question question_begin(const struct policy *policy,
    const struct address *address, size_t count);

/* Looks the address up. */
void question_look_up(struct question *q);

void question_clear(struct question *q);

#endif
