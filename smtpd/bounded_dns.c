/* bounded_dns.c - a clock and a count in front of dns_records.h. */
#include "smtpd/bounded_dns.h"

#include <string.h>
#include <time.h>

static int64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

struct bounded_dns
bounded_dns_begin(struct dns *dns, int questions, int seconds)
{
	return (struct bounded_dns){
		.dns = dns,
		.until = now() + (int64_t)seconds * 1000,
		.questions = questions,
	};
}

/* Whether NAME can be asked for: anybody may have written it. */
static bool
is_name(const char *name)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789-._";

	return *name != '\0' && *name != '.' && strlen(name) <= DOMAIN_MAX &&
	    name[strspn(name, allowed)] == '\0' && strstr(name, "..") == NULL;
}

enum dns_found
bounded_dns_ask(struct bounded_dns *bounded, const char *name, int type,
    struct dns_records *records)
{
	*records = (struct dns_records){ .count = 0 };
	if (!is_name(name))
		return DNS_NO_NAME;
	if (bounded->questions <= 0 || now() >= bounded->until)
		return DNS_LATER;
	bounded->questions--;
	return dns_records_ask(bounded->dns, name, type, records);
}
