/* check_auth_world.c - a state folder and the auth helper on it. */
#include "tests/check_auth_world.h"

#include <check.h>
#include <sasl/sasl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/auth_attempt.h"
#include "common/auth_helper.h"
#include "common/directory.h"
#include "common/log.h"
#include "common/secrets.h"
#include "tests/check_folder.h"

pid_t auth_helper_pid;
int auth_helper_channel;
int auth_world_pause = HASTY;
bool auth_world_apop = true;

static struct config config;

static void
add_account(struct directory *directory, struct secrets *secrets,
    const char *name, bool disabled)
{
	struct address address = { .domain = "campus.example" };
	char login[ADDRESS_TEXT_MAX];
	char password[64];
	const char *why;

	ck_assert(copy_string(address.local, sizeof(address.local), name));
	snprintf(login, sizeof(login), "%s@campus.example", name);
	snprintf(password, sizeof(password), "%s-pass", name);
	ck_assert_int_eq(directory_add_mailbox(directory, &address, &why), 0);
	if (disabled)
		ck_assert_int_eq(directory_set_disabled(directory, &address,
				     true, &why),
		    0);
	ck_assert_int_eq(secrets_set(secrets, login, password,
			     "campus.example"),
	    0);
}

static void
make_accounts(void)
{
	struct directory *directory;
	struct secrets *secrets;
	const char *why;

	ck_assert_int_eq(directory_create(), 0);
	ck_assert_int_eq(secrets_create(), 0);
	directory = directory_open(true);
	secrets = secrets_open(true);
	ck_assert_ptr_nonnull(directory);
	ck_assert_ptr_nonnull(secrets);
	ck_assert_int_eq(directory_add_domain(directory, "campus.example",
			     &why),
	    0);
	add_account(directory, secrets, "alice", false);
	add_account(directory, secrets, "bob", false);
	add_account(directory, secrets, "carol", true);
	directory_close(directory);
	secrets_close(secrets);
}

void
auth_helper_start(bool grants)
{
	static char hostname[] = "mx.campus.example";
	static char domain[] = "campus.example";
	static char mechanisms[] =
	    "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5 DIGEST-MD5";
	int ends[2];

	config.hostname = hostname;
	config.domain = domain;
	config.mechanisms = mechanisms;
	config.teaching = true;
	config.apop = auth_world_apop;
	config.failures_per_minute = 200;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	auth_helper_pid = fork();
	ck_assert_int_ne(auth_helper_pid, -1);
	if (auth_helper_pid == 0) {
		close(ends[0]);
		log_set_level(LOG_ERROR);
		if (auth_world_pause != AS_SHIPPED)
			attempt_pause = auth_world_pause;
		_exit(auth_helper_run(&config, ends[1], "test", grants));
	}
	close(ends[1]);
	auth_helper_channel = ends[0];
}

void
auth_helper_kill(void)
{
	kill(auth_helper_pid, SIGKILL);
	ck_assert_int_eq(waitpid(auth_helper_pid, NULL, 0), auth_helper_pid);
	close(auth_helper_channel);
}

void
auth_world_open(bool grants)
{
	folder_enter();
	ck_assert_int_eq(mkdir("run", 0700), 0);
	make_accounts();
	auth_helper_start(grants);
}

void
auth_world_close(void)
{
	int status;

	/* The end of the channel is the order to leave. */
	close(auth_helper_channel);
	ck_assert_int_eq(waitpid(auth_helper_pid, &status, 0), auth_helper_pid);
	ck_assert_int_eq(status, 0);
	folder_leave();
}

struct auth_start
auth_world_start(const char *mechanism)
{
	return (struct auth_start){
		.program = "test",
		.service = "smtp",
		.mechanism = mechanism,
		.peer = "192.0.2.1",
		.tls = true,
	};
}

enum auth_result
auth_world_password(const char *user, const char *password, const char *peer)
{
	struct auth_start start = auth_world_start(NULL);
	struct auth *auth;
	enum auth_result result;

	start.peer = peer;
	result = auth_password(&start, user, password, &auth);
	auth_end(auth);
	return result;
}

enum auth_result
auth_world_begin(const char *mechanism, const void *initial, size_t size,
    struct auth **auth, struct buf *challenge)
{
	struct auth_start start = auth_world_start(mechanism);

	start.has_initial = initial != NULL;
	start.initial = initial;
	start.initial_size = size;
	return auth_begin(&start, auth, challenge);
}

void
auth_world_check(void)
{
	ck_assert_int_eq(auth_world_password("alice", "alice-pass",
			     "192.0.2.99"),
	    AUTH_SUCCESS);
}

static int
give_name(void *context, int id, const char **result, unsigned *size)
{
	(void)id;
	*result = context;
	if (size != NULL)
		*size = (unsigned)strlen(context);
	return SASL_OK;
}

static int
give_password(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret)
{
	(void)conn;
	(void)id;
	*secret = context;
	return SASL_OK;
}

/* Challenges and responses until the server has made up its mind. */
static enum auth_result
converse(sasl_conn_t *client, const struct auth_start *start,
    struct auth **auth_out)
{
	struct buf challenge = BUF_INIT;
	enum auth_result result = auth_begin(start, auth_out, &challenge);

	while (result == AUTH_CONTINUE) {
		const char *out = NULL;
		unsigned size = 0;
		int rc = sasl_client_step(client, challenge.data,
		    (unsigned)challenge.size, NULL, &out, &size);

		ck_assert_msg(rc == SASL_OK || rc == SASL_CONTINUE,
		    "client: %s", sasl_errdetail(client));
		result = auth_step(*auth_out, out == NULL ? "" : out, size,
		    &challenge);
	}
	buf_clear(&challenge);
	return result;
}

#define PROC(function) ((int (*)(void))(void (*)(void))(function))

enum auth_result
auth_world_sasl(const char *mechanism, const char *user, const char *password,
    char *login)
{
	char *name = xstrdup(user);
	sasl_secret_t *secret =
	    xcalloc(1, sizeof(*secret) + strlen(password) + 1);
	const sasl_callback_t callbacks[] = {
		{ SASL_CB_USER, PROC(give_name), name },
		{ SASL_CB_AUTHNAME, PROC(give_name), name },
		{ SASL_CB_PASS, PROC(give_password), secret },
		{ SASL_CB_LIST_END, NULL, NULL },
	};
	struct auth_start start = auth_world_start(mechanism);
	sasl_conn_t *client;
	struct auth *auth;
	enum auth_result result;
	const char *out = NULL;
	unsigned size = 0;
	int rc;

	secret->len = strlen(password);
	memcpy(secret->data, password, secret->len);
	ck_assert_int_eq(sasl_client_init(NULL), SASL_OK);
	ck_assert_int_eq(sasl_client_new("smtp", "mx.campus.example", NULL,
			     NULL, callbacks, 0, &client),
	    SASL_OK);
	rc = sasl_client_start(client, mechanism, NULL, &out, &size, NULL);
	ck_assert_msg(rc == SASL_OK || rc == SASL_CONTINUE, "client: %s",
	    sasl_errdetail(client));
	start.has_initial = out != NULL;
	start.initial = out;
	start.initial_size = size;
	result = converse(client, &start, &auth);
	ck_assert(copy_string(login, ADDRESS_TEXT_MAX, auth_login(auth)));
	auth_end(auth);
	sasl_dispose(&client);
	sasl_client_done();
	free(secret);
	free(name);
	return result;
}
