/*
 * dialog_pattern.h - comparing a server's line with an S: line.
 *
 * docs/DIALOGS.md, "What the server must answer".
 */
#ifndef LABS_DIALOG_PATTERN_H
#define LABS_DIALOG_PATTERN_H

#include "labs/dialog_values.h"

#include <stdbool.h>

/*
 * Whether LINE matches PATTERN, whose ${...} are expanded already; if so what
 * its <names> stand for is set in VALUES.
 */
bool pattern_match(const char *pattern, const char *line,
    struct values *values);

/*
 * The next <name> at or behind *CURSOR, which is moved behind it.  Returns
 * where it begins and its size in *SIZE, or NULL.
 */
const char *pattern_next_name(const char **cursor, size_t *size);

#endif
