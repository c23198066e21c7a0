/*
 * queue_choice.h - which queued messages the operator means: an id, or all that
 * fit what he said.
 */
#ifndef ADMIN_QUEUE_CHOICE_H
#define ADMIN_QUEUE_CHOICE_H

#include "smtpd/queue.h"

#include <stdbool.h>

/* NULL: not said.  They are the command line's own. */
struct queue_choice {
	const char *id;
	const char *sender; /* "<>" and "" are the null reverse-path */
	const char *recipient;
	const char *domain; /* of a recipient */
	bool all;           /* the word was said */
	bool json;          /* --json */
};

/*
 * Reads what follows the verb in argv[0]: ID or "all", --sender ADDRESS,
 * --recipient ADDRESS, --domain DOMAIN, --json.  False when it is none of that,
 * an id and something else, or the same twice.  The id may be none.
 */
bool queue_choice_read(int argc, char **argv, struct queue_choice *choice_out);

/* Whether anything was said about which messages. */
bool queue_choice_is_made(const struct queue_choice *choice);

/* Whether the envelope fits; what cannot be read fits "all" alone. */
bool queue_choice_fits(const struct queue_choice *choice,
    const struct queue_entry *entry, bool readable);

/* The ids that fit, in the order of their arrival; free them. */
struct queue_ids {
	char (*ids)[QUEUE_ID_SIZE];
	size_t count;
};
int queue_choice_find(const struct queue_choice *choice, int queue,
    struct queue_ids *ids_out);

#endif
