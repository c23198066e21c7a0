/*
 * dns_ask.c - what libunbound answers, judged.
 *
 * A callback gets a packet as it would have come over the wire; the records
 * that were asked for are copied out of it, each behind two octets of length.
 */
#include "common/dns_ask.h"

#include <arpa/nameser.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>
#include <unbound-event.h>
#include <unbound.h>

#include "common/dns_loop.h"
#include "common/dns_private.h"
#include "common/log.h"
#include "common/mem.h"

enum { CLASS_IN = 1, CHAIN_MAX = 16 /* CNAMEs behind one another */ };
enum { BOGUS = 1, SECURE = 2 /* libunbound's words */ };

/*
 * A server that does not find all by itself (one of the domain's own, set as
 * resolver by mistake) says whom else to ask, and the library passes that on
 * as "no such records" (RFC 2308 2.2: that comes with a SOA, or nothing).
 */
static bool
is_referral(ns_msg *packet)
{
	ns_rr record;
	bool refers = false;

	for (int i = 0; i < ns_msg_count(*packet, ns_s_ns); i++) {
		if (ns_parserr(packet, ns_s_ns, i, &record) == -1 ||
		    ns_rr_type(record) == ns_t_soa)
			return false;
		if (ns_rr_type(record) == ns_t_ns)
			refers = true;
	}
	return refers;
}

/* Follows the CNAMEs from NAME; where they end, allocated. */
static char *
find_canonical(ns_msg *packet, const char *name)
{
	char *canonical = xstrdup(name);

	for (int n = 0; n < CHAIN_MAX; n++) {
		char target[NS_MAXDNAME] = "";
		ns_rr record;

		for (int i = 0; i < ns_msg_count(*packet, ns_s_an); i++)
			if (ns_parserr(packet, ns_s_an, i, &record) == 0 &&
			    ns_rr_type(record) == ns_t_cname &&
			    strcasecmp(ns_rr_name(record), canonical) == 0 &&
			    ns_name_uncompress(ns_msg_base(*packet),
				ns_msg_end(*packet), ns_rr_rdata(record),
				target, sizeof(target)) != -1)
				break;
		if (*target == '\0')
			break;
		free(canonical);
		canonical = xstrdup(target);
	}
	return canonical;
}

static void
add_record(struct buf *to, const unsigned char *data, size_t size)
{
	buf_addchar(to, (char)(size >> 8));
	buf_addchar(to, (char)(size & 0xff));
	buf_add(to, data, size);
}

/* Where in its data a record has a name that may be compressed; -1: nowhere. */
static int
place_of_name(int type)
{
	switch (type) {
	case DNS_TYPE_PTR:
		return 0;
	case DNS_TYPE_MX:
		return 2;
	case DNS_TYPE_SRV:
		return 6;
	default:
		return -1;
	}
}

static void
add_with_name(struct buf *to, ns_msg *packet, const ns_rr *record, size_t at)
{
	enum { PLACE_MAX = 6 };
	unsigned char whole[PLACE_MAX + NS_MAXCDNAME];
	size_t size = at;

	if (ns_rr_rdlen(*record) <= at)
		return;
	memcpy(whole, ns_rr_rdata(*record), at);
	if (ns_name_unpack(ns_msg_base(*packet), ns_msg_end(*packet),
		ns_rr_rdata(*record) + at, whole + at, NS_MAXCDNAME) == -1)
		return;
	while (size < sizeof(whole) && whole[size] != 0)
		size += whole[size] + 1U;
	add_record(to, whole, size + 1);
}

static void
take_records(struct dns_question *q, ns_msg *packet)
{
	int name_at = place_of_name(q->type);
	ns_rr record;

	q->canonical = find_canonical(packet, q->name);
	for (int i = 0; i < ns_msg_count(*packet, ns_s_an); i++) {
		if (ns_parserr(packet, ns_s_an, i, &record) == -1 ||
		    ns_rr_type(record) != (ns_type)q->type ||
		    ns_rr_class(record) != ns_c_in ||
		    strcasecmp(ns_rr_name(record), q->canonical) != 0)
			continue;
		q->found = DNS_YES;
		if (name_at != -1)
			add_with_name(&q->records, packet, &record,
			    (size_t)name_at);
		else
			add_record(&q->records, ns_rr_rdata(record),
			    ns_rr_rdlen(record));
	}
}

static enum dns_found
judge(struct dns_question *q, const void *data, int size)
{
	ns_msg packet;

	if (data == NULL || ns_initparse(data, size, &packet) == -1)
		return DNS_LATER;
	if (ns_msg_getflag(packet, ns_f_rcode) == ns_r_nxdomain)
		return DNS_NO_NAME;
	if (ns_msg_getflag(packet, ns_f_rcode) != ns_r_noerror)
		return DNS_LATER;
	q->found = DNS_NO_DATA;
	take_records(q, &packet);
	if (q->found == DNS_YES)
		return DNS_YES;
	return is_referral(&packet) ? DNS_LATER : DNS_NO_DATA;
}

static void
take_answer(void *arg, int code, void *packet, int size, int security,
    char *why_bogus, int limited)
{
	struct dns_question *q = arg;

	(void)limited;
	--*q->waiting;
	q->waiting = NULL;
	if (security == BOGUS) {
		log_event(LOG_WARN, "dnssec-bogus", "name=%s why=%s",
		    log_safe(q->name),
		    log_safe(why_bogus == NULL ? "" : why_bogus));
		return;
	}
	q->secure = security == SECURE;
	if (code == ns_r_nxdomain)
		q->found = DNS_NO_NAME;
	else
		q->found =
		    code == ns_r_noerror ? judge(q, packet, size) : DNS_LATER;
}

static void
start(struct dns *dns, struct dns_question *q, int *waiting)
{
	int rc;

	q->waiting = waiting;
	++*waiting;
	rc = ub_resolve_event(dns->context, q->name, q->type, CLASS_IN, q,
	    take_answer, &q->id);
	if (rc == 0 || q->waiting == NULL)
		return;
	q->waiting = NULL;
	--*waiting;
	log_failure("libunbound: %s: %s", log_safe(q->name), ub_strerror(rc));
}

void
dns_ask(struct dns *dns, struct dns_question *questions, size_t count)
{
	int64_t until = dns_loop_now() + (int64_t)dns->timeout * 1000;
	int waiting = 0;

	for (size_t i = 0; i < count; i++) {
		struct dns_question *q = &questions[i];

		q->found = dns->none ? DNS_NO_NAME : DNS_LATER;
		q->records = (struct buf)BUF_INIT;
		if (dns->context != NULL)
			start(dns, q, &waiting);
	}
	if (waiting == 0 || dns_loop_run(dns->loop, &waiting, until))
		return;
	for (size_t i = 0; i < count; i++) {
		if (questions[i].waiting == NULL)
			continue;
		(void)ub_cancel(dns->context, questions[i].id);
		log_event(LOG_INFO, "dns-timeout", "name=%s seconds=%d",
		    log_safe(questions[i].name), dns->timeout);
	}
}

const unsigned char *
dns_next_record(const struct dns_question *q, size_t *cursor, size_t *size)
{
	const unsigned char *at;

	if (*cursor + 2 > q->records.size)
		return NULL;
	at = (const unsigned char *)q->records.data + *cursor;
	*size = (size_t)(at[0] << 8 | at[1]);
	*cursor += 2 + *size;
	return at + 2;
}

void
dns_question_clear(struct dns_question *q)
{
	free(q->canonical);
	q->canonical = NULL;
	buf_clear(&q->records);
}
