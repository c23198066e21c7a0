/* server_notify.c - sd_notify(3) without libsystemd, as its page shows it. */
#include "common/server_notify.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"

void
notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timespec now;
	char text[128];
	size_t length;
	int n;
	int fd;

	if (path == NULL || (*path != '/' && *path != '@'))
		return;
	length = strlen(path);
	if (!copy_string(to.sun_path, sizeof(to.sun_path), path))
		return;
	if (*path == '@')
		to.sun_path[0] = '\0';
	clock_gettime(CLOCK_MONOTONIC, &now);
	n = snprintf(text, sizeof(text),
	    "%s\nMONOTONIC_USEC=%lld\nMAINPID=%d\n", state,
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000,
	    (int)getpid());
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1 ||
	    sendto(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT,
		(const struct sockaddr *)(const void *)&to,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) ==
		-1)
		log_errno("notify %s", path);
	if (fd != -1)
		close(fd);
}
