/*
 * envelope.h - a message's envelope, its header, and where they differ.
 *
 * The envelope (RFC 5321 2.3.1) is what servers go by, the header what people
 * read; nothing makes them agree.
 */
#ifndef MUA_ENVELOPE_H
#define MUA_ENVELOPE_H

#include "maildir/addresses.h"
#include "mua/journey.h"
#include "mua/lines.h"
#include "mua/windows.h"

/* Fields of the header that name persons. */
enum person {
	PERSON_FROM,
	PERSON_SENDER,
	PERSON_REPLY_TO,
	PERSON_TO,
	PERSON_CC,
	PERSON_COUNT,
};

/* Strings are never NULL. */
struct envelope {
	bool from_index; /* else from what delivery wrote on top */
	bool sender_known;
	bool recipient_known;
	char *sender;    /* MAIL FROM, "" for <> */
	char *recipient; /* RCPT TO */
	char *delivered; /* Delivered-To, or "" */
	char *helo, *peer, *login, *protocol, *tls, *queue_id;
	struct addresses persons[PERSON_COUNT];
	struct journey journey;
};

extern const char *const envelope_person_names[PERSON_COUNT];

void envelope_read(const struct subject *subject, struct envelope *out);
void envelope_clear(struct envelope *envelope);

/* Whether the envelope's sender, or recipient, is nowhere in the header. */
bool envelope_sender_differs(const struct envelope *envelope);
bool envelope_recipient_differs(const struct envelope *envelope);

/* Appends what differs, and what it means, a paragraph each. */
void envelope_explain(const struct envelope *envelope, struct lines *lines);

#endif
