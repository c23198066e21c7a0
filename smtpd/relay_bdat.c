/* relay_bdat.c - a ring of addresses. */
#include "smtpd/relay_bdat.h"

#include <string.h>

#include "common/mem.h"

void
relay_bdat_refuse(struct relay_bdat *bdat, const struct sockaddr_storage *host)
{
	if (relay_bdat_is_refused(bdat, host))
		return;
	bdat->refused[bdat->next] = *host;
	bdat->next = (bdat->next + 1) % COUNT(bdat->refused);
}

bool
relay_bdat_is_refused(const struct relay_bdat *bdat,
    const struct sockaddr_storage *host)
{
	for (size_t i = 0; i < COUNT(bdat->refused); i++)
		if (bdat->refused[i].ss_family != AF_UNSPEC &&
		    memcmp(&bdat->refused[i], host, sizeof(*host)) == 0)
			return true;
	return false;
}
