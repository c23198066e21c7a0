/*
 * check_config_world.h - a postlab.conf for the tests of config.h.
 */
#ifndef TESTS_CHECK_CONFIG_WORLD_H
#define TESTS_CHECK_CONFIG_WORLD_H

#include "common/config.h"

/* A file of 17 lines without a mistake; the last section is [listen lmtp]. */
extern const char config_good[];

/*
 * Writes TEXT into postlab.conf in the current folder and reads it, which must
 * succeed; the caller frees.
 */
struct config *config_of(const char *text);

#endif
