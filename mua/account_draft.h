/*
 * account_draft.h - an account while it is filled in: texts of fields, guesses,
 * and what is wrong with them.  The form shows it (account_form.c).
 */
#ifndef MUA_ACCOUNT_DRAFT_H
#define MUA_ACCOUNT_DRAFT_H

#include "mua/account.h"

#include <stdbool.h>

enum draft_kind { DRAFT_TEXT, DRAFT_CHOICE };

struct draft_field {
	const char *key;   /* in mua.conf; "" for the account's own name */
	const char *label; /* at most 16 columns */
	const char *hint;  /* a short sentence */
	enum draft_kind kind;
};

enum { DRAFT_FIELDS = 16 };
extern const struct draft_field draft_fields[DRAFT_FIELDS];

struct draft {
	char *old_name; /* in mua.conf; NULL: a new account */
	struct buf texts[DRAFT_FIELDS];
	bool touched[DRAFT_FIELDS]; /* by the person: no guess replaces it */
};

/* From ACCOUNT, or with NULL for a new one with the person's name. */
void draft_init(struct draft *draft, const struct account *account);
void draft_clear(struct draft *draft);

/* The index of KEY's field. */
size_t draft_field(const char *key);

/* For after the address: fills in what was not touched. */
void draft_guess(struct draft *draft);

/* The next choice of field I, by STEPS; the port follows a change of TLS. */
void draft_turn(struct draft *draft, size_t i, int steps);

/*
 * Makes ACCOUNT, which is cleared as usual, out of it.  -1; or the index of
 * the first field that is wrong, with a sentence in WHY.
 */
int draft_finish(const struct draft *draft, struct account *account_out,
    char *why, size_t size);

#endif
