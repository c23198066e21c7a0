/*
 * libraries.h - children that do without libraries their master has.
 *
 * Each library is five mappings or more, and fork() and exit() handle each of
 * them: a process with thirty libraries costs three times what it costs with
 * ten.  A master needs them all, as its helpers do, but a session needs few.
 * What it does without is not mapped in it at all (MADV_DONTFORK), so it is
 * also code that nobody who takes it over can use; whoever calls it dies.
 */
#ifndef COMMON_LIBRARIES_H
#define COMMON_LIBRARIES_H

#include <stdbool.h>

/*
 * Has the program started anew with LD_BIND_NOW, or returns when it has been,
 * or cannot be.  The linker looks for a name in all libraries, so nothing may
 * be left to look for in a child that has some of them only.  First in main().
 */
void libraries_bind(char **argv);

/* Whether libraries_leave() will do anything. */
bool libraries_can_leave(void);

/*
 * In a master, once: children forked from here on have none of the libraries
 * whose file names begin with one of NAMES (NULL ends them; NAMES may be NULL),
 * nor what only those need.
 * Does nothing without libraries_bind(), nor under AddressSanitizer.
 */
void libraries_leave(const char *const *names);

/* The next children have them (true), or not, as libraries_leave() says. */
void libraries_give(bool all);

/* Whether this process has them all. */
bool libraries_are_whole(void);

#endif
