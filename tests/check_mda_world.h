/*
 * check_mda_world.h - mailboxes in a temporary folder, and a client to them.
 *
 * What the suites of mda share: campus.example with the mailboxes alice, bob
 * and small (whose quota is 1000 octets).
 */
#ifndef TESTS_CHECK_MDA_WORLD_H
#define TESTS_CHECK_MDA_WORLD_H

#include <stddef.h>

#define ALICE "mail/campus.example/alice"
#define BOB "mail/campus.example/bob"
#define SMALL "mail/campus.example/small"
#define GREET "LHLO mx.campus.example\r\n"
#define FROM_ALICE "MAIL FROM:<alice@campus.example>\r\n"
#define TO_BOB "RCPT TO:<bob@campus.example>\r\n"

/* A fixture: makes the world and changes into it; and takes it away. */
void mda_world_make(void);
void mda_world_remove(void);

/* What the sessions go by; as it was again after mda_world_remove(). */
struct config;
struct config *mda_world_config(void);

/* Gives bob this quota, in octets. */
void mda_world_limit_bob(long quota);

/* Adds the mailbox userNUMBER. */
void mda_world_add(int number);

/* Plays the client's side WIRE to the end; returns all that the server said. */
const char *play(const char *wire);
const char *play_bytes(const char *wire, size_t size);

/* Plays FIRST, and after some seconds THEN. */
const char *play_slowly(const char *first, const char *then);

/* The code of each reply: "220 250 503". */
const char *codes_of(const char *said);

/* How many files PATH holds; one of their names is in NAME. */
int count_files(const char *path, char *name, size_t size);

/* How many messages are in MAILBOX/new. */
int count_new(const char *mailbox);

/* The one message in MAILBOX/new, and its file's name in NAME. */
const char *only_message(const char *mailbox, char *name, size_t size);

#endif
