/*
 * syscalls.h - the system calls a process may still make (seccomp).
 *
 * Used by sandbox.c.  What is not allowed fails with EPERM; what no part of
 * Postlab ever needs and only an attacker would try (execve, ptrace, mount ...)
 * kills the process, which its master logs.
 */
#ifndef COMMON_SYSCALLS_H
#define COMMON_SYSCALLS_H

/*
 * Builds the filter for CALLS (enum sandbox_call) ahead of time, so that a
 * fork need not: about a millisecond.  0, or -1 (logged).
 */
int syscalls_prepare(unsigned calls);

/*
 * What only an attacker would try kills this process from here on, and all that
 * it forks.  0, or -1 (logged).  Again does nothing: a filter costs a
 * child as much as a fork, and one that was there before costs nothing.
 */
int syscalls_forbid(void);

/*
 * Applies the filter for CALLS for good; no_new_privs must be set.  0, also
 * where the kernel is built without seccomp; -1: logged.
 */
int syscalls_confine(unsigned calls);

#endif
