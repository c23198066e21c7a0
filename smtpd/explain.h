/*
 * explain.h - refusals in plain words, for listeners with explain = yes.
 *
 * A sentence says what the rule is, where it stands, and what to do next.  It
 * never tells more than the refusal itself, above all not who exists.
 */
#ifndef SMTPD_EXPLAIN_H
#define SMTPD_EXPLAIN_H

#include "common/reply.h"

/*
 * R with a second line, where it is a refusal with one line and there is
 * something to say; else R as it is.
 */
struct reply explain(const struct reply *r);

#endif
