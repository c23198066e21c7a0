/*
 * admin.h - what the subcommands of postlab share.
 *
 * A subcommand is a function (argc, argv) with its own name in argv[0] that
 * returns an exit status of sysexits.h; main.c has the table.  When it returns
 * EX_USAGE, main prints the usage line of its row: it need not do so itself.
 *
 * A subcommand that works on the state folder begins with admin_enter().
 * Results go to standard output, one line a thing, tab-separated; a mistake is
 * one line on standard error (admin_error).
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "common/config.h"
#include "common/mem.h"

#include <stdbool.h>

/*
 * Changes into the state folder (-d, $POSTLAB_DIR or ./var) and reads
 * postlab.conf; a mistake ends the program with EXIT_CONFIG.  Run by root, the
 * process then becomes the folder's owner, so that what it writes is the
 * daemons' to read.  The answer is the same at each call.
 */
const struct config *admin_enter(void);

/* The same, but root stays root: for up, which opens ports below 1024. */
const struct config *admin_enter_as_root(void);

/* The state folder as the operator named it, for messages. */
const char *admin_dir(void);
void admin_set_dir(const char *dir);

/* Prints "postlab: ..." to standard error; always returns STATUS. */
int admin_error(int status, const char *fmt, ...) PRINTF(2, 3);

/* The subcommands, one file each. */
int admin_init(int argc, char **argv);   /* init.c */
int admin_up(int argc, char **argv);     /* up.c: up [--detach] */
int admin_down(int argc, char **argv);   /* up.c */
int admin_status(int argc, char **argv); /* status.c: status [--json] */
int admin_user(int argc, char **argv);   /* user.c */
int admin_alias(int argc, char **argv);  /* alias.c */
int admin_domain(int argc, char **argv); /* domain.c */
int admin_config(int argc, char **argv); /* config.c */
int admin_queue(int argc, char **argv);  /* queue.c */

#endif
