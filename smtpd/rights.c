/* rights.c - paths and system calls, each with its reason. */
#include "smtpd/rights.h"

#include <string.h>

enum { MEBIBYTE = 1 << 20, FILE_ALLOWANCE = 16 * MEBIBYTE };
enum { PATHS_MAX = 64 };

/* clang-format off */
static const struct sandbox_path worker_paths[] = {
	{ "directory.sqlite", SB_READ, "who has mail here" },
	{ "queue/incoming", SB_CREATE, "finished files get a name here" },
	{ "queue/incoming/spool", SB_READ | SB_WRITE | SB_CREATE,
	  "a worker's own files, which have no name" },
	{ NULL, 0, NULL },
};
static const struct sandbox_path manager_paths[] = {
	{ "queue", SB_ALL, "envelopes are read, replaced and removed" },
	{ "directory.sqlite", SB_READ, "for its delivery workers" },
	{ NULL, 0, NULL },
};
static const struct sandbox_path delivery_paths[] = {
	{ "queue", SB_READ | SB_WRITE, "the message is read, outcomes appended" },
	{ "queue/incoming", SB_CREATE, "a report to the sender is a new message" },
	{ "directory.sqlite", SB_READ, "where the sender has his mailbox" },
	{ NULL, 0, NULL },
};

static const struct sandbox worker = {
	.role = "worker",
	.paths = worker_paths,
	.calls = SB_CALL_FILES | SB_CALL_UNIX, /* mda, the auth helper */
	.memory = 256 * MEBIBYTE,
	.files = SANDBOX_FILES_TO_PASS, /* what is to be judged */
};
static const struct sandbox manager = {
	.role = "queue",
	.paths = manager_paths,
	/* Sockets are its children's; what they may do, it must be able to. */
	.calls = SB_CALL_FILES | SB_CALL_TRUNCATE | SB_CALL_UNIX |
	    SB_CALL_INET | SB_CALL_BIND | SB_CALL_FORK | SB_CALL_WATCH |
	    SB_CALL_LIST | SB_CALL_ACCEPT, /* who asks it (control.c) */
	.memory = 1024 * MEBIBYTE, /* the schedule of a long queue */
	.files = SANDBOX_FILES_TO_PASS, /* its children's */
};
static const struct sandbox delivery = {
	.role = "delivery",
	.paths = delivery_paths,
	/* mda; what a crash left half written is cut off; other hosts, DNS */
	.calls = SB_CALL_FILES | SB_CALL_TRUNCATE | SB_CALL_UNIX |
	    SB_CALL_INET | SB_CALL_BIND,
	.memory = 256 * MEBIBYTE,
	.files = SANDBOX_FILES_TO_PASS, /* what is to be signed */
};
/* clang-format on */

/*
 * Where mda is behind TCP, all who speak to it need that.  No file is much
 * longer than a message: ours are its header lines, or an envelope.
 */
static struct sandbox
as_configured(struct sandbox sandbox, const struct config *config)
{
	sandbox.file_size = (size_t)config->message_size + FILE_ALLOWANCE;
	if (strncmp(config->lmtp, "unix:", strlen("unix:")) != 0)
		sandbox.calls |= SB_CALL_INET;
	return sandbox;
}

/*
 * PATHS, and the passwords of smarthosts: whoever delivers shows them there.
 * What the manager may not do its children cannot.
 */
static const struct sandbox_path *
with_passwords(const struct sandbox_path *paths, const struct config *config,
    struct sandbox_path *all)
{
	size_t n = 0;

	for (; paths->path != NULL; paths++)
		all[n++] = *paths;
	for (size_t i = 0; i < config->route_count && n + 1 < PATHS_MAX; i++)
		if (*config->routes[i].password_file != '\0')
			all[n++] = (struct sandbox_path){
				config->routes[i].password_file, SB_READ,
				"the login at a smarthost"
			};
	all[n] = (struct sandbox_path){ NULL, 0, NULL };
	return all;
}

/* Quoted-printable is three times as long (downgrade.h). */
static size_t
copy_in_seven_bits(const struct config *config)
{
	return 2 * (size_t)config->message_size;
}

struct sandbox
rights_of_worker(const struct config *config)
{
	return as_configured(worker, config);
}

struct sandbox
rights_of_manager(const struct config *config)
{
	static struct sandbox_path all[PATHS_MAX];
	struct sandbox rights = as_configured(manager, config);

	/* A socket for each, and one more while it is born. */
	rights.files += 2 * (unsigned)config->queue_workers;
	rights.paths = with_passwords(manager_paths, config, all);
	rights.file_size += copy_in_seven_bits(config);
	return rights;
}

struct sandbox
rights_of_delivery(const struct config *config)
{
	static struct sandbox_path all[PATHS_MAX];
	struct sandbox rights = as_configured(delivery, config);

	rights.paths = with_passwords(delivery_paths, config, all);
	rights.file_size += copy_in_seven_bits(config);
	return rights;
}
