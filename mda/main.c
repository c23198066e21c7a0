/*
 * main.c - mda: the LMTP daemon, or with -f the command.
 *
 *	mda [-d DIR]
 *	mda [-d DIR] -f SENDER RECIPIENT ... < message
 *	mda [-d FOLDER/] -f SENDER [-d USER] < message
 *
 * The last form is what other systems' delivery agents have (Dovecot's LDA,
 * procmail, maildrop), so that an MTA can call this one instead.
 *
 * A message's way: lmtp.c (the session), lmtp_envelope.c (its envelope),
 * deliver.c (the copies), maildir/maildir.c (the commit).
 */
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
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
	    "       mda [-d FOLDER/] -f SENDER [-d USER] < message\n");
	return EX_USAGE;
}

/* What the command line says. */
struct order {
	const char *dir; /* NULL: $POSTLAB_DIR */
	const char *user;
	const char *sender; /* NULL: the daemon is wanted */
	char *const *recipients;
};

/*
 * The user may be a stranger's word, and his name may have slashes: what stands
 * behind -f, or is an address, is never a path.
 */
static bool
is_folder(const struct order *order, const char *word)
{
	const char *slash = strrchr(word, '/');

	return order->sender == NULL && order->dir == NULL && slash != NULL &&
	    strchr(slash, '@') == NULL;
}

static bool
take_d(struct order *order, const char *word)
{
	const char **place =
	    is_folder(order, word) ? &order->dir : &order->user;

	if (*place != NULL)
		return false;
	*place = word;
	return true;
}

static bool
read_order(struct order *order, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "d:f:")) != -1) {
		if (option == 'f')
			order->sender = optarg;
		else if (option != 'd' || !take_d(order, optarg))
			return false;
	}
	order->recipients = argv + optind;
	if (optind == argc || order->user == NULL)
		return true;
	/* Beside recipients it can only be the folder. */
	if (order->dir != NULL)
		return false;
	order->dir = order->user;
	order->user = NULL;
	return true;
}

/* To those who are named; or -d's user, or who calls. */
static int
deliver(const struct order *order)
{
	const struct passwd *caller = getpwuid(getuid());
	char name[ADDRESS_TEXT_MAX] = "";
	char *one[] = { name, NULL };

	if (*order->recipients != NULL)
		return deliver_to(order->dir, order->sender, order->recipients);
	if (order->user == NULL && caller == NULL) {
		fprintf(stderr, "mda: nobody is user %d\n", (int)getuid());
		return EX_NOUSER;
	}
	if (!copy_string(name, sizeof(name),
		order->user != NULL ? order->user : caller->pw_name)) {
		fprintf(stderr, "mda: the user's name is too long\n");
		return EX_USAGE;
	}
	return deliver_to(order->dir, order->sender, one);
}

int
main(int argc, char **argv)
{
	struct order order = { .dir = NULL };
	bool good = read_order(&order, argc, argv);

	if (!good)
		return usage();
	if (order.sender != NULL)
		return deliver(&order);
	optind = 1;
	return run_server(argc, argv);
}
