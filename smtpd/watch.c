/* watch.c - inotify on queue/incoming, and on the folder of mda's socket. */
#include "smtpd/watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/log.h"

/* Without it queued mail waits for its time. */
static void
watch_socket(struct watch *watch, const char *path)
{
	char *folder;

	watch->socket_name = strrchr(path, '/');
	watch->socket_name =
	    watch->socket_name == NULL ? path : watch->socket_name + 1;
	folder = watch->socket_name == path
	    ? xstrdup(".")
	    : strndup(path, (size_t)(watch->socket_name - path));
	watch->socket_watch =
	    inotify_add_watch(watch->fd, folder, IN_CREATE | IN_MOVED_TO);
	free(folder);
}

int
watch_open(struct watch *watch, const struct config *config)
{
	const char *path = config->lmtp;

	*watch = (struct watch){ .socket_watch = -1 };
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd == -1)
		return log_errno("start the queue manager");
	if (inotify_add_watch(watch->fd, "queue/" QUEUE_INCOMING, IN_CREATE) ==
	    -1)
		return log_errno("watch queue/incoming");
	if (strncmp(path, "unix:", strlen("unix:")) == 0)
		watch_socket(watch, path + strlen("unix:"));
	return 0;
}

static bool
is_socket(const struct watch *watch, const struct inotify_event *event)
{
	return event->wd == watch->socket_watch && watch->socket_name != NULL &&
	    strcmp(event->name, watch->socket_name) == 0;
}

void
watch_read(struct watch *watch,
    void (*tell)(void *arg, enum watch_event what, const char *id), void *arg)
{
	_Alignas(struct inotify_event) char data[4096];
	ssize_t size = read(watch->fd, data, sizeof(data));
	char id[QUEUE_ID_SIZE];
	ssize_t at = 0;

	while (at < size) {
		const struct inotify_event *event =
		    (const struct inotify_event *)(const void *)(data + at);

		if ((event->mask & IN_Q_OVERFLOW) != 0)
			tell(arg, WATCH_LOST, NULL);
		else if (event->len > 0 && is_socket(watch, event))
			tell(arg, WATCH_MDA_BACK, NULL);
		else if (event->len > 0 && event->wd != watch->socket_watch &&
		    queue_envelope_name(event->name, id))
			tell(arg, WATCH_ARRIVED, id);
		at += (ssize_t)sizeof(*event) + event->len;
	}
}
