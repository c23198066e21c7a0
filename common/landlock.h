/*
 * landlock.h - files, ports and processes that a process may still reach.
 *
 * A thin layer over the kernel's Landlock, used by sandbox.c alone.  Kernels
 * know more kinds of access from version to version (the ABI); what a kernel
 * does not know it cannot deny, and what it does is denied unless named.
 */
#ifndef COMMON_LANDLOCK_H
#define COMMON_LANDLOCK_H

#include "common/sandbox.h"

/* The kernel's ABI, 0 when it has no Landlock or does not let us use it. */
int landlock_abi(void);

/*
 * Adds a layer for good: only PATHS (NULL for none at all), TCP connections
 * only with SB_CALL_INET in CALLS, bound ones with SB_CALL_BIND, nothing of
 * other processes.  0; also where there is no usable Landlock.  -1: logged.
 */
int landlock_confine(const struct sandbox_path *paths, unsigned calls);

#endif
