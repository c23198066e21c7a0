/*
 * config_form.h - what a text in postlab.conf has the form of.
 *
 * Private to config*.c.
 */
#ifndef COMMON_CONFIG_FORM_H
#define COMMON_CONFIG_FORM_H

#include <stdbool.h>

/* IP addresses separated by blanks, or unix:PATH. */
bool form_is_addresses(const char *text);

/* unix:PATH, 192.0.2.1:24 or [2001:db8::1]:24 */
bool form_is_endpoint(const char *text);

/* A Unix account's name, or empty. */
bool form_is_account(const char *text);

/* At most 200 printable ASCII characters. */
bool form_is_text(const char *text);

/* Whether WORD is one of TEXT's, which are separated by blanks. */
bool form_has_word(const char *text, const char *word);

/* The place of WORD in CHOICES, whatever its case; -1 when it is not there. */
int form_find_choice(const char *const *choices, const char *word);

/* One or more of CHOICES, as written there, separated by blanks. */
bool form_is_words(const char *const *choices, const char *text);

#endif
