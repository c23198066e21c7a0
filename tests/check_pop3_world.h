/*
 * check_pop3_world.h - the Maildir box/ in a folder of its own, and sessions.
 */
#ifndef TESTS_CHECK_POP3_WORLD_H
#define TESTS_CHECK_POP3_WORLD_H

#include <stddef.h>
#include <sys/types.h>

struct buf;

/* As a listener has them. */
extern const char pop3_capabilities[];

/* With the two messages of worksheet 27, of 120 and 500 octets on the wire. */
void pop3_set_up(void);

/* Into PART, new or cur. */
void pop3_put_message(const char *part, const char *name, const char *data,
    size_t size);

/* A message of so many OCTETS on the wire. */
void pop3_put_sized(const char *part, const char *name, size_t octets);

int pop3_count_messages(void);

/* A session on the Maildir with the client at FD.  An exit status. */
int pop3_serve_box(int fd);

/* The same in a process of its own, with the client at *CLIENT_OUT. */
pid_t pop3_fork(int *client_out);

/* Sends SAID as one burst, and closes; what the server said is in SERVER. */
void pop3_talk(const char *said, struct buf *server);

/* Reads lines from FD until one begins with WORD. */
void pop3_expect(int fd, const char *word);

#endif
