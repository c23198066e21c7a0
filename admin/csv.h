/*
 * csv.h - one line of a comma-separated file (RFC 4180).
 *
 * Fields in double quotes may hold commas and doubled quotes; a line end may
 * not stand in a field (no address, password or number has one).
 */
#ifndef ADMIN_CSV_H
#define ADMIN_CSV_H

#include <stddef.h>

/*
 * Cuts LINE, without its line end, into at most MAX fields, in place.  Returns
 * how many there are; 0 for a line of blanks only; -1 when a quote is
 * misplaced or there are more than MAX.
 */
int csv_split(char *line, char **fields, size_t max);

#endif
