/*
 * auth.c - the session's end of an attempt to log in: one SEQPACKET connection
 * to run/PROGRAM-auth, one datagram each way a step (auth_wire.h).
 */
#include "common/auth.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/auth_policy.h"
#include "common/auth_wire.h"
#include "common/fdpass.h"
#include "common/log.h"

enum {
	ANSWER_MILLISECONDS = 30 * 1000, /* the helper's pause included */
	CONNECT_TRIES = 20,              /* 50 ms apart: it may be restarting */
};

struct auth {
	int fd; /* -1 when there is no helper, or the attempt is over */
	int grant;
	char login[ADDRESS_TEXT_MAX];
};

static int
connect_once(const struct sockaddr_un *to)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
connect_helper(const char *program)
{
	static const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int n =
	    snprintf(to.sun_path, sizeof(to.sun_path), "run/%s-auth", program);

	if (n < 0 || (size_t)n >= sizeof(to.sun_path))
		panic("program name too long: %s", program);
	for (int i = 0; i < CONNECT_TRIES; i++) {
		int fd = connect_once(&to);

		if (fd != -1)
			return fd;
		if (errno != ECONNREFUSED && errno != ENOENT)
			break;
		nanosleep(&pause, NULL);
	}
	return log_errno("connect %s", to.sun_path);
}

/* The attempt is over; what was learned of it stays. */
static enum auth_result
finish(struct auth *auth, enum auth_result result)
{
	if (auth->fd != -1)
		close(auth->fd);
	auth->fd = -1;
	return result;
}

/* Waits for the one answer to what was sent. */
static enum auth_result
receive_answer(struct auth *auth, struct buf *challenge)
{
	struct pollfd wait = { .fd = auth->fd, .events = POLLIN };
	union {
		struct wire_answer head;
		char bytes[WIRE_MAX];
	} answer;
	ssize_t n;
	int ready;

	do {
		ready = poll(&wait, 1, ANSWER_MILLISECONDS);
	} while (ready == -1 && errno == EINTR);
	if (ready != 1)
		return finish(auth, AUTH_LATER);
	n = fd_receive(auth->fd, &answer, sizeof(answer), &auth->grant);
	if (n < (ssize_t)sizeof(answer.head) ||
	    memchr(answer.head.login, '\0', sizeof(answer.head.login)) == NULL)
		return finish(auth, AUTH_LATER);
	buf_reset(challenge);
	buf_add(challenge, answer.bytes + sizeof(answer.head),
	    (size_t)n - sizeof(answer.head));
	if (answer.head.result == AUTH_CONTINUE)
		return AUTH_CONTINUE;
	copy_string(auth->login, sizeof(auth->login), answer.head.login);
	return finish(auth, answer.head.result);
}

/* Sends a request; SIZE bytes of DATA behind its head. */
static enum auth_result
ask(struct auth *auth, const struct wire_request *head, const void *data,
    size_t size, struct buf *challenge)
{
	char message[WIRE_MAX];
	int rc;

	if (auth->fd == -1)
		return AUTH_LATER;
	if (size > AUTH_DATA_MAX)
		return finish(auth, AUTH_MALFORMED);
	memcpy(message, head, sizeof(*head));
	if (size > 0)
		memcpy(message + sizeof(*head), data, size);
	rc = fd_send(auth->fd, message, sizeof(*head) + size, -1);
	explicit_bzero(message + sizeof(*head), size);
	if (rc == -1)
		return finish(auth, AUTH_LATER);
	return receive_answer(auth, challenge);
}

static struct auth *
open_attempt(const struct auth_start *start, struct wire_request *head)
{
	struct auth *auth = xcalloc(1, sizeof(*auth));

	auth->grant = -1;
	auth->fd = connect_helper(start->program);
	head->flags = (start->tls ? WIRE_TLS : 0u) |
	    (start->cleartext ? WIRE_CLEARTEXT : 0u);
	if (!copy_string(head->service, sizeof(head->service), start->service))
		panic("service name too long: %s", start->service);
	copy_string(head->peer, sizeof(head->peer), start->peer);
	return auth;
}

enum auth_result
auth_begin(const struct auth_start *start, struct auth **auth_out,
    struct buf *challenge)
{
	struct wire_request head = { .kind = WIRE_START };
	struct auth *auth = open_attempt(start, &head);

	*auth_out = auth;
	buf_reset(challenge);
	if (!copy_string(head.mechanism, sizeof(head.mechanism),
		start->mechanism))
		return finish(auth, AUTH_UNKNOWN);
	if (!start->has_initial)
		return ask(auth, &head, "", 0, challenge);
	head.flags |= WIRE_INITIAL;
	return ask(auth, &head, start->initial, start->initial_size, challenge);
}

enum auth_result
auth_step(struct auth *auth, const char *response, size_t size,
    struct buf *challenge)
{
	static const struct wire_request head = { .kind = WIRE_STEP };

	buf_reset(challenge);
	return ask(auth, &head, response, size, challenge);
}

enum auth_result
auth_password(const struct auth_start *start, const char *user,
    const char *password, struct auth **auth_out)
{
	struct wire_request head = { .kind = WIRE_PASSWORD };
	struct buf data = BUF_INIT;
	struct buf challenge = BUF_INIT;
	enum auth_result result;

	*auth_out = open_attempt(start, &head);
	buf_add(&data, user, strlen(user) + 1);
	buf_addstr(&data, password);
	result = ask(*auth_out, &head, data.data, data.size, &challenge);
	explicit_bzero(data.data, data.size);
	buf_clear(&data);
	buf_clear(&challenge);
	return result;
}

bool
auth_offers_apop(const struct config *config)
{
	return config->teaching && config->apop;
}

enum auth_result
auth_apop(const struct auth_start *start, const char *user, const char *stamp,
    const char *digest, struct auth **auth_out)
{
	struct wire_request head = { .kind = WIRE_APOP };
	struct buf data = BUF_INIT;
	struct buf challenge = BUF_INIT;
	enum auth_result result;

	*auth_out = open_attempt(start, &head);
	buf_add(&data, user, strlen(user) + 1);
	buf_add(&data, stamp, strlen(stamp) + 1);
	buf_addstr(&data, digest);
	result = ask(*auth_out, &head, data.data, data.size, &challenge);
	buf_clear(&data);
	buf_clear(&challenge);
	return result;
}

const char *
auth_login(const struct auth *auth)
{
	return auth->login;
}

int
auth_take_grant(struct auth *auth)
{
	int fd = auth->grant;

	auth->grant = -1;
	return fd;
}

void
auth_end(struct auth *auth)
{
	if (auth == NULL)
		return;
	if (auth->fd != -1)
		close(auth->fd);
	if (auth->grant != -1)
		close(auth->grant);
	free(auth);
}

struct offer {
	const struct config *config;
	bool tls;
	bool cleartext;
	bool any;
	struct buf *to;
};

static void
offer_mechanism(void *arg, const char *mechanism)
{
	struct offer *offer = arg;

	if (auth_policy(offer->config, mechanism, offer->tls,
		offer->cleartext) != AUTH_CONTINUE)
		return;
	if (offer->any)
		buf_addchar(offer->to, ' ');
	offer->any = true;
	buf_addstr(offer->to, mechanism);
}

void
auth_mechanisms(const struct config *config, bool tls, bool cleartext,
    struct buf *to)
{
	struct offer offer = {
		.config = config,
		.tls = tls,
		.cleartext = cleartext,
		.to = to,
	};

	auth_policy_each(config, offer_mechanism, &offer);
}
