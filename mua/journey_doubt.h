/*
 * journey_doubt.h - whose words a message's trace is, and what in it is odd.
 */
#ifndef MUA_JOURNEY_DOUBT_H
#define MUA_JOURNEY_DOUBT_H

#include "mua/journey.h"

/*
 * Finds out which hops and verdicts are the own system's, and writes the notes
 * of each hop.  Hops are in the order of travel; a verdict is marked as own so
 * far where it stands above the topmost Received.
 */
void journey_judge(struct journey *journey);

/* The same host by name, whatever the case and a dot at the end. */
bool journey_same_host(const char *a, const char *b);

/* The same domain, less the first label of each where others follow. */
bool journey_same_domain(const char *a, const char *b);

#endif
