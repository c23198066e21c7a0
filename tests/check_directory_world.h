/*
 * check_directory_world.h - a site with two domains, people and aliases.
 */
#ifndef TESTS_CHECK_DIRECTORY_WORLD_H
#define TESTS_CHECK_DIRECTORY_WORLD_H

#include "common/directory.h"

/* Open between set_up and tear_down, in a folder of its own. */
extern struct directory *directory;

void directory_set_up(void);
void directory_tear_down(void);

/* "@domain" for a catch-all. */
struct address directory_address(const char *text);

/* NULL, or why not. */
const char *directory_put_mailbox(const char *text);
const char *directory_put_alias(const char *text, const char *target);

/* For directory_resolve(): appends FINAL to the struct buf ARG. */
void directory_note(void *arg, const struct address *final);

#endif
