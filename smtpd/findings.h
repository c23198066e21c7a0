/*
 * findings.h - what a message's signatures and its sender's DNS say of it, and
 * how that is written (RFC 8601).
 *
 * The words are those of the Authentication-Results field.
 */
#ifndef SMTPD_FINDINGS_H
#define SMTPD_FINDINGS_H

#include "common/address.h"
#include "common/buf.h"
#include "smtpd/author.h"

#include <stdbool.h>
#include <stddef.h>

enum finding {
	FINDING_NONE,
	FINDING_PASS,
	FINDING_FAIL,
	FINDING_SOFTFAIL, /* SPF alone */
	FINDING_NEUTRAL,
	FINDING_POLICY, /* it would pass, but is not good enough for us */
	FINDING_TEMPERROR,
	FINDING_PERMERROR,
};

enum {
	SIGNATURES_MAX = 10, /* are looked at; there may be any number */
	SELECTOR_MAX = 255,
};

/* One DKIM signature. */
struct dkim_finding {
	enum finding finding;
	char domain[DOMAIN_MAX + 1];
	char selector[SELECTOR_MAX + 1];
	const char *algorithm; /* NULL: unknown */
	unsigned bits;         /* of the key, 0: unknown */
	const char *why;       /* fixed text, or NULL */
};

struct spf_finding {
	enum finding finding;
	bool helo; /* about the HELO name: there is no sender */
	char domain[DOMAIN_MAX + 1];
	const char *why;
};

struct dmarc_finding {
	enum finding finding;
	char domain[DOMAIN_MAX + 1]; /* of the author; "" when nobody's */
	const char *policy;          /* that was published: reject ... NULL */
	bool reject; /* its owner wants it refused; or From is misused */
	const char *why;
};

struct findings {
	struct dkim_finding signatures[SIGNATURES_MAX];
	size_t signature_count;
	bool more_signatures;
	struct authors authors; /* of the last From field */
	int author_fields;
	struct spf_finding spf;
	struct dmarc_finding dmarc;
};

/* "pass", "softfail" ... */
const char *finding_word(enum finding finding);

/*
 * "spf=pass dkim=fail dmarc=none reject=no", for the log and for the session;
 * of several signatures the best.
 */
void findings_summarize(const struct findings *findings, struct buf *to);

/*
 * The results, each behind ";" on a line of its own: what follows the
 * authserv-id in Authentication-Results.  LF line ends, the last one as well.
 */
void findings_write(const struct findings *findings, struct buf *to);

#endif
