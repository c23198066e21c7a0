/*
 * batch_send.h - mua send: a letter without a terminal, for scripts and tests.
 */
#ifndef MUA_BATCH_SEND_H
#define MUA_BATCH_SEND_H

struct start;

/*
 * With the account that START has found; ARGV[0] is the word "send".  The text
 * is read from standard input.  Returns an exit status: those of submit.h, 64
 * for a wrong command line, 65 for an address that is none, 66 for an
 * attachment that cannot be read, 78 without an account.
 */
int batch_send(const struct start *start, int argc, char **argv);

#endif
