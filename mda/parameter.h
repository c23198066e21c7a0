/*
 * parameter.h - the NAME=VALUE words behind an LMTP command.
 */
#ifndef MDA_PARAMETER_H
#define MDA_PARAMETER_H

#include <stdbool.h>

struct parameter {
	const char *name;
	const char *value; /* NULL without "=" */
};

/*
 * Cuts the next one off *CURSOR, which is changed: its parts become strings.
 * False when there is no more.
 */
bool parameter_next(char **cursor, struct parameter *parameter_out);

#endif
