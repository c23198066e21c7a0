/*
 * config_form.h - what a text in postlab.conf has the form of.
 *
 * Private to config*.c, and to those who read a list that stands there.
 */
#ifndef COMMON_CONFIG_FORM_H
#define COMMON_CONFIG_FORM_H

#include <stdbool.h>

enum { FORM_WORD_SIZE = 256 };

/*
 * Copies the next of TEXT's words, which are separated by blanks, and moves
 * *TEXT behind it; false at the end or when it is too long.
 */
bool form_next_word(const char **text, char word[FORM_WORD_SIZE]);

/* IP addresses separated by blanks, or unix:PATH. */
bool form_is_addresses(const char *text);

/* unix:PATH, 192.0.2.1:24 or [2001:db8::1]:24 */
bool form_is_endpoint(const char *text);

/* IP addresses, each with @PORT behind it or not; or none; or empty. */
bool form_is_resolvers(const char *text);

/* At most one IPv4 and one IPv6 address. */
bool form_is_sources(const char *text);

/* One or more of a.example, .example (with all below it) and *. */
bool form_is_domains(const char *text);

/* A host name, an IP address, or mx. */
bool form_is_peer(const char *text);

/* A path that does not lead out of the state folder, or empty. */
bool form_is_state_file(const char *text);

/* A Unix account's name, or empty. */
bool form_is_account(const char *text);

/* At most 200 printable ASCII characters. */
bool form_is_text(const char *text);

/* A time table of faults (fault.h), or empty. */
bool form_is_faults(const char *text);

/* At most 1000 bytes of UTF-8 without control characters. */
bool form_is_utf8(const char *text);

/* local@domain */
bool form_is_mailbox(const char *text);

/* Whether WORD is one of TEXT's, which are separated by blanks. */
bool form_has_word(const char *text, const char *word);

/* The place of WORD in CHOICES, whatever its case; -1 when it is not there. */
int form_find_choice(const char *const *choices, const char *word);

/* One or more of CHOICES, as written there, separated by blanks. */
bool form_is_words(const char *const *choices, const char *text);

#endif
