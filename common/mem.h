/*
 * mem.h - memory that is there, or the process is not.
 *
 * A worker holds one session and nothing acknowledged, so running out of
 * memory is fatal: these never return NULL.  Free with free().
 */
#ifndef COMMON_MEM_H
#define COMMON_MEM_H

#include <stdbool.h>
#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *data, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) PRINTF(1, 2);

/* Copies FROM into TO of SIZE bytes; returns whether it fitted whole. */
bool copy_string(char *to, size_t size, const char *from);

#endif
