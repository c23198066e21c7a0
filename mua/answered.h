/*
 * answered.h - the mark on messages that were answered.
 */
#ifndef MUA_ANSWERED_H
#define MUA_ANSWERED_H

struct draft;
struct ui;

/*
 * DRAFT has left: what it answers is marked as replied to, and so as read.  It
 * is looked for in the open mailbox, and, as a draft may be taken up anywhere,
 * in that of the account that sends it.
 */
void answered_mark(struct ui *ui, const struct draft *draft);

#endif
