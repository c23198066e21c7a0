/*
 * auth_attempt.c - one connection to the auth helper.
 *
 * The session on the other side may have been taken over: it gets an answer
 * to each request, and nothing it sends or fails to read holds up the others.
 */
#include "common/auth_attempt.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/auth_policy.h"
#include "common/fdpass.h"
#include "common/log.h"
#include "common/server.h"

int attempt_pause = 1000;

/* A datagram as it came; a NUL stands behind its last byte. */
struct request {
	struct wire_request head;
	char data[WIRE_MAX - sizeof(struct wire_request) + 1];
	size_t size;
};

static void
send_answer(int fd, enum auth_result result, const char *login,
    const struct buf *challenge, int grant)
{
	struct wire_answer head = { .result = (uint32_t)result };
	struct buf answer = BUF_INIT;

	if (challenge->size > WIRE_MAX - sizeof(head)) {
		log_failure("a challenge of %zu bytes", challenge->size);
		return;
	}
	copy_string(head.login, sizeof(head.login), login);
	buf_add(&answer, &head, sizeof(head));
	buf_add(&answer, challenge->data, challenge->size);
	/* A session that does not read is none of our business. */
	(void)fd_send(fd, answer.data, answer.size, grant);
	buf_clear(&answer);
}

static void
say(int fd, enum auth_result result)
{
	static const struct buf nothing = BUF_INIT;

	send_answer(fd, result, "", &nothing, -1);
}

/* Whether a request came that is well-formed and in its place. */
static bool
receive_request(const struct attempt *attempt, struct request *request)
{
	struct wire_request *head = &request->head;
	int passed;
	ssize_t n;

	n = fd_receive(attempt->fd, request, WIRE_MAX, &passed);
	if (passed != -1)
		close(passed);
	if (n < (ssize_t)sizeof(*head))
		return false;
	request->size = (size_t)n - sizeof(*head);
	request->data[request->size] = '\0';
	return memchr(head->mechanism, '\0', sizeof(head->mechanism)) != NULL &&
	    memchr(head->service, '\0', sizeof(head->service)) != NULL &&
	    memchr(head->peer, '\0', sizeof(head->peer)) != NULL &&
	    (head->kind == WIRE_STEP) == (attempt->sasl != NULL);
}

static enum auth_result
start_mechanism(const struct auth_desk *desk, struct attempt *attempt,
    const struct request *request, struct buf *challenge)
{
	const struct wire_request *head = &request->head;
	bool has_initial = (head->flags & WIRE_INITIAL) != 0;
	enum auth_result result = auth_policy(desk->config, head->mechanism,
	    (head->flags & WIRE_TLS) != 0, (head->flags & WIRE_CLEARTEXT) != 0);

	if (result != AUTH_CONTINUE)
		return result;
	copy_string(attempt->mechanism, sizeof(attempt->mechanism),
	    head->mechanism);
	return sasl_attempt_start(attempt->sasl, head->mechanism,
	    has_initial ? request->data : NULL, has_initial ? request->size : 0,
	    challenge);
}

static enum auth_result
try_password(struct attempt *attempt, const struct request *request)
{
	size_t name = strlen(request->data);

	if ((request->head.flags & (WIRE_TLS | WIRE_CLEARTEXT)) == 0)
		return AUTH_WEAK;
	/* data = user NUL password; neither can hold a NUL. */
	if (name >= request->size ||
	    name + 1 + strlen(request->data + name + 1) != request->size)
		return AUTH_MALFORMED;
	copy_string(attempt->mechanism, sizeof(attempt->mechanism), "USER");
	return sasl_attempt_password(attempt->sasl, request->data,
	    request->data + name + 1);
}

/* The string at *AT, which goes behind it; NULL when none ends before END. */
static const char *
next_string(const char **at, const char *end)
{
	const char *text = *at;
	const char *nul = memchr(text, '\0', (size_t)(end - text));

	if (nul == NULL)
		return NULL;
	*at = nul + 1;
	return text;
}

static enum auth_result
try_apop(const struct auth_desk *desk, struct attempt *attempt,
    const struct request *request)
{
	const char *at = request->data;
	/* With the NUL behind the last byte. */
	const char *end = at + request->size + 1;
	const char *name = next_string(&at, end);
	const char *stamp = name == NULL ? NULL : next_string(&at, end);
	const char *digest = stamp == NULL ? NULL : next_string(&at, end);

	if (!auth_offers_apop(desk->config))
		return AUTH_UNKNOWN;
	if (digest == NULL || at != end)
		return AUTH_MALFORMED;
	copy_string(attempt->mechanism, sizeof(attempt->mechanism), "APOP");
	return sasl_attempt_apop(attempt->sasl, name, stamp, digest);
}

static enum auth_result
execute(const struct auth_desk *desk, struct attempt *attempt,
    const struct request *request, struct buf *challenge)
{
	const struct wire_request *head = &request->head;

	switch (head->kind) {
	case WIRE_STEP:
		return sasl_attempt_step(attempt->sasl, request->data,
		    request->size, challenge);
	case WIRE_START:
	case WIRE_PASSWORD:
	case WIRE_APOP:
		attempt->sasl =
		    sasl_attempt_new(desk->config, desk->store, head->service);
		if (attempt->sasl == NULL)
			return AUTH_LATER;
		if (head->kind == WIRE_PASSWORD)
			return try_password(attempt, request);
		if (head->kind == WIRE_APOP)
			return try_apop(desk, attempt, request);
		return start_mechanism(desk, attempt, request, challenge);
	default:
		return AUTH_MALFORMED;
	}
}

/* A line to a new process with the rights of this login; -1 without. */
static int
make_grant(const struct auth_desk *desk, const struct mailbox *mailbox)
{
	int ends[2];
	char *text;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
		return log_errno("make a socket pair");
	text = xasprintf("%s %s", mailbox->login, mailbox->folder);
	if (server_grant(desk->channel, ends[0], text) == -1) {
		close(ends[1]);
		ends[1] = -1;
	}
	close(ends[0]);
	free(text);
	return ends[1];
}

/*
 * Whom it is about: one name for all the ways to type it, whether there is such
 * an account or not; "" at first.
 */
static const char *
name_of(const struct attempt *attempt)
{
	return attempt->sasl == NULL
	    ? ""
	    : sasl_attempt_account(attempt->sasl)->name;
}

static bool
is_refused(const struct auth_desk *desk, const struct attempt *attempt,
    int64_t now)
{
	if (!auth_limit_reached(desk->limit, attempt->peer, name_of(attempt),
		now))
		return false;
	log_event(LOG_WARN, "login-refused",
	    "reason=too_many_failures user=%s peer=%s",
	    log_safe(name_of(attempt)), log_safe(attempt->peer));
	return true;
}

static void
log_attempt(const struct attempt *attempt, enum auth_result result)
{
	static const char *const reasons[] = {
		[ACCOUNT_OK] = "wrong_password",
		[ACCOUNT_UNKNOWN] = "unknown_user",
		[ACCOUNT_DISABLED] = "disabled",
	};
	const struct account *account = sasl_attempt_account(attempt->sasl);

	if (result == AUTH_SUCCESS)
		log_event(LOG_INFO, "login", "user=%s mechanism=%s peer=%s",
		    account->mailbox.login, log_safe(attempt->mechanism),
		    log_safe(attempt->peer));
	else
		log_event(LOG_INFO, "login-failed",
		    "user=%s reason=%s mechanism=%s peer=%s",
		    log_safe(sasl_attempt_name(attempt->sasl)),
		    reasons[account->state], log_safe(attempt->mechanism),
		    log_safe(attempt->peer));
}

/* Which worker asks: the kernel's word, not its own.  0 when it is gone. */
static pid_t
worker_of(const struct attempt *attempt)
{
	struct ucred worker = { 0 };
	socklen_t size = sizeof(worker);

	if (getsockopt(attempt->fd, SOL_SOCKET, SO_PEERCRED, &worker, &size) ==
	    -1)
		return 0;
	return worker.pid;
}

static void
answer_success(const struct auth_desk *desk, const struct attempt *attempt)
{
	static const struct buf nothing = BUF_INIT;
	const struct mailbox *mailbox =
	    &sasl_attempt_account(attempt->sasl)->mailbox;
	int grant = -1;

	log_attempt(attempt, AUTH_SUCCESS);
	if (desk->grants) {
		grant = make_grant(desk, mailbox);
		if (grant == -1) {
			say(attempt->fd, AUTH_LATER);
			return;
		}
	}
	server_spent(desk->channel, worker_of(attempt));
	send_answer(attempt->fd, AUTH_SUCCESS, mailbox->login, &nothing, grant);
	if (grant != -1)
		close(grant);
}

/* Tells the session, now or after the pause.  False when all is said. */
static bool
answer(const struct auth_desk *desk, struct attempt *attempt,
    enum auth_result result, const struct buf *challenge, int64_t now)
{
	switch (result) {
	case AUTH_CONTINUE:
		send_answer(attempt->fd, AUTH_CONTINUE, "", challenge, -1);
		attempt->deadline = now + ATTEMPT_IDLE;
		return true;
	case AUTH_FAILED:
		log_attempt(attempt, AUTH_FAILED);
		auth_limit_failure(desk->limit, attempt->peer, name_of(attempt),
		    now);
		attempt->failed = true;
		attempt->deadline = now + attempt_pause;
		return true;
	case AUTH_SUCCESS:
		answer_success(desk, attempt);
		return false;
	default:
		say(attempt->fd, result);
		return false;
	}
}

void
attempt_open(struct attempt *attempt, int fd, int64_t now)
{
	memset(attempt, 0, sizeof(*attempt));
	attempt->fd = fd;
	attempt->deadline = now + ATTEMPT_IDLE;
}

bool
attempt_serve(const struct auth_desk *desk, struct attempt *attempt,
    int64_t now)
{
	struct request request;
	struct buf challenge = BUF_INIT;
	enum auth_result result;
	bool more;

	/* Whoever talks while waiting for its failure is not our session. */
	if (attempt->failed || !receive_request(attempt, &request))
		return false;
	if (attempt->sasl == NULL)
		copy_string(attempt->peer, sizeof(attempt->peer),
		    request.head.peer);
	result = AUTH_TOO_MANY;
	if (!is_refused(desk, attempt, now)) {
		const bool was_named = *name_of(attempt) != '\0';

		result = execute(desk, attempt, &request, &challenge);
		/* Right or wrong, nothing is said of a name that must wait. */
		if (!was_named && is_refused(desk, attempt, now))
			result = AUTH_TOO_MANY;
	}
	explicit_bzero(request.data, request.size);
	more = answer(desk, attempt, result, &challenge, now);
	buf_clear(&challenge);
	return more;
}

void
attempt_expire(const struct attempt *attempt)
{
	if (attempt->failed)
		say(attempt->fd, AUTH_FAILED);
}

void
attempt_close(struct attempt *attempt)
{
	sasl_attempt_free(attempt->sasl);
	close(attempt->fd);
}

void
attempt_refuse(int fd)
{
	say(fd, AUTH_LATER);
	close(fd);
}
