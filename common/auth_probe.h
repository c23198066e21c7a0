/*
 * auth_probe.h - which mechanisms this machine has.
 *
 * Only the auth helper loads SASL's plugins, but it is a session that offers
 * mechanisms; so a master asks once, before its first fork.
 */
#ifndef COMMON_AUTH_PROBE_H
#define COMMON_AUTH_PROBE_H

/*
 * Loads the library in a child and tells auth_policy.h of the mechanisms it
 * has no plugin for.  When that fails all count as there; it is logged.
 */
void auth_probe(void);

#endif
