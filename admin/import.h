/*
 * import.h - postlab user import: a class at once, from a CSV file.
 */
#ifndef ADMIN_IMPORT_H
#define ADMIN_IMPORT_H

/*
 * The verb of user.c.  Columns address, password[, quota]; an empty password
 * is generated, a header line is skipped.  Good lines are kept whatever the
 * bad ones are; these are named with file and line, and the status is not 0.
 */
int import_users(int argc, char **argv);

#endif
