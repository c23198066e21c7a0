/*
 * dns.c - postlab dns: the records of a domain, to be pasted into its zone, or
 * compared with what is there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "admin/dns_compare.h"
#include "admin/dns_wanted.h"
#include "admin/private_name.h"
#include "admin/zone.h"
#include "common/dns.h"
#include "common/dns_ask.h"
#include "common/dns_ip.h"
#include "common/log.h"

enum { EXIT_FAULTS = 1 /* something is not as it should be */ };

struct order {
	bool check;
	struct wanted_list wanted;
};

/* DOMAIN [--check] [--address IP] ..., in any order. */
static int
parse_order(int argc, char **argv, struct order *order)
{
	struct wanted_list *wanted = &order->wanted;

	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;

		if (strcmp(argv[i], "--check") == 0) {
			order->check = true;
		} else if (strcmp(argv[i], "--address") == 0 && more) {
			if (wanted->address_count == WANTED_ADDRESSES_MAX)
				return EX_USAGE;
			if (!dns_parse_ip(argv[++i],
				&wanted->addresses[wanted->address_count++]))
				return admin_error(EX_DATAERR,
				    "%s is no host's IP address",
				    log_safe(argv[i]));
		} else if (wanted->domain == NULL && argv[i][0] != '-') {
			wanted->domain = argv[i];
		} else {
			return EX_USAGE;
		}
	}
	return wanted->domain == NULL ? EX_USAGE : EX_OK;
}

static int
print(const struct wanted_list *list)
{
	struct buf text = BUF_INIT;
	bool signs = false;

	if (list->address_count == 0)
		buf_printf(&text,
		    "; A and AAAA of %s, and PTR: --address IP adds them\n",
		    list->config->hostname);
	for (size_t i = 0; i < list->count; i++) {
		const struct wanted *wanted = &list->list[i];

		signs = signs || wanted->kind == WANTED_DKIM;
		if (wanted->unneeded)
			continue;
		if (wanted->why != NULL)
			buf_printf(&text, "; %s:\n", wanted->why);
		if (strcmp(wanted_type(wanted), "TXT") == 0)
			zone_add_text(&text, wanted->owner, wanted->data);
		else
			zone_add(&text, wanted->owner, wanted_type(wanted),
			    wanted->data);
	}
	if (!signs)
		buf_printf(&text, "; mail is not signed: postlab dkim add %s\n",
		    list->domain);
	fputs(text.data, stdout);
	buf_clear(&text);
	return EX_OK;
}

/*
 * A private name need not be in any DNS, where mail finds its way by other
 * means; what is there all the same should be right.
 */
static bool
is_fault(const struct wanted_list *list, const struct wanted *wanted,
    enum comparison comparison)
{
	bool private = private_domain(list->domain) ||
	    private_domain(list->config->hostname);

	switch (comparison) {
	case COMPARED_OK:
	case COMPARED_OTHER:
		return false;
	case COMPARED_ABSENT:
		return !wanted->optional && !private;
	case COMPARED_UNANSWERED:
		return !private;
	case COMPARED_DIFFERS:
		break;
	}
	return true;
}

static const char *
describe(const struct wanted *wanted, enum comparison comparison, bool fault)
{
	static const char *const words[] = {
		[COMPARED_OK] = "ok",
		[COMPARED_OTHER] = "ok",
		[COMPARED_DIFFERS] = "differs",
		[COMPARED_ABSENT] = "absent",
		[COMPARED_UNANSWERED] = "not-answered",
	};

	if (comparison == COMPARED_ABSENT && !fault)
		return wanted->optional ? "optional" : "not-needed";
	return words[comparison];
}

/*
 * Nobody has said where our host is: DNS should know, and what it says is taken
 * for true.
 */
static bool
ask_addresses(struct dns *dns, struct wanted_list *list)
{
	const char *host = list->config->hostname;
	const struct wanted address = { .kind = WANTED_ADDRESS };
	struct sockaddr_storage *found;
	size_t count;
	enum comparison comparison = COMPARED_ABSENT;
	bool fault;

	switch (dns_addresses(dns, host, &found, &count)) {
	case DNS_YES:
		if (count > WANTED_ADDRESSES_MAX)
			count = WANTED_ADDRESSES_MAX;
		memcpy(list->addresses, found, count * sizeof(*found));
		list->address_count = count;
		free(found);
		return true;
	case DNS_LATER:
		comparison = COMPARED_UNANSWERED;
		break;
	case DNS_NO_NAME:
	case DNS_NO_DATA:
		break;
	}
	fault = is_fault(list, &address, comparison);
	printf("%s\tA\t%s\t\t\n", describe(&address, comparison, fault), host);
	return !fault;
}

/* STATUS TYPE NAME WANTED INSTEAD, tab-separated.  True for a fault. */
static bool
report(const struct wanted_list *list, const struct wanted *wanted,
    const struct dns_question *answered)
{
	struct buf instead = BUF_INIT;
	enum comparison comparison = dns_compare(wanted, answered, &instead);
	bool fault = is_fault(list, wanted, comparison);

	printf("%s\t%s\t%s\t%s\t%s\n", describe(wanted, comparison, fault),
	    wanted_type(wanted), wanted->owner, wanted->data,
	    comparison == COMPARED_OK ? "" : instead.data);
	buf_clear(&instead);
	return fault;
}

/* All at once: a name server that does not answer is waited for once. */
static int
compare(struct dns *dns, const struct wanted_list *list)
{
	struct dns_question questions[WANTED_MAX];
	int status = EX_OK;

	for (size_t i = 0; i < list->count; i++)
		questions[i] = dns_compare_question(&list->list[i]);
	dns_ask(dns, questions, list->count);
	for (size_t i = 0; i < list->count; i++) {
		if (!list->list[i].unneeded &&
		    report(list, &list->list[i], &questions[i]))
			status = EXIT_FAULTS;
		dns_question_clear(&questions[i]);
	}
	return status;
}

static int
check(struct wanted_list *list)
{
	struct dns *dns = dns_open(list->config);
	bool there;
	int status;

	/* That a name server does not answer is told by a status. */
	log_set_level(LOG_WARN);
	there = list->address_count > 0 || ask_addresses(dns, list);
	status = wanted_make(list) == -1 ? EX_IOERR : compare(dns, list);
	dns_close(dns);
	return status == EX_OK && !there ? EXIT_FAULTS : status;
}

int
admin_dns(int argc, char **argv)
{
	struct order order = { .check = false };
	struct wanted_list *wanted = &order.wanted;
	char domain[DOMAIN_MAX + 1];
	int status = parse_order(argc, argv, &order);

	if (status != EX_OK)
		return status;
	if (!domain_to_ascii(wanted->domain, domain, sizeof(domain)) ||
	    !domain_is_valid(domain))
		return admin_error(EX_DATAERR, "%s is no domain",
		    log_safe(wanted->domain));
	wanted->config = admin_enter();
	wanted->domain = domain;
	status = admin_check_domain(domain);
	if (status != EX_OK)
		return status;
	if (wanted->address_count == 0)
		wanted_find_addresses(wanted);
	if (order.check)
		status = check(wanted);
	else
		status = wanted_make(wanted) == -1 ? EX_IOERR : print(wanted);
	wanted_clear(wanted);
	return status;
}
