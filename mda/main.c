/*
 * main.c - mda: the LMTP daemon, or with -f the command.
 *
 *	mda [-d DIR]
 *	mda [-d DIR] -f SENDER RECIPIENT ... < message
 *	mda -f SENDER [-d USER] < message
 *	mda -d DIR -f SENDER -d USER [RECIPIENT ...] < message
 *
 * The third form is what other systems' delivery agents have (Dovecot's LDA,
 * procmail, maildrop), so that an MTA can call this one instead; the last is
 * what Postfix makes of it for several recipients.
 *
 * A message's way: lmtp.c (the session), lmtp_envelope.c (its envelope),
 * deliver.c (the copies), maildir/maildir.c (the commit).
 */
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/config.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/sandbox.h"
#include "common/server.h"
#include "maildir/message.h"
#include "mda/command.h"
#include "mda/lmtp.h"
#include "mda/receipt.h"
#include "mda/recipient.h"

/* clang-format off */
static const struct sandbox_path paths[] = {
	{ "mail", SB_ALL | SB_MKDIR,
	  "mailboxes with their indexes; the spool file" },
	{ "directory.sqlite", SB_READ, "who has a mailbox, and his quota" },
	{ .path = NULL },
};
/* With DSN: as a session worker of smtpd, that is to make and not to read. */
static const struct sandbox_path paths_with_queue[] = {
	{ "mail", SB_ALL | SB_MKDIR,
	  "mailboxes with their indexes; the spool file" },
	{ "directory.sqlite", SB_READ, "who has a mailbox, and his quota" },
	{ RECEIPT_FOLDER, SB_CREATE, "reports that are owed get a name here" },
	{ RECEIPT_FOLDER "/spool", SB_READ | SB_WRITE | SB_CREATE,
	  "a worker's own files, which have no name" },
	{ .path = NULL },
};
/* clang-format on */

static const struct sandbox sandbox = {
	.role = "worker",
	.paths = paths,
	.calls =
	    SB_CALL_SQLITE | SB_CALL_LIST, /* the directory and the indexes */
	.memory = (size_t)512 * 1024 * 1024,
	.files = 512, /* mailboxes.c holds 40 with 7 each */
};

/* In a worker; belongs to the skeleton. */
static const struct config *worker_config;

/* The sandbox of workers has room for receipts. */
static bool has_queue;

static void
limits(const struct config *config, int *max_workers, int *spare_workers,
    int *per_address)
{
	*max_workers = config->mda_workers;
	*spare_workers = config->mda_spare;
	*per_address = config->mda_workers; /* they are front ends of ours */
}

static void
prepare(const struct config *config)
{
	(void)config;
	message_library_init();
}

static void
worker_init(const struct config *config)
{
	worker_config = config;
	/* What a reload allows does not widen a sandbox. */
	if (has_queue && receipt_is_wanted(config))
		receipt_open_queue();
	/* When it fails it is tried again at the first recipient. */
	(void)recipient_open_directory();
}

static enum served
serve(struct conn *conn, const struct listener *listener,
    const struct peer *peer)
{
	(void)listener;
	(void)peer;
	lmtp_session(conn, worker_config);
	return SERVED_REUSE;
}

static const struct server server = {
	.program = "mda",
	.protocols = { PROTO_LMTP },
	.protocol_count = 1,
	/* Front ends can wait, and a worker knows mailboxes by its age. */
	.sessions = 1000,
	.workers_a_cpu = 8,
	.busy_reply = "421 4.3.2 Too many connections, try again later\r\n",
	.limits = limits,
	.prepare = prepare,
	.worker_init = worker_init,
	.serve = serve,
};

static int
run_server(int argc, char **argv)
{
	struct config *config = server_options(argc, argv, server.program);
	struct sandbox rights = sandbox;
	struct server daemon = server;

	has_queue = receipt_is_wanted(config);
	if (has_queue)
		rights.paths = paths_with_queue;
	daemon.sandbox = &rights;
	return server_main(&daemon, config);
}

/*
 * Opens what of 0, 1 and 2 the caller has closed: else a mailbox's file takes
 * that number, and is read as the message or written to as the log.  False
 * when there is no standard input: that is no message, not an empty one.
 */
static bool
has_standard_input(void)
{
	bool has = fcntl(STDIN_FILENO, F_GETFD) != -1;
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd != -1 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	return has;
}

static int
deliver_to(const char *dir, const char *sender, char *const *recipients)
{
	if (!has_standard_input()) {
		fprintf(stderr, "mda: there is no standard input\n");
		return EX_NOINPUT;
	}
	log_init("mda", "command");
	log_set_level(LOG_ERROR);
	message_library_init();
	return mda_command(config_enter(dir), &sandbox, sender, recipients);
}

static int
usage(void)
{
	fprintf(stderr,
	    "usage: mda [-d DIR]\n"
	    "       mda [-d DIR] -f SENDER RECIPIENT ... < message\n"
	    "       mda -f SENDER [-d USER] < message\n"
	    "       mda -d DIR -f SENDER -d USER [RECIPIENT ...] < message\n");
	return EX_USAGE;
}

/* What the command line says. */
struct order {
	char *dir;    /* NULL: $POSTLAB_DIR */
	char *user;   /* NULL: who calls, or RECIPIENTS alone */
	char *sender; /* NULL: the daemon is wanted */
	char **recipients;
};

/* Somebody seems to have meant a folder. */
static bool
is_like_path(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash != NULL && strchr(slash, '@') == NULL;
}

/*
 * Which of its two meanings -d has.  An MTA puts a stranger's word there, so
 * what could be one must never be a folder: that stands before -f, and somebody
 * else is named as well.
 */
static bool
settle(struct order *order)
{
	bool named = *order->recipients != NULL;

	if (order->user != NULL && order->dir == NULL && named) {
		fprintf(stderr,
		    "mda: -d is a user behind -f, and others are named as "
		    "well: give the state folder before -f\n");
		return false;
	}
	if (order->user == NULL && !named) {
		order->user = order->dir;
		order->dir = NULL;
	}
	if (order->user != NULL && order->dir == NULL &&
	    is_like_path(order->user))
		fprintf(stderr,
		    "mda: -d names the user where no recipient is named; it is "
		    "the state folder before -f with one\n");
	return true;
}

/* No option behind a recipient: that, too, may be a stranger's word. */
static bool
read_order(struct order *order, int argc, char **argv)
{
	int option;

	/* getopt() would print a letter of that word as it is. */
	opterr = 0;
	while ((option = getopt(argc, argv, "+d:f:")) != -1) {
		char **place = &order->sender;

		if (option == 'd')
			place =
			    order->sender == NULL ? &order->dir : &order->user;
		if (option == '?' || *place != NULL)
			return false;
		*place = optarg;
	}
	order->recipients = argv + optind;
	return order->sender == NULL || settle(order);
}

/* To -d's user and those who are named; or to who calls. */
static int
deliver(const struct order *order)
{
	const struct passwd *caller;
	char **all;
	size_t count = 0;
	int rc;

	if (order->user == NULL && *order->recipients != NULL)
		return deliver_to(order->dir, order->sender, order->recipients);
	caller = order->user == NULL ? getpwuid(getuid()) : NULL;
	if (order->user == NULL && caller == NULL) {
		fprintf(stderr, "mda: nobody is user %d\n", (int)getuid());
		return EX_NOUSER;
	}
	while (order->recipients[count] != NULL)
		count++;
	all = xcalloc(count + 2, sizeof(*all));
	all[0] = xstrdup(caller == NULL ? order->user : caller->pw_name);
	memcpy(all + 1, order->recipients, count * sizeof(*all));
	rc = deliver_to(order->dir, order->sender, all);
	free(all[0]);
	free(all);
	return rc;
}

int
main(int argc, char **argv)
{
	struct order order = { .dir = NULL };

	if (!read_order(&order, argc, argv))
		return usage();
	if (order.sender != NULL)
		return deliver(&order);
	/* glibc wants 0 where the rules of getopt() change. */
	optind = 0;
	return run_server(argc, argv);
}
