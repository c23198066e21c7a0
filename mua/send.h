/*
 * send.h - from the screen into the outbox, and out of it.
 */
#ifndef MUA_SEND_H
#define MUA_SEND_H

#include "mua/draft.h"
#include "mua/ui.h"

struct account;
struct send_order;

/*
 * For sending by ACCOUNT (NULL: complains): asks for the password where one is
 * wanted.  NULL when that did not work; it is said why.
 */
struct send_order *send_prepare(struct ui *ui, struct account *account);
void send_forget(struct send_order *order);
struct account *send_account(const struct send_order *order);

/* Puts the letter into the account's outbox, durably; send_start sends it. */
bool send_post(struct send_order *order, const struct draft *draft, char *why,
    size_t size);

/* The same for the message in FD, passed on to PEOPLE as it is. */
bool send_post_again(struct send_order *order, int fd, const char *from,
    const struct people *people, char *why, size_t size);

/* Sends the item NAME, too, that lies in the outbox; without any: all. */
void send_choose(struct send_order *order, const char *name);

/* Starts the work, beside the screen.  Takes over ORDER. */
void send_start(struct ui *ui, struct send_order *order);

/*
 * At the start: asks whether to send now what waits in the outboxes of all
 * accounts.
 */
void send_ask(struct ui *ui);

#endif
