/*
 * transcript_source.h - the helper's end of one session's connection.
 *
 * The other end is a session worker, which a client may have taken over: it
 * can say anything about sessions of its own, and nothing about another's.
 * What it says is bounded in size, here and in all.
 */
#ifndef COMMON_TRANSCRIPT_SOURCE_H
#define COMMON_TRANSCRIPT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source;
struct store;

/* Takes over FD. */
struct source *source_open(int fd);
int source_fd(const struct source *source);

enum source_read {
	SOURCE_STORED, /* one record */
	SOURCE_EMPTY,  /* nothing there now */
	SOURCE_OVER,   /* the session is over, or the connection: close it */
	SOURCE_FAILED, /* the store failed: roll back */
};

/* Reads one record and stores it, within a transaction. */
enum source_read source_read(struct source *source, struct store *store);

/*
 * The connection is over: stores what is left to say of it, within a
 * transaction.  0, or -1 when the store failed.
 */
int source_finish(struct source *source, struct store *store);

/* The helper ends, the session does not: stores what is in memory. */
int source_set_aside(struct source *source, struct store *store);

/* What it has stored is there for good, or was rolled back. */
void source_committed(struct source *source);
void source_rolled_back(struct source *source);

void source_close(struct source *source);

#endif
