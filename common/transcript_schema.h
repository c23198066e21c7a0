/*
 * transcript_schema.h - evidence.sqlite, made and opened.
 */
#ifndef COMMON_TRANSCRIPT_SCHEMA_H
#define COMMON_TRANSCRIPT_SCHEMA_H

#include "common/db.h"

/*
 * Opens FILE for writing, with its tables, which are made where there are none;
 * it will not grow beyond MEBIBYTES.  NULL (logged) also for a file of another
 * version.
 */
sqlite3 *schema_open(const char *file, int mebibytes);

#endif
