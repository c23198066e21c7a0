/*
 * check_explain_world.h - a configuration with explain mode, in a folder of its
 * own, and a teacher's file in it.
 */
#ifndef TESTS_CHECK_EXPLAIN_WORLD_H
#define TESTS_CHECK_EXPLAIN_WORLD_H

#include "common/config.h"
#include "common/sentences.h"

/* Fixtures: one listener that explains, in English, with no file. */
void explain_enter(void);
void explain_leave(void);

/* The configuration, and what it points to. */
extern struct config explain_config;
extern struct listener explain_listener;
extern char explain_language[8];
extern char explain_file[32];

/* Makes the teacher's file of TEXT. */
void explain_write(const char *text);

/* The sentences that are built in, in the language WANTED. */
struct sentences explain_read(const char *wanted);

/* Fails unless the English sentence for SAID to TYPED is the one called NAME.
 */
void ck_explain_finds(const char *said, const char *typed, const char *name);

#endif
