/*
 * lmtp_parameter.h - the NAME=VALUE words behind an LMTP command.
 */
#ifndef MDA_LMTP_PARAMETER_H
#define MDA_LMTP_PARAMETER_H

#include <stdbool.h>

/* Strings; what is longer than a line of LMTP cannot come. */
struct lmtp_parameter {
	char name[32]; /* cut: ours are all shorter */
	bool has_value;
	char value[4096]; /* "" without */
};

/* Takes the next one off *CURSOR.  False when there is no more. */
bool lmtp_parameter_next(const char **cursor,
    struct lmtp_parameter *parameter_out);

#endif
