/*
 * secrets_left.h - secrets of mechanisms that are turned off.
 */
#ifndef ADMIN_SECRETS_LEFT_H
#define ADMIN_SECRETS_LEFT_H

struct config;

/*
 * Says what secrets.sqlite still has for APOP, CRAM-MD5 and DIGEST-MD5 though
 * nobody can log in by it any more, and what takes it away.  The number of
 * warnings; -1 (logged) when the store cannot be read.
 */
int secrets_left_warn(const struct config *config);

#endif
