/*
 * dns_compare.c - a question a record, and what its answer is worth.
 *
 * A domain's SPF and DMARC are its operator's choice: another one than ours is
 * told and is no fault, as long as there is one and not two.
 */
#include "admin/dns_compare.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/dns_records.h"
#include "common/log.h"

/* What a record says, in the form of a zone file. */
static void
show(const struct wanted *wanted, const struct dns_record *record,
    struct buf *to)
{
	char host[DOMAIN_MAX + 1];
	struct dns_srv srv;
	char ip[INET6_ADDRSTRLEN];

	switch (wanted->kind) {
	case WANTED_ADDRESS:
		if (record->size == 4 || record->size == 16)
			buf_addstr(to,
			    inet_ntop(record->size == 4 ? AF_INET : AF_INET6,
				record->data, ip, sizeof(ip)));
		break;
	case WANTED_MX:
		if (dns_take_host(record, 2, host))
			buf_printf(to, "%d %s.",
			    record->data[0] << 8 | record->data[1], host);
		break;
	case WANTED_PTR:
		if (dns_take_host(record, 0, host))
			buf_printf(to, "%s.", host);
		break;
	case WANTED_SRV:
		if (dns_take_srv(record, &srv))
			buf_printf(to, "%d %d %d %s.", srv.priority, srv.weight,
			    srv.port, srv.target);
		break;
	case WANTED_TLSA:
		for (size_t i = 0; i < record->size; i++)
			buf_printf(to, i < 3 ? "%u " : "%02x", record->data[i]);
		break;
	case WANTED_SPF:
	case WANTED_DKIM:
	case WANTED_DMARC:
		buf_addstr(to, (const char *)record->data);
		break;
	}
}

/* Whether TEXT is one of those records that have a form of their own in TXT. */
static bool
is_relevant(const struct wanted *wanted, const char *text)
{
	size_t size;

	if (wanted->kind == WANTED_SPF)
		return strncasecmp(text, "v=spf1", 6) == 0 &&
		    (text[6] == '\0' || text[6] == ' ');
	if (wanted->kind == WANTED_DMARC) {
		size = strlen("v=DMARC1");
		return strncasecmp(text, "v=DMARC1", size) == 0;
	}
	return true;
}

/* The same but for blanks, and case where it has no meaning. */
static bool
is_same(const struct wanted *wanted, const char *a, const char *b)
{
	bool exact = wanted->kind == WANTED_DKIM;

	for (;; a++, b++) {
		a += strspn(a, " \t");
		b += strspn(b, " \t");
		if (*a == '\0' || *b == '\0')
			return *a == *b;
		if (exact ? *a != *b : strncasecmp(a, b, 1) != 0)
			return false;
	}
}

/* The preference of an MX, and the weights of an SRV, are the operator's. */
static const char *
essence(const struct wanted *wanted, const char *text)
{
	int skip = 0;

	if (wanted->kind == WANTED_MX)
		skip = 1;
	else if (wanted->kind == WANTED_SRV)
		skip = 2;
	for (; skip > 0; skip--) {
		text += strcspn(text, " ");
		text += strspn(text, " ");
	}
	return text;
}

static enum dns_type
type_of(const struct wanted *wanted)
{
	switch (wanted->kind) {
	case WANTED_ADDRESS:
		return strchr(wanted->data, ':') == NULL ? DNS_TYPE_A
							 : DNS_TYPE_AAAA;
	case WANTED_MX:
		return DNS_TYPE_MX;
	case WANTED_PTR:
		return DNS_TYPE_PTR;
	case WANTED_SRV:
		return DNS_TYPE_SRV;
	case WANTED_TLSA:
		return DNS_TYPE_TLSA;
	case WANTED_SPF:
	case WANTED_DKIM:
	case WANTED_DMARC:
		break;
	}
	return DNS_TYPE_TXT;
}

static enum comparison
judge(const struct wanted *wanted, int relevant, bool same)
{
	bool choice =
	    wanted->kind == WANTED_SPF || wanted->kind == WANTED_DMARC;

	if (relevant == 0)
		return COMPARED_ABSENT;
	/* Two of these count as none (RFC 7208 4.5, RFC 7489 6.6.3). */
	if (choice && relevant > 1)
		return COMPARED_DIFFERS;
	if (same)
		return COMPARED_OK;
	return choice ? COMPARED_OTHER : COMPARED_DIFFERS;
}

struct dns_question
dns_compare_question(const struct wanted *wanted)
{
	return (struct dns_question){
		.name = wanted->owner,
		.type = (int)type_of(wanted),
	};
}

enum comparison
dns_compare(const struct wanted *wanted, const struct dns_question *answered,
    struct buf *instead)
{
	struct dns_records records;
	int relevant = 0;
	bool same = false;

	dns_records_take(answered, &records);
	for (size_t i = 0; i < records.count; i++) {
		struct buf text = BUF_INIT;

		show(wanted, &records.list[i], &text);
		if (is_relevant(wanted, text.data)) {
			relevant++;
			same = same ||
			    is_same(wanted, essence(wanted, text.data),
				essence(wanted, wanted->data));
			buf_printf(instead, "%s%s",
			    instead->size == 0 ? "" : " | ",
			    log_safe(text.data));
		}
		buf_clear(&text);
	}
	dns_records_clear(&records);
	return answered->found == DNS_LATER ? COMPARED_UNANSWERED
					    : judge(wanted, relevant, same);
}
