/* route_list.c - MX records in the order in which they are tried. */
#include "smtpd/route_list.h"

#include <string.h>
#include <sys/random.h>

#include "common/log.h"

static size_t
draw(size_t below)
{
	unsigned number = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		log_errno("getrandom");
	return number % below;
}

void
route_list_shuffle(struct dns_mx *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t end = i + 1;
		size_t other;
		struct dns_mx mx = list[i];

		while (end < count && list[end].preference == mx.preference)
			end++;
		other = i + draw(end - i);
		list[i] = list[other];
		list[other] = mx;
	}
}

bool
route_list_repeats(const struct dns_mx *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].host, list[n].host) == 0)
			return true;
	return false;
}

size_t
route_list_better(const struct dns_mx *list, size_t count, int limit)
{
	size_t n = 0;

	while (n < count && list[n].preference < limit)
		n++;
	return n;
}

bool
route_list_is_null(const struct dns_mx *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (*list[i].host != '\0')
			return false;
	return count > 0;
}
