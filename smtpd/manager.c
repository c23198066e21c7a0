/*
 * manager.c - who is next, and what is over.
 *
 * Reasons to look at an envelope: it was just made (inotify), its time has
 * come (schedule), its delivery worker has ended (SIGCHLD).  To look is to
 * take its lock, read it, and do what verdict() says; a lock that somebody
 * else has means that a session is still busy with it: look again soon.
 *
 * Everything is looked at anew at the start, every hour, and when inotify has
 * lost events, and when the clock was set back.  When mda's socket is made
 * anew, mda is back: all that waits becomes due; and once more some seconds
 * later, since a session that still found it away may put its mail here just
 * after the first time.
 */
#include "smtpd/manager.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/sandbox.h"
#include "common/server.h"
#include "smtpd/crew.h"
#include "smtpd/envelope.h"
#include "smtpd/rights.h"
#include "smtpd/schedule.h"
#include "smtpd/verdict.h"

enum {
	HURRY_AGAIN = 5, /* seconds after mda came back */
	BUSY_WAIT = 1,   /* seconds until a locked envelope is looked at */
	RESCAN = 3600,   /* seconds */
	UNFINISHED_AGE = 3600, /* seconds, see queue_clean() */
	APPENDED_MAX = 40,     /* lines, beside one a recipient, then rewrite */
	SECOND = 1000,         /* milliseconds */
};

struct manager {
	const struct config *config;
	int queue;
	int channel;
	int lock;
	int events;   /* inotify */
	int children; /* signalfd */
	int socket_watch;
	const char *socket_name; /* of mda, in the folder watched; or NULL */
	struct schedule schedule;
	struct crew crew;
	int64_t next_scan;
	int64_t hurry_again; /* when, or 0 */
};

static void
hold(struct manager *m, struct queue_entry *entry)
{
	entry->held = true;
	if (queue_update(m->queue, entry) == -1) {
		schedule_add(&m->schedule, entry->id, time(NULL) + RESCAN,
		    false);
		return;
	}
	log_event(LOG_WARN, "held",
	    "%s failed=%zu what=\"given up; kept for the operator\"",
	    envelope_log(entry), queue_count(entry, RCPT_FAILED));
}

/* ENTRY is ours, locked.  Returns whether it is to be delivered now. */
static bool
handle(struct manager *m, struct queue_entry *entry)
{
	int lines = APPENDED_MAX + 2 * (int)entry->recipient_count;

	switch (verdict_on(entry, m->config->queue_lifetime, time(NULL))) {
	case VERDICT_REMOVE:
		log_event(LOG_INFO, "removed", "id=%s", entry->id);
		(void)queue_remove(m->queue, entry->id);
		break;
	case VERDICT_HOLD:
		hold(m, entry);
		break;
	case VERDICT_KEEP:
		break;
	case VERDICT_WAIT:
		if (entry->appended > lines)
			(void)queue_update(m->queue, entry);
		schedule_add(&m->schedule, entry->id, entry->next, false);
		break;
	case VERDICT_DELIVER:
		return true;
	}
	return false;
}

static void
look_at(struct manager *m, const char *id, bool hurried)
{
	struct queue_entry entry;
	bool deliver = false;
	int fd = queue_read(m->queue, id, true, &entry);

	if (hurried)
		entry.next = 0;
	if (fd != -1) {
		deliver = handle(m, &entry);
		close(fd);
	} else if (errno == EWOULDBLOCK) {
		schedule_add(&m->schedule, id, time(NULL) + BUSY_WAIT, hurried);
	} else if (errno == EBADMSG) {
		log_event(LOG_ERROR, "unreadable",
		    "id=%s what=\"the envelope is not complete; left alone\"",
		    id);
	} else if (errno != ENOENT) {
		schedule_add(&m->schedule, id,
		    time(NULL) + m->config->queue_retry_min, false);
	}
	queue_entry_clear(&entry);
	if (deliver && crew_start(&m->crew, id) == -1)
		schedule_add(&m->schedule, id, time(NULL) + BUSY_WAIT, false);
}

/* At the start all of it is tried: whatever was wrong may be over. */
static int
note_envelope(void *arg, const char *id)
{
	struct manager *m = arg;

	if (!crew_is_on(&m->crew, id))
		schedule_add(&m->schedule, id, time(NULL), m->next_scan == 0);
	return 0;
}

static void
scan(struct manager *m)
{
	schedule_clear(&m->schedule);
	queue_take_all(m->queue);
	queue_clean(m->queue, UNFINISHED_AGE);
	queue_spool_clean(m->queue, UNFINISHED_AGE);
	(void)queue_scan(m->queue, note_envelope, m);
	m->next_scan = time(NULL) + RESCAN;
}

/* mda is back: a moment for it to listen, then everything is tried. */
static void
hurry(struct manager *m)
{
	schedule_hurry(&m->schedule, time(NULL) + BUSY_WAIT);
	crew_again(&m->crew);
}

/* Looks at all that is due, as long as there are slots. */
static void
run_schedule(struct manager *m)
{
	int64_t now = time(NULL);
	const struct schedule_item *first;

	/* The clock was set back: as at the start. */
	if (!schedule_clock(&m->schedule, now))
		m->next_scan = 0;
	if (m->next_scan <= now)
		scan(m);
	if (m->hurry_again != 0 && m->hurry_again <= now) {
		m->hurry_again = 0;
		hurry(m);
	}
	while (crew_has_room(&m->crew) &&
	    (first = schedule_first(&m->schedule)) != NULL &&
	    first->due <= now) {
		struct schedule_item item = *first;

		schedule_drop_first(&m->schedule);
		look_at(m, item.id, item.hurried);
	}
	server_doing("%zu scheduled", m->schedule.count);
}

static void
end_delivery(void *arg, const struct crew_member *member, bool good)
{
	struct manager *m = arg;
	const char *id = member->id;

	if (good && member->again)
		schedule_add(&m->schedule, id, time(NULL) + BUSY_WAIT, true);
	else if (good)
		look_at(m, id, false);
	else
		schedule_add(&m->schedule, id,
		    time(NULL) + m->config->queue_retry_min, false);
}

static void
reap_deliveries(struct manager *m)
{
	struct signalfd_siginfo info;

	/* One signal may stand for several children: it is only a hint. */
	while (read(m->children, &info, sizeof(info)) > 0)
		continue;
	crew_reap(&m->crew, end_delivery, m);
}

static void
take_event(struct manager *m, const struct inotify_event *event)
{
	char id[QUEUE_ID_SIZE];

	if ((event->mask & IN_Q_OVERFLOW) != 0) {
		m->next_scan = 1;
	} else if (event->wd == m->socket_watch && event->len > 0) {
		if (m->socket_name != NULL &&
		    strcmp(event->name, m->socket_name) == 0) {
			hurry(m);
			m->hurry_again = time(NULL) + HURRY_AGAIN;
		}
	} else if (event->len > 0 && queue_envelope_name(event->name, id) &&
	    queue_take_in(m->queue, id) == 0 && !crew_is_on(&m->crew, id) &&
	    !schedule_has(&m->schedule, id)) {
		schedule_add(&m->schedule, id, time(NULL), false);
	}
}

static void
take_events(struct manager *m)
{
	_Alignas(struct inotify_event) char data[4096];
	ssize_t size = read(m->events, data, sizeof(data));
	ssize_t at = 0;

	while (at < size) {
		const struct inotify_event *event =
		    (const struct inotify_event *)(const void *)(data + at);

		take_event(m, event);
		at += (ssize_t)sizeof(*event) + event->len;
	}
}

/* Milliseconds until there is something to do. */
static int
time_to_wait(struct manager *m)
{
	const struct schedule_item *first = schedule_first(&m->schedule);
	int64_t until = m->next_scan;

	if (first != NULL && first->due < until && crew_has_room(&m->crew))
		until = first->due;
	if (m->hurry_again != 0 && m->hurry_again < until)
		until = m->hurry_again;
	return schedule_wait(until, time(NULL));
}

static int
serve(struct manager *m)
{
	struct pollfd ready[] = {
		{ .fd = m->channel, .events = POLLIN },
		{ .fd = m->events, .events = POLLIN },
		{ .fd = m->children, .events = POLLIN },
	};

	for (;;) {
		run_schedule(m);
		if (poll(ready, COUNT(ready), time_to_wait(m)) == -1 &&
		    errno != EINTR) {
			log_errno("poll in the queue manager");
			return 1;
		}
		if (ready[0].revents != 0)
			return 0;
		if (ready[1].revents != 0)
			take_events(m);
		if (ready[2].revents != 0)
			reap_deliveries(m);
	}
}

/*
 * There is one manager a queue: a second one waits until the first, of a
 * master that is just ending, is gone.  0; -1 when our own master has gone.
 */
static int
become_the_one(struct manager *m)
{
	struct pollfd channel = { .fd = m->channel, .events = POLLIN };

	m->lock = openat(m->queue, "manager.lock", O_RDWR | O_CREAT | O_CLOEXEC,
	    0600);
	if (m->lock == -1)
		return log_errno("open queue/manager.lock");
	while (flock(m->lock, LOCK_EX | LOCK_NB) == -1)
		if (errno != EWOULDBLOCK || poll(&channel, 1, SECOND) != 0)
			return -1;
	return 0;
}

static int
start_watching(struct manager *m)
{
	const char *path = m->config->lmtp;
	sigset_t child;
	char *folder;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	m->children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	m->events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (m->children == -1 || m->events == -1)
		return log_errno("start the queue manager");
	if (inotify_add_watch(m->events, "queue/" QUEUE_INCOMING, IN_CREATE) ==
	    -1)
		return log_errno("watch queue/incoming");
	m->socket_watch = -1;
	if (strncmp(path, "unix:", 5) != 0)
		return 0;
	path += 5;
	m->socket_name = strrchr(path, '/');
	m->socket_name = m->socket_name == NULL ? path : m->socket_name + 1;
	folder = m->socket_name == path
	    ? xstrdup(".")
	    : strndup(path, (size_t)(m->socket_name - path));
	/* Without it queued mail waits for its time. */
	m->socket_watch =
	    inotify_add_watch(m->events, folder, IN_CREATE | IN_MOVED_TO);
	free(folder);
	return 0;
}

int
manager_run(const struct config *config, int channel)
{
	const struct sandbox rights = rights_of_manager(config);
	struct manager m = { .config = config, .channel = channel };

	m.queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m.queue == -1) {
		log_errno("open queue/");
		return 1;
	}
	crew_init(&m.crew, config, m.queue);
	if (become_the_one(&m) == -1 || start_watching(&m) == -1 ||
	    sandbox_enter(&rights) == -1)
		return 1;
	return serve(&m);
}
