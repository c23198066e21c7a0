/*
 * syscalls.c - seccomp filters, made by libseccomp from two tables.
 *
 * A filter is built once in the master and kept as the kernel takes it
 * (struct sock_fprog), since libseccomp needs longer to build one than a fork
 * takes.  mmap and mprotect are allowed without PROT_EXEC only: bytes that
 * came from the network never become code.
 *
 * Which of its calls it lets through the kernel finds out anew for each process
 * that applies a filter, and it translates the filter for each: 150 us for
 * 200 instructions.  So what holds for all is a filter of its own, which a
 * child has from its master, and who comes and goes with each client has a
 * short one.
 */
#include "common/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/sandbox.h"

enum {
	BASIC = 0,
	READ = SB_CALL_READ | SB_CALL_FILES,
	FILES = SB_CALL_FILES,
	TRUNCATE = SB_CALL_TRUNCATE,
	UNIX = SB_CALL_UNIX,
	ACCEPT = SB_CALL_ACCEPT,
	NET = SB_CALL_UNIX | SB_CALL_INET,
	FORK = SB_CALL_FORK,
	WATCH = SB_CALL_WATCH,
	LIST = SB_CALL_LIST,
	BIND = SB_CALL_BIND,
	BEAR = SB_CALL_BEAR,
	COMMON = 1 << 30, /* always, but for SB_CALL_LITTLE */
};
enum {
	NAMESPACES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID |
	    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP,
};
enum { WRITING = O_ACCMODE | O_CREAT | O_TRUNC };
enum { FILTERS_MAX = 12, PIPE_SIZE = 65536 };
enum { BINARY_TREE = 2 /* seccomp_attr_set(3) */ };

/* The filter against hostile calls, among the filters; no enum sandbox_call. */
static const unsigned HOSTILE = 1U << 31;

#define CALL(name) SCMP_SYS(name)

/* clang-format off */
static const struct {
	int number;
	unsigned calls; /* allowed with any of these; BASIC: always */
} allowed[] = {
	/* memory: malloc, also AddressSanitizer's */
	{ CALL(brk), BASIC }, { CALL(munmap), BASIC }, { CALL(mremap), BASIC },
	{ CALL(madvise), BASIC }, { CALL(sigaltstack), BASIC },
	/* descriptors that are there, and what comes over them */
	{ CALL(read), BASIC }, { CALL(write), BASIC },
	{ CALL(readv), COMMON }, { CALL(writev), BASIC },
	{ CALL(recvfrom), BASIC }, { CALL(sendto), BASIC },
	{ CALL(recvmsg), BASIC }, { CALL(sendmsg), BASIC },
	{ CALL(close), BASIC }, { CALL(close_range), COMMON },
	{ CALL(lseek), COMMON },
	{ CALL(dup), COMMON }, { CALL(dup2), COMMON | BEAR }, { CALL(dup3), COMMON },
	{ CALL(fstat), BASIC }, { CALL(newfstatat), BASIC },
	{ CALL(statx), COMMON }, { CALL(shutdown), BASIC },
	{ CALL(getsockopt), BASIC }, { CALL(setsockopt), BASIC },
	{ CALL(getsockname), COMMON }, { CALL(getpeername), COMMON },
	/* waiting, and time where the vDSO has none */
	{ CALL(poll), BASIC }, { CALL(ppoll), BASIC },
	{ CALL(select), COMMON }, { CALL(pselect6), COMMON },
	{ CALL(epoll_create1), COMMON }, { CALL(epoll_ctl), COMMON },
	{ CALL(epoll_wait), COMMON }, { CALL(epoll_pwait), COMMON },
	{ CALL(clock_gettime), BASIC }, { CALL(gettimeofday), BASIC },
	{ CALL(time), COMMON }, { CALL(clock_nanosleep), BASIC },
	{ CALL(nanosleep), BASIC }, { CALL(futex), BASIC },
	/* itself */
	{ CALL(rt_sigaction), BASIC }, { CALL(rt_sigprocmask), BASIC },
	{ CALL(rt_sigreturn), BASIC }, { CALL(restart_syscall), BASIC },
	{ CALL(exit), BASIC }, { CALL(exit_group), BASIC },
	{ CALL(getpid), BASIC }, { CALL(getppid), BASIC },
	{ CALL(gettid), BASIC }, { CALL(getuid), BASIC },
	{ CALL(geteuid), BASIC }, { CALL(getgid), BASIC },
	{ CALL(getegid), BASIC }, { CALL(getrandom), BASIC },
	{ CALL(uname), COMMON }, { CALL(sched_yield), COMMON },
	{ CALL(sched_getaffinity), COMMON }, { CALL(getrusage), BASIC },
	/* sandbox_narrow() later on */
	{ CALL(landlock_create_ruleset), COMMON },
	{ CALL(landlock_add_rule), COMMON },
	{ CALL(landlock_restrict_self), COMMON },

	{ CALL(stat), READ }, { CALL(lstat), READ },
	{ CALL(access), READ }, { CALL(faccessat), READ },
	{ CALL(faccessat2), READ }, { CALL(umask), READ },
	{ CALL(readlink), READ }, { CALL(readlinkat), READ },
	{ CALL(statfs), READ },
	{ CALL(fstatfs), READ }, { CALL(pread64), READ },
	{ CALL(flock), READ },

	{ CALL(pwrite64), FILES },
	{ CALL(fsync), FILES }, { CALL(fdatasync), FILES },
	{ CALL(syncfs), FILES },
	{ CALL(link), FILES }, { CALL(linkat), FILES },
	{ CALL(unlink), FILES }, { CALL(unlinkat), FILES },
	{ CALL(rename), FILES }, { CALL(renameat), FILES },
	{ CALL(renameat2), FILES }, { CALL(mkdir), FILES },
	{ CALL(mkdirat), FILES }, { CALL(rmdir), FILES },
	{ CALL(memfd_create), FILES },
	{ CALL(ftruncate), TRUNCATE },

	{ CALL(connect), NET },
	{ CALL(accept4), ACCEPT }, { CALL(socketpair), ACCEPT },

	/* libunbound asks from random ports (and wakes itself by a pipe);
	   nobody listens with it */
	{ CALL(bind), BIND },

	/* the latter half is for a child's own sandbox */
	{ CALL(wait4), FORK | BEAR }, { CALL(waitid), FORK | BEAR },
	{ CALL(kill), FORK },
	{ CALL(pipe2), FORK | BIND }, { CALL(set_robust_list), FORK | BEAR },
	{ CALL(prctl), FORK }, { CALL(seccomp), FORK },
	{ CALL(capset), FORK }, { CALL(capget), FORK },
	{ CALL(prlimit64), FORK }, { CALL(setrlimit), FORK },
	{ CALL(signalfd4), FORK },

	/* not for who holds a folder that others use, as smtpd's sessions */
	{ CALL(getdents64), LIST },

	{ CALL(inotify_init1), WATCH }, { CALL(inotify_add_watch), WATCH },
	{ CALL(inotify_rm_watch), WATCH },
};

/* Nobody here needs these, ever: whoever calls them is not us any more. */
static const int hostile[] = {
	CALL(execve), CALL(execveat), CALL(ptrace),
	CALL(process_vm_readv), CALL(process_vm_writev), CALL(pidfd_getfd),
	CALL(kcmp), CALL(bpf), CALL(perf_event_open), CALL(userfaultfd),
	CALL(io_uring_setup), CALL(io_uring_enter), CALL(io_uring_register),
	CALL(keyctl), CALL(add_key), CALL(request_key),
	CALL(mount), CALL(umount2), CALL(move_mount), CALL(open_tree),
	CALL(fsopen), CALL(fsconfig), CALL(fsmount), CALL(fspick),
	CALL(mount_setattr), CALL(pivot_root), CALL(chroot),
	CALL(unshare), CALL(setns), CALL(kexec_load), CALL(kexec_file_load),
	CALL(init_module), CALL(finit_module), CALL(delete_module),
	CALL(reboot), CALL(swapon), CALL(swapoff), CALL(acct),
	CALL(open_by_handle_at), CALL(iopl), CALL(ioperm), CALL(syslog),
	CALL(sethostname), CALL(setdomainname), CALL(settimeofday),
	CALL(clock_settime), CALL(adjtimex), CALL(quotactl), CALL(vmsplice),
};

/* What depends on an argument: allowed when (argument & mask) is value. */
static const struct {
	int number;
	unsigned calls;
	unsigned argument;
	unsigned mask;
	unsigned value;
} filtered[] = {
	{ CALL(mmap),     BASIC,        2, PROT_EXEC,  0 },
	{ CALL(mprotect), BASIC,        2, PROT_EXEC,  0 },
	{ CALL(mmap),     SB_CALL_CODE, 2, PROT_EXEC,  PROT_EXEC },
	{ CALL(mprotect), SB_CALL_CODE, 2, PROT_EXEC,  PROT_EXEC },
	/* which files is Landlock's to say; narrowing needs it too */
	{ CALL(open),     COMMON,       1, WRITING,    0 },
	{ CALL(openat),   COMMON,       2, WRITING,    0 },
	{ CALL(open),     FILES,        1, O_TRUNC,    0 },
	{ CALL(openat),   FILES,        2, O_TRUNC,    0 },
	/* not F_SETOWN and F_SETSIG, which send signals to other processes */
	{ CALL(fcntl),    COMMON,       1, UINT_MAX,   F_GETFD },
	{ CALL(fcntl),    COMMON,       1, UINT_MAX,   F_SETFD },
	{ CALL(fcntl),    COMMON,       1, UINT_MAX,   F_GETFL },
	{ CALL(fcntl),    COMMON,       1, UINT_MAX,   F_SETFL },
	{ CALL(fcntl),    COMMON,       1, UINT_MAX,   F_DUPFD },
	{ CALL(fcntl),    COMMON,       1, UINT_MAX,   F_DUPFD_CLOEXEC },
	{ CALL(fcntl),    READ,         1, UINT_MAX,   F_GETLK },
	{ CALL(fcntl),    READ,         1, UINT_MAX,   F_SETLK },
	{ CALL(fcntl),    READ,         1, UINT_MAX,   F_SETLKW },
	/* abort(), which ends in a fault where it may not */
	{ CALL(tgkill),   COMMON,       2, UINT_MAX,   SIGABRT },
	{ CALL(socket),   UNIX,         0, UINT_MAX,   AF_UNIX },
	{ CALL(socket),   SB_CALL_INET, 0, UINT_MAX,   AF_INET },
	{ CALL(socket),   SB_CALL_INET, 0, UINT_MAX,   AF_INET6 },
	{ CALL(clone),    FORK | BEAR,  0, NAMESPACES, 0 },
};
/* clang-format on */

static struct {
	unsigned calls;
	struct sock_fprog program; /* filter NULL: free */
} filters[FILTERS_MAX];

static bool
is_for(unsigned row, unsigned calls)
{
	if ((row & COMMON) != 0 && (calls & SB_CALL_LITTLE) == 0)
		return true;
	return row == BASIC || (row & calls) != 0;
}

static int
add_hostile(scmp_filter_ctx ctx)
{
	int rc = 0;

	for (size_t i = 0; i < COUNT(hostile) && rc == 0; i++)
		rc =
		    seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, hostile[i], 0);
	return rc;
}

static int
add_allowed(scmp_filter_ctx ctx, unsigned calls)
{
	/* The C library falls back to clone, whose flags can be seen. */
	int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);

	for (size_t i = 0; i < COUNT(allowed) && rc == 0; i++)
		if (is_for(allowed[i].calls, calls))
			rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
			    allowed[i].number, 0);
	for (size_t i = 0; i < COUNT(filtered) && rc == 0; i++)
		if (is_for(filtered[i].calls, calls))
			rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
			    filtered[i].number, 1,
			    SCMP_CMP(filtered[i].argument, SCMP_CMP_MASKED_EQ,
				filtered[i].mask, filtered[i].value));
	return rc;
}

/*
 * What a child of a zygote does to itself: it dies with its parent, and forks
 * nobody.  Not to other processes.
 */
static int
add_birth(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp die_with_parent[] = {
		SCMP_CMP(0, SCMP_CMP_MASKED_EQ, UINT_MAX, PR_SET_PDEATHSIG),
		SCMP_CMP(1, SCMP_CMP_MASKED_EQ, UINT_MAX, SIGTERM),
	};
	const struct scmp_arg_cmp limit_own_forks[] = {
		SCMP_CMP(0, SCMP_CMP_MASKED_EQ, UINT_MAX, 0),
		SCMP_CMP(1, SCMP_CMP_MASKED_EQ, UINT_MAX, RLIMIT_NPROC),
	};
	int rc = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, CALL(prctl),
	    COUNT(die_with_parent), die_with_parent);

	if (rc != 0)
		return rc;
	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, CALL(prlimit64),
	    COUNT(limit_own_forks), limit_own_forks);
}

/* Reads what libseccomp wrote to the pipe: whole instructions. */
static int
read_program(int fd, struct sock_fprog *program)
{
	struct buf code = BUF_INIT;

	if (buf_read(&code, fd, PIPE_SIZE) == -1)
		return -1;
	program->len = (unsigned short)(code.size / sizeof(struct sock_filter));
	program->filter = (struct sock_filter *)(void *)buf_steal(&code);
	return 0;
}

static int
export_program(scmp_filter_ctx ctx, struct sock_fprog *program)
{
	int ends[2];
	int rc;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	/* It fits into the pipe, so nobody need read meanwhile. */
	rc = seccomp_export_bpf(ctx, ends[1]);
	close(ends[1]);
	if (rc == 0)
		rc = read_program(ends[0], program);
	close(ends[0]);
	return rc;
}

static int
build(unsigned calls, struct sock_fprog *program)
{
	scmp_filter_ctx ctx = seccomp_init(
	    calls == HOSTILE ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM));
	int rc = -1;

	if (ctx == NULL)
		return log_failure("seccomp: out of memory");
	/*
	 * The kernel runs a new filter for each of its system calls, to know
	 * those it lets through: a search costs it less than a list.
	 */
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
	if (rc == 0)
		rc = calls == HOSTILE ? add_hostile(ctx)
				      : add_allowed(ctx, calls);
	if (rc == 0 && (calls & SB_CALL_BEAR) != 0)
		rc = add_birth(ctx);
	if (rc == 0)
		rc = export_program(ctx, program);
	seccomp_release(ctx);
	return rc == 0 ? 0 : log_failure("cannot build the seccomp filter");
}

static const struct sock_fprog *
find_filter(unsigned calls)
{
	for (size_t i = 0; i < COUNT(filters); i++) {
		if (filters[i].program.filter == NULL) {
			filters[i].calls = calls;
			if (build(calls, &filters[i].program) == -1)
				return NULL;
		}
		if (filters[i].calls == calls)
			return &filters[i].program;
	}
	panic("more than %d kinds of sandbox", FILTERS_MAX);
}

int
syscalls_prepare(unsigned calls)
{
	return find_filter(calls) == NULL ? -1 : 0;
}

static int
apply(unsigned calls)
{
	const struct sock_fprog *program;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == -1 && errno == EINVAL)
		return 0;
	program = find_filter(calls);
	if (program == NULL)
		return -1;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == -1)
		return log_errno("apply the seccomp filter");
	return 0;
}

int
syscalls_forbid(void)
{
	static bool done; /* here, or in the process that forked this one */

	if (!done && apply(HOSTILE) == -1)
		return -1;
	done = true;
	return 0;
}

int
syscalls_confine(unsigned calls)
{
	return apply(calls);
}
