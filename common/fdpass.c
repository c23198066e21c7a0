/* fdpass.c - a datagram with a descriptor (SCM_RIGHTS, unix(7)). */
#include "common/fdpass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr header; /* for its alignment */
	char data[CMSG_SPACE(sizeof(int))];
};

int
fd_send(int socket, const void *data, size_t size, int fd)
{
	union control control = { 0 };
	char copy[1] = { 0 };
	struct iovec iov = { .iov_len = size };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	/* The kernel only reads it, but the interface has no const. */
	memcpy(&iov.iov_base, &(const void *){ size == 0 ? copy : data },
	    sizeof(iov.iov_base));
	if (fd != -1) {
		struct cmsghdr *header;

		message.msg_control = control.data;
		message.msg_controllen = sizeof(control.data);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
	}
	do {
		n = sendmsg(socket, &message, MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

ssize_t
fd_receive(int socket, void *data, size_t size, int *fd_out)
{
	union control control = { 0 };
	struct iovec iov = { .iov_base = data, .iov_len = size };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.data,
		/* With the padding there were room for two. */
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};
	struct cmsghdr *header;
	ssize_t n;

	*fd_out = -1;
	do {
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd_out, CMSG_DATA(header), sizeof(int));
	return n;
}
