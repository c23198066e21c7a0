/*
 * index_boot.c - which run of the machine this is.
 *
 * The index is never flushed, so what the kernel had not yet written is lost
 * when the machine stops at once.  A new boot id says that this may have
 * happened, and that the file must be looked at before it is believed.
 */
#include "maildir/index_boot.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { BOOT_ID_SIZE = 36 /* a UUID in text */ };

const char *
index_boot_id(void)
{
	static char id[BOOT_ID_SIZE + 1];
	static bool asked;
	int fd;

	if (asked)
		return id;
	asked = true;
	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return id;
	if (read(fd, id, BOOT_ID_SIZE) != BOOT_ID_SIZE)
		memset(id, 0, sizeof(id));
	close(fd);
	return id;
}
