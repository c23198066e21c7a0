/*
 * maildir_name.h - file names of messages: made, read, compared.
 *
 * Names in a Maildir come from anybody: another program's delivery, a restored
 * backup, a hostile index.  Whatever is used to open or rename a file passes
 * maildir_name_is_plain() first.
 */
#ifndef MAILDIR_MAILDIR_NAME_H
#define MAILDIR_MAILDIR_NAME_H

#include "maildir/maildir.h"

/* A fresh unique name: SECONDS.M<usec>P<pid>Q<sequence>.HOST */
void maildir_name_new(char name_out[MAILDIR_NAME_MAX + 1]);

/* NAME with ,S=SIZE,W=WIRE behind it; both as made by maildir_name_new(). */
void maildir_name_sized(const char *name, int64_t size, int64_t wire,
    char name_out[MAILDIR_NAME_MAX + 1]);

/*
 * NAME with its flags replaced by the letters of FLAGS, sorted, each once.
 * False when that is too long for a file name.
 */
bool maildir_name_flagged(const char *name, const char *flags,
    char name_out[MAILDIR_NAME_MAX + 1]);

/* One entry of a folder and no other: no slash, no leading dot, not empty. */
bool maildir_name_is_plain(const char *name);

/* Whether both have the same base: they are the same message. */
bool maildir_name_equal(const char *a, const char *b);

/* strcmp() for bases: below 0, 0, above 0. */
int maildir_name_compare(const char *a, const char *b);

/* When it arrived by its name, in seconds since 1970; -1 if it does not say. */
int64_t maildir_name_time(const char *name);

#endif
