/*
 * transcript_schema.h - the tables of evidence.sqlite.
 */
#ifndef COMMON_TRANSCRIPT_SCHEMA_H
#define COMMON_TRANSCRIPT_SCHEMA_H

#include "common/db.h"

/*
 * Makes the tables where there are none.  0; -1 (logged) also for a FILE of
 * another version.
 */
int schema_make(sqlite3 *db, const char *file);

#endif
