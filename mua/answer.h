/*
 * answer.h - a draft that answers a message, or passes it on.
 */
#ifndef MUA_ANSWER_H
#define MUA_ANSWER_H

#include "mua/draft.h"

struct message;

/* Who writes. */
struct writer {
	const char *from;         /* "Bob Builder <bob@campus.example>" */
	const struct people *own; /* all addresses of that person */
	const char *signature;    /* text, or "" */
	const char *account;      /* its name, or "" */
};

/* An empty letter with From and signature. */
struct draft *answer_new(const struct writer *writer);

enum answer_to {
	ANSWER_SENDER, /* Reply-To, or From */
	ANSWER_ALL,    /* and To and Cc; or Mail-Followup-To alone */
	ANSWER_LIST,   /* List-Post (RFC 2369) alone */
};

/*
 * A reply with the text quoted, In-Reply-To and References by RFC 5322 3.6.4.
 * Own addresses are left out, unless nobody would be left; who answers what he
 * has sent himself goes on with those he wrote to.
 */
struct draft *answer_reply(struct message *message, enum answer_to to,
    const struct writer *writer);

/*
 * The same for several: a draft to which messages are added, one at a time, and
 * at the end the signature.  It goes to all of their people, answers and quotes
 * all of them, and has the subject of the first.
 */
struct draft *answer_start(const struct writer *writer);
void answer_add(struct draft *draft, struct message *message, enum answer_to to,
    const struct writer *writer);
void answer_sign(struct draft *draft, const struct writer *writer);

/* Whether ANSWER_LIST has somewhere to go. */
bool answer_has_list(struct message *message);

/*
 * Passes it on: ATTACHED as a message of its own, exactly as stored, else as
 * text, with its attachments.  No recipient yet.
 */
struct draft *answer_forward(struct message *message, bool attached,
    const struct writer *writer);

/*
 * The same for one more in DRAFT, which answer_new() has made.  False when not
 * all that belongs to it could be attached (errno).
 */
bool answer_forward_add(struct draft *draft, struct message *message,
    bool attached);

/*
 * The same letter once more, to be changed and sent as a new one: also what
 * Drafts are read with.  Everything its header and parts say is taken over, but
 * what only an envelope or a server can say.  Identifiers of what it answers
 * stay, and so does From where there is one.
 */
struct draft *answer_again(struct message *message,
    const struct writer *writer);

/* "Re: " before SUBJECT without such beginnings, whatever the language. */
void answer_subject(const char *subject, struct buf *to);

#endif
