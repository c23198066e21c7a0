/*
 * check_transcript_world.h - the world of check_smtpd_world.h with an evidence
 * helper in it, and what SQL finds in evidence.sqlite.
 */
#ifndef TESTS_CHECK_TRANSCRIPT_WORLD_H
#define TESTS_CHECK_TRANSCRIPT_WORLD_H

#include "common/config.h"

#include <sys/types.h>

/* Fixtures. */
void evidence_make_world(void);
void evidence_remove_world(void);

/*
 * A helper, in a process of its own, that listens when this returns.  Stopped
 * in order it stores what it was sent.
 */
void evidence_start(void);
void evidence_stop(void);
void evidence_kill(void);

extern pid_t evidence_helper;

/*
 * It sleeps from now on, for so many milliseconds, as on a busy machine; and
 * waits until it was awakened by PID, which the first has returned.
 */
pid_t evidence_sleep(int milliseconds);
void evidence_awaken(pid_t pid);

/* Its channel: a child of the test that lives longer closes it. */
extern int evidence_channel;

/* A listener of the classroom that records. */
struct listener evidence_listener(void);

/* Plays WIRE, sent at once, against a session on it. */
void evidence_play(const char *wire);

/* All rows, columns separated by | and rows by LF; in static storage. */
const char *evidence_ask(const char *sql);

/* Waits until SQL gives WANTED: what a helper that goes on has stored. */
void evidence_await(const char *sql, const char *wanted);

#endif
