/*
 * notice.c - notifications from daemons.
 *
 * The name is abstract and chosen by the kernel (unix(7), autobind): a daemon
 * that has dropped root need not reach any folder.  Anyone on the machine can
 * send to it, so the sender's process id comes from the kernel and counts.
 */
#include "admin/notice.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

int
notice_open(char name[NOTICE_NAME_SIZE])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(address);
	void *at = &address;
	int on = 1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return log_errno("make a socket");
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == -1 ||
	    bind(fd, at, sizeof(sa_family_t)) == -1 ||
	    getsockname(fd, at, &size) == -1) {
		log_errno("open the notification socket");
		close(fd);
		return -1;
	}
	size -= (socklen_t)offsetof(struct sockaddr_un, sun_path);
	(void)snprintf(name, NOTICE_NAME_SIZE, "@%.*s", (int)size - 1,
	    address.sun_path + 1);
	return fd;
}

/* Whether one of the lines is WANTED. */
static bool
has_line(const char *text, const char *wanted)
{
	size_t length = strlen(wanted);

	for (; *text != '\0'; text += strcspn(text, "\n")) {
		text += *text == '\n';
		if (strncmp(text, wanted, length) == 0 &&
		    (text[length] == '\n' || text[length] == '\0'))
			return true;
	}
	return false;
}

bool
notice_receive(int fd, pid_t *sender_out, bool *ready_out)
{
	union {
		struct cmsghdr header; /* for its alignment */
		char data[CMSG_SPACE(sizeof(struct ucred))];
	} control = { 0 };
	char text[512] = "";
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.data,
		.msg_controllen = sizeof(control.data),
	};
	const struct cmsghdr *header;
	struct ucred sender = { 0 };

	if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) == -1)
		return false;
	header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_CREDENTIALS)
		memcpy(&sender, CMSG_DATA(header), sizeof(sender));
	*sender_out = sender.pid;
	*ready_out = has_line(text, "READY=1");
	return true;
}
