/*
 * libraries.h - children that do without libraries their master has.
 *
 * Each library is five mappings or more, and fork() and exit() handle each of
 * them: a process with thirty libraries costs three times what it costs with
 * ten.  A master needs them all, as its helpers do, but a session needs few,
 * and who does not know yet whose session it will be needs fewer.  What it does
 * without is not mapped in it at all (MADV_DONTFORK), so it is also code that
 * nobody who takes it over can use; whoever calls it dies, as does a child that
 * has none of a library with a fork handler (pthread_atfork(3)).
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

enum libraries {
	LIBRARIES_ALL,
	LIBRARIES_SOME, /* of a session */
	LIBRARIES_FEW,  /* of a worker */
	LIBRARIES_SETS
};

/*
 * In a master, once: says what children do without, by the beginnings of file
 * names, even if another library is linked with it; nor have they what only
 * those need.  NAMES is for SOME and FEW, MORE for FEW alone (NULL ends each;
 * both may be NULL).  From here on they get USUAL, what most will have: each
 * change costs a few microseconds a library.  Does nothing without
 * libraries_bind(), nor under AddressSanitizer.
 */
void libraries_leave(const char *const *names, const char *const *more,
    enum libraries usual);

/* What the next children have; and after those, what most have. */
void libraries_give(enum libraries set);
void libraries_give_usual(void);

/* Whether this process has them all. */
bool libraries_are_whole(void);

#endif
