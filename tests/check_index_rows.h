/*
 * check_index_rows.h - an index of the box with messages, for tests.
 */
#ifndef TESTS_CHECK_INDEX_ROWS_H
#define TESTS_CHECK_INDEX_ROWS_H

#include <sys/types.h>

#include "maildir/index.h"

#define ROWS_INDEX "box/index.sqlite"

/* Delivers one more message, which INDEX is told of. */
void rows_deliver(struct index *index);

/* Opens the index, and delivers COUNT messages. */
struct index *rows_open(int count);

/*
 * The same, of rows that are in the log only, because somebody reads what was
 * there before: until he stops, or the process ends.
 */
struct index *rows_open_in_log(int count);
void rows_stop_reading(void);

/* What SQLite says of FILE, in a static buffer. */
const char *rows_ask(const char *file, const char *sql);

/* The size of a file that is there. */
off_t rows_size(const char *path);

/* All COUNT that are in the folders are listed, by an index that is whole. */
void rows_assert_whole(int count);

/* Writes zeros over page NUMBER of FILE. */
void rows_wipe_page(const char *file, int number);

#endif
