/*
 * submit_letter.h - one letter as an SMTP transaction.
 */
#ifndef MUA_SUBMIT_LETTER_H
#define MUA_SUBMIT_LETTER_H

#include "common/smtp_client.h"
#include "mua/outbox.h"

struct submit_session;

struct submit_letter {
	int fd; /* the message alone, from offset 0 */
	struct smtp_recipient *recipients;
	size_t count;
	char *parameters; /* of MAIL */
	bool eight_bit;   /* its body needs 8BITMIME */
	bool utf8;        /* its header or an address needs SMTPUTF8 */
	bool doubtful;    /* nobody knows whether the server has taken it */
};

/*
 * Makes LETTER of ITEM, whose message follows in FD.  0, or -1 with errno;
 * close it in either case.
 */
int submit_letter_open(struct submit_letter *letter, const struct maildir *box,
    const struct outbox_item *item, int fd);
void submit_letter_close(struct submit_letter *letter);

/*
 * The transaction.  Every recipient has its reply then; doubtful is set when
 * the server's last word was lost.
 */
void submit_letter_send(struct submit_letter *letter,
    struct submit_session *session, const struct outbox_item *item);

#endif
