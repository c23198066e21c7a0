/*
 * sandbox.c - the locks of a process, in the order in which they must fall.
 *
 * Limits and capabilities first, Landlock next (it opens the paths), seccomp
 * last, since it takes away the calls the others need.
 */
#include "common/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/landlock.h"
#include "common/log.h"
#include "common/syscalls.h"

enum { CAPABILITIES_MAX = 64 };

/*
 * There in a build with AddressSanitizer, which needs terabytes of address
 * space; NULL otherwise.
 */
extern void __asan_init(void) __attribute__((weak));

static bool
has_asan(void)
{
	return &__asan_init != NULL;
}

static int
limit(unsigned resource, rlim_t value, const char *what)
{
	struct rlimit old;

	if (getrlimit(resource, &old) == -1)
		return log_errno("get the limit of %s", what);
	if (old.rlim_max < value)
		value = old.rlim_max;
	if (setrlimit(resource, &(struct rlimit){ value, value }) == -1)
		return log_errno("limit %s", what);
	return 0;
}

static bool
logs_to_file(void)
{
	struct stat st;

	return fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode);
}

static int
limit_file_size(size_t size)
{
	if (size == 0 || logs_to_file())
		return 0;
	/* An error of write() is better handled than a signal. */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return log_errno("ignore SIGXFSZ");
	return limit(RLIMIT_FSIZE, size, "file size");
}

int
sandbox_forbid_forks(void)
{
	if (setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 }) == -1)
		return log_errno("limit processes");
	return 0;
}

static int
apply_limits(const struct sandbox *sandbox)
{
	if (limit(RLIMIT_CORE, 0, "core files") == -1 ||
	    limit(RLIMIT_NOFILE, sandbox->files, "descriptors") == -1 ||
	    limit_file_size(sandbox->file_size) == -1)
		return -1;
	if ((sandbox->calls & (SB_CALL_FORK | SB_CALL_BEAR)) == 0 &&
	    sandbox_forbid_forks() == -1)
		return -1;
	if (sandbox->memory == 0 || has_asan())
		return 0;
	return limit(RLIMIT_AS, sandbox->memory, "memory");
}

/* It only shrinks with CAP_SETPCAP (EPERM), and has an end (EINVAL). */
static void
drop_bounding_set(void)
{
	unsigned long cap = 0;

	while (
	    cap < CAPABILITIES_MAX && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
		cap++;
}

static int
drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	drop_bounding_set();
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &header, none) == -1)
		return log_errno("drop capabilities");
	return 0;
}

int
sandbox_master(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return log_errno("set no_new_privs");
	/* LeakSanitizer traces its own process. */
	if (prctl(PR_SET_DUMPABLE, has_asan(), 0, 0, 0) == -1)
		return log_errno("forbid core files");
	if (!has_asan() && syscalls_forbid() == -1)
		return -1;
	return limit(RLIMIT_CORE, 0, "core files");
}

int
sandbox_prepare(const struct sandbox *sandbox)
{
	return syscalls_prepare(sandbox->calls);
}

int
sandbox_enter(const struct sandbox *sandbox)
{
	if (sandbox_master() == -1 || drop_capabilities() == -1)
		return -1;
	/* Before the limits: the filter may have to be built. */
	if (syscalls_prepare(sandbox->calls) == -1)
		return -1;
	if (apply_limits(sandbox) == -1 ||
	    landlock_confine(sandbox->paths, sandbox->calls) == -1 ||
	    syscalls_forbid() == -1)
		return -1;
	return syscalls_confine(sandbox->calls);
}

int
sandbox_narrow(const struct sandbox_path *paths)
{
	/* Connections are for the layer below to refuse. */
	return landlock_confine(paths, SB_CALL_INET);
}

int
sandbox_landlock_abi(void)
{
	return landlock_abi();
}

int
sandbox_find_user(const char *user, uid_t *uid, gid_t *gid)
{
	struct stat here;
	const struct passwd *account;

	*uid = geteuid();
	*gid = getegid();
	if (*uid != 0)
		return 0;
	if (*user != '\0') {
		account = getpwnam(user);
		if (account == NULL)
			return log_failure("server.user: there is no account "
					   "%s on this machine",
			    user);
		*uid = account->pw_uid;
		*gid = account->pw_gid;
	} else {
		if (stat(".", &here) == -1)
			return log_errno("stat the state folder");
		*uid = here.st_uid;
		*gid = here.st_gid;
	}
	if (*uid == 0)
		return log_failure("will not serve mail as root: set user in "
				   "[server], or give the state folder to an "
				   "ordinary account (chown -R USER DIR)");
	return 0;
}

int
sandbox_drop_root(const char *user)
{
	uid_t uid;
	gid_t gid;

	if (geteuid() != 0)
		return 0;
	if (sandbox_find_user(user, &uid, &gid) == -1)
		return -1;
	drop_bounding_set();
	if (setgroups(0, NULL) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		return log_errno("become user %d", (int)uid);
	if (setuid(0) != -1)
		panic("root was not dropped");
	return 0;
}
