/*
 * trace_message.h - what is known of the life of messages on one host.
 *
 * Three witnesses: the log (log_files.h) says what happened and when; the
 * indexes of the mailboxes keep the envelope of what is still there, also when
 * the log is gone; the queue says what is to happen.  trace_find.h asks them
 * which messages are meant, trace_collect.h all about these; trace_text.h and
 * trace_json.h show it.
 *
 * Everything in here may be foreign bytes: it is escaped when it is shown.
 * Times are milliseconds since 1970.
 */
#ifndef ADMIN_TRACE_MESSAGE_H
#define ADMIN_TRACE_MESSAGE_H

#include "admin/log_files.h"
#include "maildir/listing.h"
#include "smtpd/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line of the log. */
struct trace_event {
	int64_t when;
	size_t order; /* in which it was read */
	char *line;
	char file[LISTING_UIDL_SIZE]; /* of which copy it speaks, or "" */
};

enum trace_place {
	PLACE_UNKNOWN,
	PLACE_NEW,
	PLACE_CUR,
	PLACE_GONE,
	PLACE_ELSEWHERE, /* another host's mailbox, which is not looked into */
};

/* A message in a mailbox, or once there. */
struct trace_copy {
	char *folder; /* mail/DOMAIN/USER */
	char *name;   /* of the file as it is now, "" unless PLACE_NEW or CUR */
	char file[LISTING_UIDL_SIZE]; /* its lasting name */
	enum trace_place place;
};

/* A recipient and the last word about it. */
struct trace_recipient {
	char *address;
	char *typed;   /* in RCPT TO, "" when the same */
	char *outcome; /* the event: "delivered", "relayed", "deferred" */
	char *reply;   /* "250 2.0.0 Saved", or "" */
};

/* What is the same from the beginning to the end. */
enum trace_fact {
	FACT_MESSAGE_ID,
	FACT_FROM, /* <> for the null sender */
	FACT_LOGIN,
	FACT_UID, /* of a client on this machine that has not logged in */
	FACT_PEER,
	FACT_HELO,
	FACT_LISTENER,
	FACT_PROTOCOL,
	FACT_TLS,
	FACT_SIZE,
	FACT_LONG_LINES,
	FACT_ABOUT, /* of a report of ours: the id it is about */
	FACT_COUNT,
};

struct trace_message {
	char id[QUEUE_ID_SIZE];  /* "" where mail came past smtpd */
	int64_t first;           /* when it was first heard of */
	bool arrival_known;      /* the log has the line about its arrival */
	char *facts[FACT_COUNT]; /* "" where it is not known */
	struct trace_event *events;
	size_t event_count;
	struct trace_copy *copies;
	size_t copy_count;
	struct trace_recipient *recipients;
	size_t recipient_count;
	bool queued; /* then this is its envelope now */
	struct queue_entry entry;
};

enum trace_wanted { WANTED_ID, WANTED_MESSAGE_ID, WANTED_ADDRESS };

struct trace {
	const char *query;
	enum trace_wanted wanted; /* what it turned out to be */
	size_t limit;             /* messages at most, the newest */
	bool more;                /* there were more, or more events */
	bool elsewhere;           /* another host's: there is but its log */
	struct log_files log;
	struct trace_message *messages; /* by arrival in the end */
	size_t count;
};

void trace_clear(struct trace *trace);

/* No message is meant any more; the log stays open. */
void trace_forget(struct trace *trace);

/*
 * Notes that the message of that id was heard of at WHEN.  Past the limit the
 * oldest one leaves, some time.
 */
void trace_note(struct trace *trace, const char *id, int64_t when);

/* Oldest first; of more than the limit the newest stay. */
void trace_sort(struct trace *trace);

/* The message of that id, or NULL. */
struct trace_message *trace_get(const struct trace *trace, const char *id);

/* One more without an id. */
struct trace_message *trace_add_nameless(struct trace *trace, int64_t when);

/* Makes VALUE the fact, where it says something and nothing is known yet. */
void trace_learn(struct trace_message *message, enum trace_fact fact,
    const char *value);

/* A copy in FOLDER whose file is called FILE for ever; made when it is new. */
void trace_add_copy(struct trace_message *message, const char *folder,
    const char *file);

/* What is known of its address from now on; "" where that is nothing new. */
struct trace_news {
	const char *address, *typed, *outcome, *reply;
};
void trace_decide(struct trace_message *message, const struct trace_news *news);

/* One more line; false when there are too many. */
bool trace_add_event(struct trace_message *message,
    const struct trace_event *event);

#endif
