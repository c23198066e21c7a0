/*
 * landlock.c - the Landlock system calls (landlock(7)).
 *
 * Debian 12's header stops at ABI 2 and its C library has no wrappers, so the
 * later rights are numbered here; they are the kernel's interface and never
 * change.  ABI 1 cannot link or rename between folders at all, which is how
 * mail is delivered: it counts as none.
 */
#include "common/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/log.h"

enum {
	ABI_USABLE = 2,
	ABI_TRUNCATE = 3,
	ABI_TCP = 4,
	ABI_IOCTL = 5,
	ABI_SCOPE = 6
};

/* clang-format off */
enum access {
	EXECUTE     = LANDLOCK_ACCESS_FS_EXECUTE,
	WRITE_FILE  = LANDLOCK_ACCESS_FS_WRITE_FILE,
	READ_FILE   = LANDLOCK_ACCESS_FS_READ_FILE,
	READ_DIR    = LANDLOCK_ACCESS_FS_READ_DIR,
	REMOVE_DIR  = LANDLOCK_ACCESS_FS_REMOVE_DIR,
	REMOVE_FILE = LANDLOCK_ACCESS_FS_REMOVE_FILE,
	MAKE_DIR    = LANDLOCK_ACCESS_FS_MAKE_DIR,
	MAKE_REG    = LANDLOCK_ACCESS_FS_MAKE_REG,
	MAKE_SOCK   = LANDLOCK_ACCESS_FS_MAKE_SOCK,
	REFER       = LANDLOCK_ACCESS_FS_REFER,
	TRUNCATE    = 1 << 14,
	IOCTL_DEV   = 1 << 15,
	FIRST_ABI   = (1 << 13) - 1, /* all that ABI 1 knows */
	OF_A_FILE   = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV,
};
enum { TCP_BIND = 1 << 0, TCP_CONNECT = 1 << 1 };
enum { SCOPE_ABSTRACT_SOCKET = 1 << 0, SCOPE_SIGNAL = 1 << 1 };

static const struct {
	unsigned right;
	unsigned access;
} meanings[] = {
	{ SB_READ,   READ_FILE | READ_DIR },
	{ SB_WRITE,  WRITE_FILE | TRUNCATE },
	{ SB_CREATE, MAKE_REG | REFER },
	{ SB_REMOVE, REMOVE_FILE | REFER },
	{ SB_MKDIR,  MAKE_DIR | REMOVE_DIR | REFER },
	{ SB_SOCKET, MAKE_SOCK },
};
/* clang-format on */

/* struct landlock_ruleset_attr as of ABI 6; older kernels take it when what
 * they do not know is 0. */
struct ruleset {
	uint64_t files;
	uint64_t tcp;
	uint64_t scoped;
};

int
landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

/* All kinds of access to files that a kernel of this ABI can deny. */
static unsigned
deniable(int abi)
{
	unsigned access = FIRST_ABI | REFER;

	if (abi >= ABI_TRUNCATE)
		access |= TRUNCATE;
	if (abi >= ABI_IOCTL)
		access |= IOCTL_DEV;
	return access;
}

static unsigned
access_of(unsigned rights)
{
	unsigned access = 0;

	for (size_t i = 0; i < COUNT(meanings); i++)
		if ((rights & meanings[i].right) != 0)
			access |= meanings[i].access;
	return access;
}

static int
allow_path(int ruleset, const struct sandbox_path *path, unsigned known)
{
	struct landlock_path_beneath_attr rule = { 0 };
	struct stat st;
	int rc = -1;
	int fd = open(path->path, O_PATH | O_CLOEXEC);

	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		return log_errno("open %s", path->path);
	if (fstat(fd, &st) == -1) {
		log_errno("stat %s", path->path);
		goto out;
	}
	rule.parent_fd = fd;
	rule.allowed_access = access_of(path->rights) & known;
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= OF_A_FILE;
	if (rule.allowed_access != 0 &&
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) == -1) {
		log_errno("allow %s", path->path);
		goto out;
	}
	rc = 0;
out:
	close(fd);
	return rc;
}

static int
allow_paths(int ruleset, const struct sandbox_path *paths, unsigned known)
{
	for (; paths != NULL && paths->path != NULL; paths++)
		if (allow_path(ruleset, paths, known) == -1)
			return -1;
	return 0;
}

int
landlock_confine(const struct sandbox_path *paths, unsigned calls)
{
	struct ruleset attr = { 0 };
	int abi = landlock_abi();
	int rc = -1;
	int fd;

	if (abi < ABI_USABLE)
		return 0;
	attr.files = deniable(abi);
	if (abi >= ABI_TCP && (calls & SB_CALL_BIND) == 0)
		attr.tcp |= TCP_BIND;
	if (abi >= ABI_TCP && (calls & SB_CALL_INET) == 0)
		attr.tcp |= TCP_CONNECT;
	if (abi >= ABI_SCOPE)
		attr.scoped = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd == -1)
		return log_errno("create Landlock rules");

	if (allow_paths(fd, paths, deniable(abi)) == -1)
		goto out;
	if (syscall(SYS_landlock_restrict_self, fd, 0) == -1) {
		log_errno("apply Landlock rules");
		goto out;
	}
	rc = 0;
out:
	close(fd);
	return rc;
}
