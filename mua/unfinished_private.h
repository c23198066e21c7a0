/*
 * unfinished_private.h - what unfinished*.c share.
 */
#ifndef MUA_UNFINISHED_PRIVATE_H
#define MUA_UNFINISHED_PRIVATE_H

#include <stdbool.h>

/* How the files' names begin, and how they end until they are whole. */
#define UNFINISHED_PREFIX "mua-unfinished-"
#define UNFINISHED_FRESH ".new"

/* Gives FD to this process alone; false when another has it. */
bool unfinished_lock(int fd);

#endif
