/*
 * owner.c - root reads a mailbox as the person it belongs to.
 *
 * Else its index would be root's, and closed to mda and pop3d from then on; and
 * no message, whoever wrote it, is parsed with root's rights.
 */
#include "mua/owner.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

int
owner_become(const char *path)
{
	struct stat st;

	/* Who cannot find it says so when it is opened. */
	if (geteuid() != 0 || stat(path, &st) == -1 || st.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) == -1 ||
	    setresgid(st.st_gid, st.st_gid, st.st_gid) == -1 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) == -1)
		return log_errno("become user %d", (int)st.st_uid);
	return 0;
}
