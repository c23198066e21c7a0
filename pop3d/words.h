/*
 * words.h - what pop3d says, in the languages of LANG (RFC 6856 3).
 *
 * The source has each text in English, as a format, at the place where it is
 * said; what it is in another language is found by it.
 */
#ifndef POP3D_WORDS_H
#define POP3D_WORDS_H

enum language {
	LANGUAGE_UNSET, /* nobody asked: English */
	LANGUAGE_ENGLISH,
	LANGUAGE_SPANISH,
	LANGUAGES, /* how many these are */
};

/* "es", and what it calls itself: "Español".  Not for LANGUAGE_UNSET. */
const char *language_tag(enum language language);
const char *language_name(enum language language);

/*
 * The language for RANGE (RFC 4647 3.4): also es-MX is served with es.
 * LANGUAGE_UNSET: none.
 */
enum language language_find(const char *range);

/* TEXT, an English format, in LANGUAGE; with the same arguments. */
const char *words(enum language language, const char *text)
    __attribute__((format_arg(2)));

/* For a test: row I of the table, NULL behind the last. */
const char *words_english(unsigned i);

#endif
