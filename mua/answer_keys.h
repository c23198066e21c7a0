/*
 * answer_keys.h - the keys that answer messages or pass them on, and what they
 * share with others that begin letters.
 *
 * Behind ";" they are for all that are tagged, as in mutt: one reply to all of
 * them, one letter with all of them in it.
 */
#ifndef MUA_ANSWER_KEYS_H
#define MUA_ANSWER_KEYS_H

#include "mua/answer.h"
#include "mua/ui.h"

struct account;

extern const struct key_table answer_keys;

/* The precondition: there is a message. */
const char *answer_needs_message(struct view *view);

/* The account that MESSAGE (may be NULL) was sent to, or else the mailbox's. */
struct account *answer_account(struct ui *ui, struct message *message);

/* Asks for people, with the address book; false: given up. */
bool answer_ask_people(struct ui *ui, const char *question, struct buf *answer);

#endif
