/*
 * check_mail.h - the raw messages of tests/mail, and messages made on the spot.
 */
#ifndef TESTS_CHECK_MAIL_H
#define TESTS_CHECK_MAIL_H

#include <stddef.h>

/* To be called while the suite is made: tests change the folder later. */
void mail_find(void);

/* Opens tests/mail/NAME.eml. */
int mail_open(const char *name);

/* A message of these bytes. */
int mail_make(const char *data, size_t size);

#endif
