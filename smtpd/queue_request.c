/* queue_request.c - requests to the queue manager: reading and asking. */
#include "smtpd/queue_request.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "smtpd/queue.h"

enum {
	ANSWER_MILLISECONDS = 10 * 1000,
	CONNECT_TRIES = 20, /* 50 ms apart: it may be restarting */
};

static bool
read_domain(const char *text, struct queue_request *request)
{
	request->below = *text == '@';
	text += request->below;
	return domain_is_valid(text) &&
	    copy_string(request->subject, sizeof(request->subject), text);
}

/* A word: neither blank nor control character. */
static bool
read_owner(const char *text, struct queue_request *request)
{
	if (*text == '\0')
		return false;
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at <= ' ' || *at == '\x7F')
			return false;
	return copy_string(request->subject, sizeof(request->subject), text);
}

static bool
read_id(const char *text, struct queue_request *request)
{
	request->all = strcmp(text, "all") == 0;
	if (request->all)
		return true;
	return queue_is_id(text) &&
	    copy_string(request->subject, sizeof(request->subject), text);
}

static const struct {
	const char *word;
	enum queue_verb verb;
	bool (*read)(const char *text, struct queue_request *request);
} verbs[] = {
	/* clang-format off */
	{ "flush ", QUEUE_FLUSH, read_domain },
	{ "list ",  QUEUE_LIST,  read_owner },
	{ "retry ", QUEUE_RETRY, read_id },
	{ "look ",  QUEUE_LOOK,  read_id },
	/* clang-format on */
};

bool
queue_request_parse(const char *data, size_t size,
    struct queue_request *request_out)
{
	char text[QUEUE_REQUEST_MAX + 1];

	*request_out = (struct queue_request){ .verb = QUEUE_FLUSH };
	if (size > QUEUE_REQUEST_MAX || memchr(data, '\0', size) != NULL)
		return false;
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < COUNT(verbs); i++) {
		size_t length = strlen(verbs[i].word);

		if (strncmp(text, verbs[i].word, length) != 0)
			continue;
		request_out->verb = verbs[i].verb;
		return verbs[i].read(text + length, request_out);
	}
	return false;
}

static int
connect_manager(void)
{
	static const struct sockaddr_un to = {
		.sun_family = AF_UNIX,
		.sun_path = QUEUE_SOCKET,
	};
	static const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	for (int i = 0; fd != -1 && i < CONNECT_TRIES; i++) {
		if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
			return fd;
		if (errno != ECONNREFUSED && errno != ENOENT)
			break;
		nanosleep(&pause, NULL);
	}
	if (fd != -1)
		close(fd);
	return -1;
}

/* Waits for the one datagram of the answer. */
static int
receive_answer(int fd, struct buf *answer)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char *data;
	ssize_t n;
	int ready;

	do {
		ready = poll(&wait, 1, ANSWER_MILLISECONDS);
	} while (ready == -1 && errno == EINTR);
	if (ready != 1)
		return -1;
	data = xmalloc(QUEUE_ANSWER_MAX);
	n = recv(fd, data, QUEUE_ANSWER_MAX, 0);
	if (n > 0)
		buf_add(answer, data, (size_t)n);
	free(data);
	return n > 0 ? 0 : -1;
}

int
queue_ask(const char *verb, const char *subject, struct buf *answer)
{
	struct buf request = BUF_INIT;
	int fd = connect_manager();
	int rc = -1;

	buf_reset(answer);
	if (fd == -1)
		return -1;
	buf_printf(&request, "%s %s", verb, subject);
	if (send(fd, request.data, request.size, MSG_NOSIGNAL) != -1)
		rc = receive_answer(fd, answer);
	buf_clear(&request);
	close(fd);
	return rc;
}

bool
queue_answer_is(const struct buf *answer, const char *word)
{
	size_t length = strlen(word);

	return strncmp(answer->data, word, length) == 0 &&
	    !isalnum((unsigned char)answer->data[length]);
}

size_t
queue_answer_number(const struct buf *answer)
{
	return queue_answer_is(answer, "ok")
	    ? strtoul(answer->data + 2, NULL, 10)
	    : 0;
}
