/*
 * folders.h - where letters are kept: Drafts, the outbox, and the folder with
 * what is the person's own.
 */
#ifndef MUA_FOLDERS_H
#define MUA_FOLDERS_H

struct account;
struct ui;

/*
 * The Maildir for drafts, or the outbox, of ACCOUNT: in its own Maildir, as
 * Maildir++ has it (.Drafts, .Outbox).  Without an account in the MAILBOX that
 * is open, or, when that is NULL, in ~/Mail.  The caller frees it.
 */
char *folders_drafts(const struct account *account, const char *mailbox);
char *folders_outbox(const struct account *account, const char *mailbox);

/* The open mailbox where it is a Maildir, else NULL: for MAILBOX above. */
const char *folders_mailbox(const struct ui *ui);

/* The address book: in the folder of mua.conf.  NULL without a home. */
char *folders_contacts(void);

#endif
