/*
 * secrets_private.h - what secrets*.c share.
 */
#ifndef COMMON_SECRETS_PRIVATE_H
#define COMMON_SECRETS_PRIVATE_H

#include <sqlite3.h>

enum { SECRETS_FIND, SECRETS_SET, SECRETS_DELETE, SECRETS_STATEMENTS };

struct secrets {
	sqlite3 *db;
	sqlite3_stmt *statements[SECRETS_STATEMENTS];
};

/* Columns of the table: from this one on those of secrets_teaching.c. */
enum { SECRETS_FIRST_MD5 = 3 };

/* Makes the table of secrets_apop.c where it is missing.  0 or -1. */
int secrets_apop_prepare(sqlite3 *db);

#endif
