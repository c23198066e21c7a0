/*
 * lmtp_parameter.h - the NAME=VALUE words behind an LMTP command.
 */
#ifndef MDA_LMTP_PARAMETER_H
#define MDA_LMTP_PARAMETER_H

#include <stdbool.h>

struct lmtp_parameter {
	const char *name;
	const char *value; /* NULL without "=" */
};

/*
 * Cuts the next one off *CURSOR, which is changed: its parts become strings.
 * False when there is no more.
 */
bool lmtp_parameter_next(char **cursor, struct lmtp_parameter *parameter_out);

#endif
