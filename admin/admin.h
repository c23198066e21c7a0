/*
 * admin.h - what the subcommands of postlab share.
 *
 * A subcommand is a function (argc, argv) with its own name in argv[0] that
 * returns an exit status of sysexits.h; main.c has the table.  When it returns
 * EX_USAGE, main prints the usage lines of its row: it need not do so itself.
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

struct buf;
struct directory;

/*
 * Changes into the state folder (-d, $POSTLAB_DIR or ./var) and reads
 * postlab.conf; a mistake ends the program with EXIT_CONFIG.  Run by root, the
 * process then becomes the account the daemons run as, so that what it writes
 * is theirs.  The answer is the same at each call.
 */
const struct config *admin_enter(void);

/* The same, but root stays root: for up, which opens ports below 1024. */
const struct config *admin_enter_as_root(void);

/* The state folder as the operator named it, for messages. */
const char *admin_dir(void);
void admin_set_dir(const char *dir);

/*
 * Makes the folder DIR, or takes an empty one, and changes into it; by root, it
 * is given to the account of the daemons (init.c).  An exit status; what is
 * wrong has been said.
 */
int admin_claim_folder(const char *dir);

/* Prints "postlab: ..." to standard error; always returns STATUS. */
int admin_error(int status, const char *fmt, ...) PRINTF(2, 3);

/* The exit status of what directory.h refuses with the sentence WHY. */
int admin_refusal(const char *why);

/*
 * An address from the command line; without @ it is in server.domain.  With
 * CATCH_ALL "@domain" is one too, of an empty local part.  When it is none,
 * that is said, and false.
 */
bool admin_address(const char *text, bool catch_all,
    struct address *address_out);

/* The same without a word, and without catch-alls. */
bool admin_parse_address(const char *text, struct address *address_out);

/*
 * Whether the mail of DOMAIN is kept here: EX_OK, or an exit status; what is
 * wrong has been said (domain.c).
 */
int admin_check_domain(const char *domain);

/*
 * Appends TEXT as a field of a tab-separated line: backslash and whatever is
 * no printable ASCII as \xNN.
 */
void admin_field(struct buf *to, const char *text);

/*
 * Likewise a text of several lines, as a reply may be: each line end is NEWLINE
 * (a blank, or a line end and the indentation of what follows).
 */
void admin_lines(struct buf *to, const char *text, const char *newline);

/* What a subcommand can do: "user add". */
struct admin_verb {
	const char *name;
	int min_arguments; /* those behind the verb */
	int max_arguments;
	int (*run)(int argc, char **argv); /* the verb in argv[0] */
};

/* Runs the verb in argv[1]; EX_USAGE when it is none of them. */
int admin_run_verb(const struct admin_verb *verbs, size_t count, int argc,
    char **argv);

/* The verb list: LIST prints what the directory has, 0 or -1.  Exit status. */
int admin_list(int (*list)(struct directory *directory));

/* The subcommands, one file each. */
int admin_init(int argc, char **argv);     /* init.c */
int admin_up(int argc, char **argv);       /* up.c: up [--detach] */
int admin_down(int argc, char **argv);     /* down.c */
int admin_status(int argc, char **argv);   /* status.c: status [--json] */
int admin_user(int argc, char **argv);     /* user.c */
int admin_alias(int argc, char **argv);    /* alias.c */
int admin_domain(int argc, char **argv);   /* domain.c */
int admin_config(int argc, char **argv);   /* config.c */
int admin_evidence(int argc, char **argv); /* evidence.c */
int admin_cert(int argc, char **argv);     /* certificate.c */
/* check_address.c: check-address ADDRESS [--from IP] ... */
int admin_check_address(int argc, char **argv);
int admin_explain(int argc, char **argv); /* explain.c */
int admin_queue(int argc, char **argv);   /* queue.c */
int admin_mailbox(int argc, char **argv); /* mailbox.c */
/* backup.c: backup FILE|DIR [ADDRESS ...], and back */
int admin_backup(int argc, char **argv);
int admin_verify(int argc, char **argv);
int admin_restore(int argc, char **argv);
int admin_dkim(int argc, char **argv);  /* dkim.c */
int admin_dns(int argc, char **argv);   /* dns.c */
int admin_trace(int argc, char **argv); /* trace.c */

#endif
