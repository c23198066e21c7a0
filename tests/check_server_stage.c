/*
 * check_server_stage.c - starts and watches the daemon of the tests.
 *
 * The daemon's standard error is the file log in its folder.  Run by root the
 * folder belongs to nobody, whom the daemon becomes.
 */
#include "tests/check_server_stage.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/cert.h"
#include "common/buf.h"
#include "common/conn.h"
#include "common/log.h"
#include "common/server.h"

enum {
	NOBODY = 65534,
	WELL_KNOWN = 25,
	PATIENCE = 30 * 1000, /* milliseconds, on a busy machine */
	PAUSE = 20,
};

static bool uses_zygote;

void
stage_use_zygote(void)
{
	uses_zygote = true;
}

void
stage_add_both(Suite *suite, const char *name, void (*add)(TCase *tc))
{
	TCase *forked = tcase_create(name);
	TCase *born = tcase_create("born");

	add(forked);
	tcase_add_checked_fixture(born, stage_use_zygote, NULL);
	add(born);
	suite_add_tcase(suite, forked);
	suite_add_tcase(suite, born);
}

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static struct sockaddr_in
loopback(const char *address, int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	in.sin_port = htons((uint16_t)port);
	ck_assert_int_eq(inet_pton(AF_INET, address, &in.sin_addr), 1);
	return in;
}

static int
bind_loopback(int port)
{
	struct sockaddr_in in = loopback("127.0.0.1", port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (const struct sockaddr *)(void *)&in, sizeof(in)) == 0)
		return fd;
	close(fd);
	return -1;
}

/*
 * A port that is free, and the next one as well; above those of the worlds
 * (tests/world.sh), below those of outgoing connections, and not that of a test
 * with a neighbouring process id.
 */
static int
find_port(void)
{
	enum { FIRST = 24000, STEP = 4, PLACES = 2000 };

	for (int i = (int)getpid();; i++) {
		int port = FIRST + i % PLACES * STEP;
		int fd = bind_loopback(port);
		int next = bind_loopback(port + 1);

		if (fd != -1)
			close(fd);
		if (next != -1)
			close(next);
		if (fd != -1 && next != -1)
			return port;
	}
}

void
stage_configure(const struct stage *stage, const struct stage_options *options)
{
	struct buf text = BUF_INIT;

	buf_printf(&text,
	    "[server]\ndomain = campus.example\nport_base = %d\n"
	    "[smtpd]\n%s\n"
	    "[listen first]\nprotocol = mta\ntls = %s\n"
	    "address = 127.0.0.1\n%s\n",
	    stage->port - WELL_KNOWN,
	    options->smtpd == NULL ? "" : options->smtpd,
	    options->tls == NULL ? "off" : options->tls,
	    options->listen == NULL ? "" : options->listen);
	write_text("postlab.conf", text.data);
	buf_clear(&text);
}

/* The kernel of this process has no Landlock from now on. */
static void
hide_landlock(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
		SCMP_SYS(landlock_create_ruleset), 0) != 0 ||
	    seccomp_load(ctx) != 0)
		_exit(99);
	seccomp_release(ctx);
}

/* As systemd passes a socket: descriptor 3, LISTEN_FDS and LISTEN_PID. */
static void
pass_socket(int port)
{
	char pid[16];
	int fd = bind_loopback(port);

	if (fd == -1 || listen(fd, 5) == -1)
		_exit(98);
	if (fd != 3) {
		dup2(fd, 3);
		close(fd);
	}
	fcntl(3, F_SETFD, 0);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
}

_Noreturn static void
run_daemon(const struct stage *stage, const struct stage_options *options)
{
	struct server server = test_server;
	int log = open("log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	struct config *config;
	char why[200] = "";

	dup2(log, STDERR_FILENO);
	if (options->without_landlock)
		hide_landlock();
	if (options->pass_socket)
		pass_socket(stage->port);
	config = config_load("postlab.conf", why, sizeof(why));
	if (config == NULL) {
		fprintf(stderr, "%s\n", why);
		_exit(97);
	}
	server.zygote = uses_zygote;
	if (uses_zygote)
		server.sandbox = &test_zygote_sandbox;
	server.workers_a_cpu = options->workers_a_cpu;
	server.grant_kept = options->grant_kept;
	_exit(server_main(&server, config));
}

static void
make_folder(struct stage *stage, const struct stage_options *options)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(stage->dir, sizeof(stage->dir),
	    "%s/postlab-check-XXXXXX",
	    base == NULL || strlen(base) > 30 ? "/tmp" : base);
	ck_assert_ptr_nonnull(mkdtemp(stage->dir));
	ck_assert_int_eq(chdir(stage->dir), 0);
	ck_assert_int_eq(mkdir("spool", 0700), 0);
	ck_assert_int_eq(mkdir("boxes", 0700), 0);
	write_text("secrets.sqlite", "the passwords");
	write_text("directory.sqlite", "the names");
	write_text("spool/message", "a message");
	if (geteuid() != 0 || options->owned_by_root)
		return;
	ck_assert_int_eq(chown(".", NOBODY, NOBODY), 0);
	ck_assert_int_eq(chown("spool", NOBODY, NOBODY), 0);
	ck_assert_int_eq(chown("boxes", NOBODY, NOBODY), 0);
	ck_assert_int_eq(chown("spool/message", NOBODY, NOBODY), 0);
	ck_assert_int_eq(chown("directory.sqlite", NOBODY, NOBODY), 0);
	ck_assert_int_eq(chown("secrets.sqlite", NOBODY, NOBODY), 0);
}

static int
give_away(const char *path, const struct stat *st, int type)
{
	(void)st;
	(void)type;
	return chown(path, NOBODY, NOBODY);
}

void
stage_certify(const char *folder)
{
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert_int_eq(cert_make_all(folder, "mail.campus.example"), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(ftw(folder, give_away, 10), 0);
}

void
stage_open(struct stage *stage, const struct stage_options *options)
{
	make_folder(stage, options);
	if (options->tls != NULL)
		stage_certify("tls");
	stage->port = find_port();
	stage_configure(stage, options);
	stage_restart(stage, options);
}

void
stage_restart(struct stage *stage, const struct stage_options *options)
{
	stage->master = fork();
	if (stage->master == 0)
		run_daemon(stage, options);
	if (!options->must_not_start)
		stage_await_log("event=ready");
}

int
stage_run_second(void)
{
	const struct stage_options options = { 0 };
	const struct stage stage = { .port = 0 };
	pid_t pid = fork();
	int status;

	if (pid == 0)
		run_daemon(&stage, &options);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
stage_wait(struct stage *stage, int seconds)
{
	long until = stage_now() + seconds * 1000L;
	int status;

	while (stage_now() < until) {
		if (waitpid(stage->master, &status, WNOHANG) == stage->master)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		stage_sleep(PAUSE);
	}
	ck_abort_msg("the master is still there after %d s", seconds);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
stage_remove(const struct stage *stage)
{
	ck_assert_int_eq(chdir("/"), 0);
	nftw(stage->dir, remove_one, 20, FTW_DEPTH | FTW_PHYS);
}

void
stage_close(struct stage *stage, int seconds)
{
	kill(stage->master, SIGTERM);
	ck_assert_int_eq(stage_wait(stage, seconds), 0);
	stage_remove(stage);
}

struct conn *
stage_connect(const struct stage *stage, const char *from)
{
	struct sockaddr_in here = loopback(from, 0);
	struct sockaddr_in there = loopback("127.0.0.1", stage->port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)(void *)&here,
			     sizeof(here)),
	    0);
	ck_assert_int_eq(connect(fd, (const struct sockaddr *)(void *)&there,
			     sizeof(there)),
	    0);
	return conn_open(fd, PATIENCE / 1000);
}

struct conn *
stage_greeted(const struct stage *stage, const char *from)
{
	struct conn *conn = stage_connect(stage, from);
	char expected[64];

	(void)snprintf(expected, sizeof(expected), "220 %s first", from);
	ck_assert_str_eq(stage_line(conn), expected);
	return conn;
}

void
stage_reload(const struct stage *stage, const struct stage_options *options,
    const char *event)
{
	stage_configure(stage, options);
	kill(stage->master, SIGHUP);
	stage_await_log(event);
}

const char *
stage_line(struct conn *conn)
{
	static char lines[4][512];
	static unsigned turn;
	char *line = lines[turn++ % COUNT(lines)];

	if (conn_getline(conn, line, sizeof(lines[0])) != CONN_LINE)
		ck_abort_msg("no line, but: %s", conn_error(conn));
	return line;
}

const char *
stage_ask(struct conn *conn, const char *order)
{
	conn_putline(conn, "%s", order);
	return stage_line(conn);
}

bool
stage_is_closed(struct conn *conn)
{
	char line[8];

	return conn_getline(conn, line, sizeof(line)) == CONN_END &&
	    strcmp(conn_error(conn), "timed out") != 0;
}

struct conn *
stage_grant(const char *text)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX,
		.sun_path = "run/desk" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	long until = stage_now() + PATIENCE;

	while (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == -1) {
		ck_assert_int_lt(stage_now(), until);
		stage_sleep(20);
	}
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	return conn_open(fd, 10);
}

void
stage_await_end(pid_t pid)
{
	long until = stage_now() + 30 * 1000;

	while (kill(pid, 0) == 0) {
		ck_assert_int_lt(stage_now(), until);
		stage_sleep(20);
	}
}
