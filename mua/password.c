/*
 * password.c - runs the command, or asks.
 *
 * The command is the person's own line from mua.conf and goes through a shell,
 * as they expect of pipes and quotes; nothing of a message is ever in it.
 */
#include "mua/password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "common/auth.h"
#include "mua/prompt.h"

enum { HIDDEN_MIN = 4 /* less would blot out any text */ };

/* Whose storage a typed one has: the same login has the same password. */
static struct account_host *
keeper_of(struct account *account, struct account_host *host)
{
	if (host == &account->smtp && *host->login == '\0' &&
	    *host->password_command == '\0')
		return &account->pop3;
	return host;
}

static const char *
command_of(const struct account *account, const struct account_host *host)
{
	if (*host->password_command != '\0')
		return host->password_command;
	/* Another login has another password. */
	return *host->login == '\0' ? account->pop3.password_command : "";
}

/* Stars in place of NEEDLE, which is not shorter than they are. */
static void
cover(char *text, const char *needle)
{
	size_t size = strlen(needle);

	if (size < HIDDEN_MIN)
		return;
	while ((text = strstr(text, needle)) != NULL) {
		memset(text, '*', 3);
		memmove(text + 3, text + size, strlen(text + size) + 1);
		text += 3;
	}
}

/* In base64; without padding, which may be cut off or stand apart. */
static void
cover_encoded(char *text, const struct buf *secret)
{
	struct buf encoded = BUF_INIT;

	auth_base64_encode(secret->data, secret->size, &encoded);
	encoded.data[strcspn(encoded.data, "=")] = '\0';
	cover(text, encoded.data);
	explicit_bzero(encoded.data, encoded.size);
	buf_clear(&encoded);
}

void
password_hide(const struct password *password, const char *login, char *text)
{
	struct buf secret = BUF_INIT;

	if (password->size < HIDDEN_MIN)
		return;
	cover(text, password->text);
	buf_add(&secret, password->text, password->size);
	cover_encoded(text, &secret);
	/* RFC 4616: [authzid] NUL authcid NUL passwd */
	explicit_bzero(secret.data, secret.size);
	buf_reset(&secret);
	buf_addchar(&secret, '\0');
	buf_addstr(&secret, login);
	buf_addchar(&secret, '\0');
	buf_add(&secret, password->text, password->size);
	cover_encoded(text, &secret);
	explicit_bzero(secret.data, secret.size);
	buf_clear(&secret);
}

void
password_forget(struct password *password)
{
	explicit_bzero(password, sizeof(*password));
}

void
password_was_wrong(struct account *account, struct account_host *host)
{
	struct account_host *keeper = keeper_of(account, host);

	if (keeper->password == NULL)
		return;
	explicit_bzero(keeper->password, strlen(keeper->password));
	free(keeper->password);
	keeper->password = NULL;
}

static void
keep(struct account *account, struct account_host *host,
    const struct password *password)
{
	password_was_wrong(account, host);
	keeper_of(account, host)->password = xstrdup(password->text);
}

/* The command's child: its output into FD, nothing to read. */
_Noreturn static void
become_command(const char *command, int fd)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (nothing != -1)
		dup2(nothing, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Reads until the end; what is beyond the room is read and lost. */
static void
read_output(int fd, struct password *password)
{
	char rest[64] = "";
	ssize_t n = 0;

	do {
		bool full = password->size == PASSWORD_MAX;

		n = read(fd, full ? rest : password->text + password->size,
		    full ? sizeof(rest) : PASSWORD_MAX - password->size);
		if (n > 0 && !full)
			password->size += (size_t)n;
	} while (n > 0 || (n == -1 && errno == EINTR));
	explicit_bzero(rest, sizeof(rest));
	password->text[password->size] = '\0';
}

/* The status of the command, -1 when it could not be run. */
static int
run_command(const char *command, struct password *password)
{
	int status = -1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	pid = fork();
	if (pid == 0)
		become_command(command, ends[1]);
	close(ends[1]);
	if (pid != -1) {
		read_output(ends[0], password);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
	}
	close(ends[0]);
	return status;
}

static enum password_result
ask_command(const char *command, struct password *password, char *why,
    size_t size)
{
	int status = run_command(command, password);
	size_t length = strcspn(password->text, "\r\n");

	explicit_bzero(password->text + length, PASSWORD_MAX - length);
	password->size = length;
	if (status == 0 && length > 0)
		return PASSWORD_GOT;
	password_forget(password);
	if (status == 0)
		(void)snprintf(why, size,
		    "The password_command prints no password: %s", command);
	else if (status != -1 && WIFEXITED(status))
		(void)snprintf(why, size,
		    "The password_command fails with status %d: %s",
		    WEXITSTATUS(status), command);
	else
		(void)snprintf(why, size,
		    "The password_command could not be run: %s", command);
	return PASSWORD_FAILED;
}

static enum password_result
ask_screen(struct ui *ui, const char *question, struct password *password)
{
	struct buf answer = BUF_INIT;
	bool answered;

	/* Room at once: what grows leaves copies behind. */
	buf_add(&answer, password->text, sizeof(password->text));
	buf_reset(&answer);
	answered = prompt_secret(ui, question, &answer);
	if (answered &&
	    copy_string(password->text, sizeof(password->text), answer.data))
		password->size = answer.size;
	explicit_bzero(answer.data, answer.size);
	buf_clear(&answer);
	return password->size > 0 ? PASSWORD_GOT : PASSWORD_GIVEN_UP;
}

/* On the terminal, whatever standard input and output are. */
static enum password_result
ask_terminal(const char *question, struct password *password, char *why,
    size_t size)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios before;
	struct termios quiet;
	ssize_t n;

	if (fd == -1 || tcgetattr(fd, &before) == -1) {
		if (fd != -1)
			close(fd);
		(void)snprintf(why, size,
		    "There is no terminal to ask for the password on; a "
		    "password_command in mua.conf needs none");
		return PASSWORD_FAILED;
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ECHONL | ICANON;
	tcsetattr(fd, TCSAFLUSH, &quiet);
	(void)write_all(fd, question, strlen(question));
	n = read(fd, password->text, PASSWORD_MAX);
	tcsetattr(fd, TCSAFLUSH, &before);
	close(fd);
	password->text[n > 0 ? n : 0] = '\0';
	password->size = strcspn(password->text, "\r\n");
	password->text[password->size] = '\0';
	return password->size > 0 ? PASSWORD_GOT : PASSWORD_GIVEN_UP;
}

enum password_result
password_get(struct account *account, struct account_host *host, struct ui *ui,
    struct password *password_out, char *why, size_t size)
{
	const struct account_host *keeper = keeper_of(account, host);
	const char *command = command_of(account, host);
	enum password_result result;
	char question[512];

	memset(password_out, 0, sizeof(*password_out));
	*why = '\0';
	if (keeper->password != NULL) {
		password_out->size = strlen(keeper->password);
		memcpy(password_out->text, keeper->password,
		    password_out->size + 1);
		return PASSWORD_GOT;
	}
	if (*command != '\0') {
		/* It may ask for a passphrase of its own there. */
		if (ui != NULL && ui->terminal->suspend != NULL)
			ui->terminal->suspend(ui->terminal);
		result = ask_command(command, password_out, why, size);
		if (ui != NULL && ui->terminal->resume != NULL)
			ui->terminal->resume(ui->terminal);
		return result;
	}
	(void)snprintf(question, sizeof(question),
	    "Password of %s at %s: ", account_login(account, host), host->host);
	result = ui != NULL ? ask_screen(ui, question, password_out)
			    : ask_terminal(question, password_out, why, size);
	if (result == PASSWORD_GOT)
		keep(account, host, password_out);
	return result;
}
