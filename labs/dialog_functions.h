/*
 * dialog_functions.h - what ${function:argument} computes.
 */
#ifndef LABS_DIALOG_FUNCTIONS_H
#define LABS_DIALOG_FUNCTIONS_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Appends what the function (SIZE bytes of NAME) makes of ARGUMENT.  False
 * with a sentence in *WHY when there is none or it cannot.
 */
bool dialog_function(const char *name, size_t size, const struct buf *argument,
    struct buf *to, const char **why);

#endif
