/* helper_socket.c - the two ends of run/PROGRAM-ROLE. */
#include "common/helper_socket.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

enum { KIND = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK };

static struct sockaddr_un
make_address(const char *program, const char *role, const char *suffix)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int n = snprintf(address.sun_path, sizeof(address.sun_path),
	    "run/%s-%s%s", program, role, suffix);

	if (n < 0 || (size_t)n >= sizeof(address.sun_path))
		panic("a socket's name is too long: %s-%s", program, role);
	return address;
}

static int
bind_and_listen(int fd, const struct sockaddr_un *fresh,
    const struct sockaddr_un *address)
{
	mode_t mask = umask(0177);
	int rc;

	unlink(fresh->sun_path);
	rc = bind(fd, (const struct sockaddr *)fresh, sizeof(*fresh));
	umask(mask);
	if (rc == -1)
		return log_errno("bind %s", fresh->sun_path);
	if (listen(fd, SOMAXCONN) == -1)
		return log_errno("listen on %s", fresh->sun_path);
	if (rename(fresh->sun_path, address->sun_path) == -1)
		return log_errno("rename %s", fresh->sun_path);
	return 0;
}

int
helper_listen(const char *program, const char *role)
{
	const struct sockaddr_un address = make_address(program, role, "");
	const struct sockaddr_un fresh = make_address(program, role, ".new");
	int fd = socket(AF_UNIX, KIND, 0);

	if (fd == -1)
		return log_errno("make a socket");
	if (bind_and_listen(fd, &fresh, &address) == 0)
		return fd;
	close(fd);
	return -1;
}

int
helper_connect(const char *program, const char *role)
{
	const struct sockaddr_un address = make_address(program, role, "");
	int fd = socket(AF_UNIX, KIND, 0);
	int saved;

	if (fd == -1)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) ==
	    0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}
