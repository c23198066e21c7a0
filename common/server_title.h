/*
 * server_title.h - what ps and postlab status show for a process.
 *
 *   smtpd: master
 *   smtpd: worker: serving 127.0.0.1
 *   smtpd: auth: idle
 *
 * A title is PROGRAM: ROLE, and ": " with what it is doing unless that is
 * nothing.  It stands where the kernel keeps the arguments, so every process
 * may read it; bytes that are not printable ASCII become '?'.
 */
#ifndef COMMON_SERVER_TITLE_H
#define COMMON_SERVER_TITLE_H

#include "common/mem.h"

#include <stdarg.h>

/*
 * Takes the room of argv and the environment for titles; the environment is
 * copied first, argv is gone.  Once, in the master.
 */
void title_init(const char *program);

/* Names the role from here on; strings stay the caller's. */
void title_set_role(const char *role);

/* Shows it.  Cut to the room there is. */
void title_show(const char *fmt, va_list args)
    __attribute__((format(printf, 1, 0)));

#endif
