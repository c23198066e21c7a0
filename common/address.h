/*
 * address.h - RFC 5321 paths and the mailbox names in them.
 *
 * A struct address holds the *decoded* local part: "a b"@x is kept as a b.
 * address_format() quotes it again where it must.  The domain is kept as
 * typed.  Case never matters in a domain, and matters in a local part only
 * where that is not a mailbox of ours (directory.h compares those).  The null
 * reverse-path <> has both parts empty.
 *
 * UTF-8 is taken wherever RFC 6531 3.3 lets it stand; whether the peer may use
 * it is the caller's question (utf8).  A domain with other letters is
 * kept as its A-label, so that there is one form to compare.
 */
#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	LOCAL_PART_MAX = 64,    /* RFC 5321 4.5.3.1.1 */
	DOMAIN_MAX = 255,       /* 4.5.3.1.2 */
	ADDRESS_TEXT_MAX = 400, /* room for any address in text, quoted */
};

enum leniency {
	STRICT,    /* RFC 5321 to the letter; the homelab's default */
	CLASSROOM, /* what people type at a prompt; the labs' default */
};

struct address {
	char local[LOCAL_PART_MAX + 1];
	char domain[DOMAIN_MAX + 1]; /* or an address literal, [192.0.2.1] */
	bool utf8;                   /* was written with more than ASCII */
};

/*
 * Parses the path at *CURSOR: Reverse-path / Forward-path (4.1.2), source
 * routes accepted and ignored (appendix C); in CLASSROOM also a bare address,
 * a display name before the brackets, a comment after it, blanks before it.
 * Moves *CURSOR behind it.  False when it is none: *WHY is then a sentence
 * for the person who typed it.  "<Postmaster>" without domain is allowed.
 */
bool address_parse_path(const char **cursor, enum leniency leniency,
    struct address *address_out, const char **why);

/* Parses a whole string local@domain (configuration, command line). */
bool address_parse(const char *text, struct address *address_out);

/* local@domain, quoted where RFC 5321 needs it; "" for the null path. */
const char *address_format(const struct address *address, char *text,
    size_t size);

bool address_is_null(const struct address *address);

/*
 * The A-label form (RFC 5891, xn--...) of DOMAIN, lower case where it had other
 * letters than ASCII; an ASCII domain as it is.  False when it has none.
 */
bool domain_to_ascii(const char *domain, char *ascii, size_t size);

/* The same domain but for case, and exactly the same local part. */
bool address_equal(const struct address *a, const struct address *b);

/* A host name, single label allowed: letters, digits, hyphen, dot, RFC 1123. */
bool domain_is_valid(const char *domain);

/*
 * xtext of RFC 3461 4: encodes into / decodes from; false when TEXT is no
 * xtext or does not fit.
 */
bool xtext_decode(const char *text, char *out, size_t size);
bool xtext_encode(const char *text, char *out, size_t size);

#endif
