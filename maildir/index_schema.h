/*
 * index_schema.h - the tables of a cache in a Maildir, and whose file it is.
 */
#ifndef MAILDIR_INDEX_SCHEMA_H
#define MAILDIR_INDEX_SCHEMA_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A kind of file. */
struct index_schema {
	const char *file;
	uint32_t application; /* its application_id */
	/* migrations[N] brings version N to version N + 1. */
	const char *const *migrations;
	size_t version;
	const char *pragmas; /* for each connection, before there is a log */
	/* Whole after a power cut; and only what messages tell is in it. */
	bool flushed;
};
extern const struct index_schema index_mail_schema;
extern const struct index_schema index_text_schema;

enum index_verdict {
	INDEX_GOOD,
	INDEX_BAD,      /* broken or not ours: to be set aside */
	INDEX_BUILD,    /* to be made or changed: by one process at a time */
	INDEX_MOVED,    /* the log beside it may be that of another */
	INDEX_NEWER,    /* of a later version: left alone; logged */
	INDEX_UNUSABLE, /* locked, full disk ...; the caller logs */
};

/*
 * Reads all of the file DB has opened and changes nothing.  In *FAULT_OUT what
 * is wrong with it, words like "it is damaged" (static); NULL when it is good.
 */
enum index_verdict index_schema_examine(sqlite3 *db,
    const struct index_schema *schema, const char **fault_out);

/* What the caller knows of others, and of what lies beside the file. */
enum index_access {
	INDEX_SHARED,  /* others may be opening it */
	INDEX_ALONE,   /* nobody opens it now: the lock of tmp/ is exclusive */
	INDEX_CLEARED, /* and there was no log beside it */
};

/*
 * Looks at the file DB has opened in the Maildir ROOT; makes the tables in an
 * empty one, brings an older version up to ours, of which a copy is kept, and
 * examines one that was last used before the machine was started, or in another
 * place.  INDEX_BUILD when it cannot do so with this ACCESS.
 */
enum index_verdict index_schema_prepare(sqlite3 *db,
    const struct index_schema *schema, int root, enum index_access access);

#endif
