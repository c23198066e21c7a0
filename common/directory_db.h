/*
 * directory_db.h - the directory's tables and statements.
 *
 * Private to directory*.c.  directory.c looks up, directory_resolve.c follows
 * aliases, directory_edit.c changes and lists.
 */
#ifndef COMMON_DIRECTORY_DB_H
#define COMMON_DIRECTORY_DB_H

#include "common/db.h"
#include "common/directory.h"

/* Every statement, prepared when first needed (directory.c has the SQL). */
enum directory_sql {
	SQL_BEGIN_READ,
	SQL_BEGIN_WRITE,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_FIND_DOMAIN,
	SQL_FIND_MAILBOX,
	SQL_FIND_TARGETS,
	SQL_FIND_DOMAIN_USE,
	SQL_ADD_DOMAIN,
	SQL_DELETE_DOMAIN,
	SQL_DELETE_DOMAIN_ALIASES,
	SQL_ADD_MAILBOX,
	SQL_DELETE_MAILBOX,
	SQL_DELETE_TARGET,
	SQL_SET_DISABLED,
	SQL_SET_QUOTA,
	SQL_ADD_ALIAS,
	SQL_DELETE_ALIAS,
	SQL_LIST_DOMAINS,
	SQL_LIST_MAILBOXES,
	SQL_LIST_ALIASES,
	SQL_COUNT,
};

struct directory {
	sqlite3 *db;
	sqlite3_stmt *statements[SQL_COUNT];
};

/* An address as the tables have it: all in lower case. */
struct directory_name {
	char local[LOCAL_PART_MAX + 1];
	char domain[DOMAIN_MAX + 1];
};
void directory_lower(const struct address *address,
    struct directory_name *name_out);

/*
 * The statement, ready to step, with A, B and C (unless NULL) as ?1, ?2 and
 * ?3.  They must live until it is stepped to its end or reset.  NULL: logged.
 */
sqlite3_stmt *directory_statement(struct directory *d, enum directory_sql which,
    const char *a, const char *b, const char *c);

/* LOOKUP_YES: a row is there; _NO: done; _ERROR: logged.  NULL is an error. */
enum lookup directory_step(struct directory *d, sqlite3_stmt *statement);

/* Steps to the first row, which is not looked at, and resets. */
enum lookup directory_run(struct directory *d, enum directory_sql which,
    const char *a, const char *b, const char *c);

/* LOCAL is ready for a folder's name: see directory.h. */
bool directory_is_safe(const char *local);

/* Makes it the mailbox of these names, without quota. */
void directory_name_mailbox(struct mailbox *mailbox, const char *local,
    const char *domain);

#endif
