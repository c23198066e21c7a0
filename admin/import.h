/*
 * import.h - postlab user import: a class at once, from a CSV file.
 */
#ifndef ADMIN_IMPORT_H
#define ADMIN_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

/* Octets, or with K, M or G; empty is no quota.  False when it is none. */
bool import_quota(const char *text, int64_t *quota_out);

/*
 * The verb of user.c.  Columns address, password[, quota]; an empty password
 * is generated, a header line is skipped.  Good lines are kept whatever the
 * bad ones are; these are named with file and line, and the status is not 0.
 */
int import_users(int argc, char **argv);

#endif
