/*
 * authres.h - an Authentication-Results field taken apart (RFC 8601).
 *
 * Anybody can write one; whom to believe is the caller's question.
 */
#ifndef MAILDIR_AUTHRES_H
#define MAILDIR_AUTHRES_H

#include <stdbool.h>
#include <stddef.h>

/* "dkim=fail reason="bad hash" header.d=a.example" */
struct authres_result {
	char *method;   /* "spf", "dkim", "dmarc" ..., lower case */
	char *result;   /* "pass", "fail", "softfail" ..., lower case */
	char *reason;   /* what the checker says, or "" */
	char *property; /* "header.d=a.example smtp.helo=x", or "" */
};

/* Strings are one line, UTF-8, harmless for a terminal. */
struct authres {
	char *authserv; /* the host that checked */
	struct authres_result *results;
	size_t count;
};

/*
 * Reads the VALUE of a field, raw, with its folds.  What cannot be read is
 * left out.
 */
void authres_parse(const char *value, size_t size, struct authres *out);
void authres_clear(struct authres *authres);

/* Whether it says METHOD=RESULT. */
bool authres_says(const struct authres *authres, const char *method,
    const char *result);

#endif
