/*
 * check_smtpd_world.h - a state folder for the tests of smtpd, and an mda that
 * does as it is told.
 *
 * campus.example has mailboxes whose names say what becomes of mail to them
 * (below), and aliases: staff is alice and bob, abroad leads to far.example.
 */
#ifndef TESTS_CHECK_SMTPD_WORLD_H
#define TESTS_CHECK_SMTPD_WORLD_H

#include "common/config.h"
#include "smtpd/session.h"

#include <stdbool.h>

/* Fixtures: make the folder and change into it; take it away. */
void smtpd_world_make(void);
void smtpd_world_remove(void);

/* The configuration; a test may change it. */
extern struct config world_config;

/* What a worker has; queue/incoming is open. */
extern struct service world_service;

/* Descriptor of queue/. */
extern int world_queue;

/*
 * Starts a process that speaks LMTP on run/lmtp.  What it answers behind the
 * final dot depends on the recipient's name: alice, bob and the rest 250,
 * full 452 4.2.2, bigfull 552 5.2.2, later 451, never 550; gone breaks the
 * connection before its answer, slow never answers.  stranger is 550 at RCPT.
 * Each 250 is a line "ID ADDRESS ORCPT" in the file delivered, each connection
 * one in the file visits.
 */
void world_start_mda(void);
void world_stop_mda(void);

/* How many lines of the file delivered begin with TEXT. */
int world_delivered(const char *text);

/* How many lines the file visits has. */
int world_visits(void);

/* How many files are in FOLDER whose names end in SUFFIX. */
int world_count(const char *folder, const char *suffix);

/*
 * Plays the client's side WIRE, sent at once, against a session on LISTENER;
 * returns all that the server said.
 */
const char *world_play(const struct listener *listener, const char *wire);

/* A descriptor of a small message, the caller's to close. */
int world_message(void);

/*
 * What mda announces beside PIPELINING and 8BITMIME, XFORWARD as ours does it
 * unless a test changes it, before the start.  What it hears of that, XFORWARD
 * and RCPT, is in the file heard, a line each.
 */
extern const char *world_mda_offers;

/* Who sends, and what he asked for (NOTIFY): a test may change them. */
extern const char *world_sender;
extern const char *world_notify;

/*
 * An envelope to NAMES at campus.example, separated by blanks; behind = stands
 * the name of an alias for the others.
 */
struct queue_entry world_envelope(const char *names);

/* Takes custody of a message for NAMES; ENVELOPE is the caller's to clear. */
struct reply world_take(const char *names, struct queue_entry *envelope_out);

/* A listener: an MTA in the classroom, without TLS, AUTH and explanations. */
struct listener world_listener(void);

#endif
