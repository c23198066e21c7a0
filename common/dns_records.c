/* dns_records.c - records as they come, and some of them taken apart. */
#include "common/dns_records.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/dns_ask.h"
#include "common/dns_private.h"
#include "common/mem.h"

void
dns_records_clear(struct dns_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		free(records->list[i].data);
	free(records->list);
	*records = (struct dns_records){ .count = 0 };
}

static void
add(struct dns_records *records, const void *data, size_t size)
{
	struct dns_record *record = &records->list[records->count++];

	record->data = xcalloc(1, size + 1);
	memcpy(record->data, data, size);
	record->size = size;
}

/* RFC 1035 3.3.14: strings, each behind its length.  False when it is none. */
static bool
join_strings(struct dns_record *record)
{
	size_t to = 0;
	size_t at = 0;

	while (at < record->size) {
		size_t length = record->data[at++];

		if (length > record->size - at ||
		    memchr(record->data + at, '\0', length) != NULL)
			return false;
		memmove(record->data + to, record->data + at, length);
		to += length;
		at += length;
	}
	record->data[to] = '\0';
	record->size = to;
	return true;
}

static bool
take_target(struct dns_record *record)
{
	char name[DOMAIN_MAX + 1];

	if (!dns_take_name(record->data, record->size, name))
		return false;
	free(record->data);
	record->data = (unsigned char *)xstrdup(name);
	record->size = strlen(name);
	return true;
}

/* Keeps those that TAKE could make something of. */
static void
keep(struct dns_records *records, bool (*take)(struct dns_record *record))
{
	size_t count = 0;

	for (size_t i = 0; i < records->count; i++) {
		if (take(&records->list[i]))
			records->list[count++] = records->list[i];
		else
			free(records->list[i].data);
	}
	records->count = count;
}

void
dns_records_take(const struct dns_question *question,
    struct dns_records *records)
{
	const unsigned char *data;
	size_t cursor = 0;
	size_t size;

	*records = (struct dns_records){ .secure = question->secure };
	if (question->found != DNS_YES)
		return;
	records->list = xcalloc(DNS_RECORDS_MAX, sizeof(*records->list));
	while (records->count < DNS_RECORDS_MAX &&
	    (data = dns_next_record(question, &cursor, &size)) != NULL)
		add(records, data, size);
	if (question->type == DNS_TYPE_TXT)
		keep(records, join_strings);
}

enum dns_found
dns_records_ask(struct dns *dns, const char *name, int type,
    struct dns_records *records)
{
	struct dns_question question = { .name = name, .type = type };

	dns_ask(dns, &question, 1);
	dns_records_take(&question, records);
	dns_question_clear(&question);
	return question.found;
}

const char *
dns_reverse_name(const struct sockaddr_storage *address, char *text)
{
	struct buf name = BUF_INIT;

	if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *v6 =
		    (const struct sockaddr_in6 *)address;

		for (size_t i = sizeof(v6->sin6_addr.s6_addr); i-- > 0;)
			buf_printf(&name, "%x.%x.",
			    v6->sin6_addr.s6_addr[i] & 15U,
			    v6->sin6_addr.s6_addr[i] >> 4U);
		buf_addstr(&name, "ip6.arpa");
	} else {
		const struct sockaddr_in *v4 =
		    (const struct sockaddr_in *)address;
		uint32_t ip = ntohl(v4->sin_addr.s_addr);

		buf_printf(&name, "%u.%u.%u.%u.in-addr.arpa", ip & 255U,
		    ip >> 8U & 255U, ip >> 16U & 255U, ip >> 24U);
	}
	snprintf(text, DOMAIN_MAX + 1, "%s", name.data);
	buf_clear(&name);
	return text;
}

enum dns_found
dns_names_ask(struct dns *dns, const struct sockaddr_storage *address,
    struct dns_records *names)
{
	char name[DOMAIN_MAX + 1];
	enum dns_found found = dns_records_ask(dns,
	    dns_reverse_name(address, name), DNS_TYPE_PTR, names);

	keep(names, take_target);
	return found;
}

bool
dns_take_host(const struct dns_record *record, size_t skip,
    char host[DOMAIN_MAX + 1])
{
	return record->size > skip &&
	    dns_take_name(record->data + skip, record->size - skip, host);
}

bool
dns_take_srv(const struct dns_record *record, struct dns_srv *srv)
{
	const unsigned char *data = record->data;
	enum { NUMBERS = 6 };

	if (record->size <= NUMBERS)
		return false;
	srv->priority = data[0] << 8 | data[1];
	srv->weight = data[2] << 8 | data[3];
	srv->port = data[4] << 8 | data[5];
	return dns_take_name(data + NUMBERS, record->size - NUMBERS,
	    srv->target);
}
