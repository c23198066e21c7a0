/* relay_seven.c - the copy and where it is: in memory while it is small. */
#include "smtpd/relay_seven.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "smtpd/downgrade.h"

static struct reply
make(struct relay_seven *seven, int fd)
{
	const struct reply no_room =
	    reply(451, "4.3.1 no room for a copy in 7 bits");
	int incoming =
	    open("queue/incoming", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct reply r;
	int copy;

	mail_spool_init(&seven->spool, incoming);
	if (incoming == -1) {
		log_errno("open queue/incoming");
		return no_room;
	}
	r = downgrade(fd, mail_spool_add, &seven->spool);
	copy = reply_is_ok(&r) ? mail_spool_fd(&seven->spool) : -1;
	close(incoming);
	if (!reply_is_ok(&r))
		return r;
	if (copy == -1 || relay_message_look(copy, &seven->message) == -1)
		return no_room;
	return r;
}

struct relay_seven *
relay_seven_new(int fd)
{
	struct relay_seven *seven = xcalloc(1, sizeof(*seven));

	seven->made = make(seven, fd);
	return seven;
}

void
relay_seven_free(struct relay_seven *seven)
{
	if (seven == NULL)
		return;
	mail_spool_clear(&seven->spool);
	free(seven->signatures);
	free(seven);
}
