/*
 * transcript.h - records a session as evidence (docs/EVIDENCE.md).
 *
 * It listens to the connection (conn_set_tap, conn_set_watch) and tells the
 * evidence helper of every line both ways; the session only says what cannot
 * be heard: that AUTH is on, that a message was accepted, the end.  All calls
 * take NULL for a session that is not recorded, and then do nothing.
 *
 * Nothing here waits, and nothing fails: what cannot be recorded is counted,
 * shows as a gap in the evidence and as event=evidence-lost in the log.
 */
#ifndef COMMON_TRANSCRIPT_H
#define COMMON_TRANSCRIPT_H

#include <stdbool.h>

struct conn;
struct listener;
struct peer;
struct transcript;

struct transcript_start {
	const char *program; /* "smtpd": its helper is asked */
	const struct listener *listener;
	const struct peer *peer;
	/* Where the session keeps them: looked at with each line. */
	const char *helo;
	const char *login;
};

/* Begins to record CONN when the listener says evidence = yes; else NULL. */
struct transcript *transcript_begin(struct conn *conn,
    const struct transcript_start *start);

/* The client's lines are of the dialog of AUTH, from now on or no more. */
void transcript_secret(struct transcript *transcript, bool secret);

/* A message was accepted as ID. */
void transcript_message(struct transcript *transcript, const char *id);

/*
 * Sends CONN's output, takes tap and watch off, tells the end and why, frees.
 */
void transcript_end(struct transcript *transcript, const char *why);

#endif
