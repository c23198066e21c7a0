/*
 * server_owner.c - NETLINK_SOCK_DIAG, one question and one answer.
 *
 * The kernel looks for a connected socket first and then, with the same
 * numbers, for a listening one: so the answer is believed only when it is
 * about a connection to us.  A socket that its process has closed has no inode
 * any more, and the kernel says 0 for its user, which must not be taken for
 * root.
 */
#include "common/server_owner.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

/* Answers that are not ours (an earlier question's) before we give up. */
enum { ANSWERS_MAX = 4 };

struct question {
	struct nlmsghdr head;
	struct inet_diag_req_v2 diag;
};

union answer {
	struct nlmsghdr head;
	char bytes[1024];
};

int
owner_open(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    NETLINK_SOCK_DIAG);

	if (fd != -1 &&
	    connect(fd, (const struct sockaddr *)&kernel, sizeof(kernel)) ==
		-1) {
		close(fd);
		fd = -1;
	}
	if (fd == -1)
		log_event(LOG_DEBUG, "no-sock-diag", "why=%s",
		    strerrorname_np(errno));
	return fd;
}

/* An IPv4 client of an IPv6 socket is ::ffff:127.0.0.1. */
static bool
is_loopback(const struct sockaddr_storage *address)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	memcpy(&in, address, sizeof(in));
	memcpy(&in6, address, sizeof(in6));
	if (address->ss_family == AF_INET)
		return ntohl(in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	if (address->ss_family != AF_INET6)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) ||
	    (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr) &&
		in6.sin6_addr.s6_addr[12] == IN_LOOPBACKNET);
}

/* Address and port as inet_diag has them. */
static void
fill_end(const struct sockaddr_storage *address, __be16 *port, __be32 where[4])
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	memset(where, 0, 4 * sizeof(*where));
	if (address->ss_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		*port = in.sin_port;
		where[0] = in.sin_addr.s_addr;
	} else {
		memcpy(&in6, address, sizeof(in6));
		*port = in6.sin6_port;
		memcpy(where, &in6.sin6_addr, 4 * sizeof(*where));
	}
}

/* The question is about the client's end, from where we are the far one. */
static void
fill_question(struct question *question, const struct sockaddr_storage *client,
    const struct sockaddr_storage *server)
{
	static uint32_t number;
	struct inet_diag_sockid *id = &question->diag.id;

	memset(question, 0, sizeof(*question));
	question->head.nlmsg_len = sizeof(*question);
	question->head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	question->head.nlmsg_flags = NLM_F_REQUEST;
	question->head.nlmsg_seq = ++number;
	question->diag.sdiag_family = (__u8)client->ss_family;
	question->diag.sdiag_protocol = IPPROTO_TCP;
	question->diag.idiag_states = UINT32_MAX;
	fill_end(client, &id->idiag_sport, id->idiag_src);
	fill_end(server, &id->idiag_dport, id->idiag_dst);
	id->idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

/* The uid in the SIZE bytes of ANSWER. */
static int64_t
read_answer(const union answer *answer, size_t size,
    const struct question *question)
{
	struct inet_diag_msg found;

	if (answer->head.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    size < NLMSG_LENGTH(sizeof(found)) ||
	    answer->head.nlmsg_len < NLMSG_LENGTH(sizeof(found)))
		return OWNER_UNKNOWN;
	memcpy(&found, answer->bytes + NLMSG_HDRLEN, sizeof(found));
	if (found.idiag_state == TCP_LISTEN || found.idiag_inode == 0 ||
	    found.id.idiag_sport != question->diag.id.idiag_sport ||
	    found.id.idiag_dport != question->diag.id.idiag_dport)
		return OWNER_UNKNOWN;
	return found.idiag_uid;
}

int64_t
owner_find(int kernel, int fd, const struct sockaddr_storage *address)
{
	struct sockaddr_storage server = { 0 };
	socklen_t size = sizeof(server);
	struct question question;
	union answer answer;

	if (kernel == -1 || !is_loopback(address) ||
	    getsockname(fd, (struct sockaddr *)&server, &size) == -1 ||
	    server.ss_family != address->ss_family)
		return OWNER_UNKNOWN;
	fill_question(&question, address, &server);
	if (send(kernel, &question, sizeof(question), MSG_DONTWAIT) == -1)
		return OWNER_UNKNOWN;
	/* The kernel has answered before send() returns. */
	for (int i = 0; i < ANSWERS_MAX; i++) {
		ssize_t n = recv(kernel, &answer, sizeof(answer), MSG_DONTWAIT);

		if (n < (ssize_t)sizeof(answer.head))
			return OWNER_UNKNOWN;
		if (answer.head.nlmsg_seq == question.head.nlmsg_seq)
			return read_answer(&answer, (size_t)n, &question);
	}
	return OWNER_UNKNOWN;
}
