/*
 * dkim.c - postlab dkim: the keys that sign mail of our domains.
 *
 * Each key of a domain signs, from the next message on.  So a key is changed in
 * three steps, none of which leaves mail without a good signature: a new one
 * beside the old, its record into DNS, the old one removed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <time.h>

#include "admin/admin.h"
#include "admin/dkim_key.h"
#include "admin/zone.h"
#include "common/dkim_store.h"
#include "common/log.h"

struct wish {
	char domain[DOMAIN_MAX + 1];
	const char *selector; /* NULL: of the month */
	enum dkim_algorithm algorithm;
};

static bool
parse_algorithm(const char *name, enum dkim_algorithm *algorithm)
{
	static const char *const names[] = { "rsa", "ed25519" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*algorithm = (enum dkim_algorithm)i;
			return true;
		}
	}
	return false;
}

/* DOMAIN [--selector S] [--algorithm rsa|ed25519], in any order. */
static int
parse_wish(int argc, char **argv, struct wish *wish)
{
	const char *domain = NULL;

	*wish = (struct wish){ .algorithm = DKIM_RSA };
	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;

		if (strcmp(argv[i], "--selector") == 0 && more) {
			wish->selector = argv[++i];
		} else if (strcmp(argv[i], "--algorithm") == 0 && more) {
			if (!parse_algorithm(argv[++i], &wish->algorithm))
				return EX_USAGE;
		} else if (domain == NULL && argv[i][0] != '-') {
			domain = argv[i];
		} else {
			return EX_USAGE;
		}
	}
	if (domain == NULL)
		return EX_USAGE;
	if (!domain_to_ascii(domain, wish->domain, sizeof(wish->domain)) ||
	    !domain_is_valid(wish->domain))
		return admin_error(EX_DATAERR, "%s is no domain",
		    log_safe(domain));
	for (char *c = wish->domain; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	if (wish->selector != NULL && !dkim_selector_is_valid(wish->selector))
		return admin_error(EX_DATAERR,
		    "%s is no selector: letters in lower case, digits and "
		    "hyphens",
		    log_safe(wish->selector));
	return EX_OK;
}

/* Mail of other domains is nobody's here to sign. */
static int
check_domain(const char *domain)
{
	if (strcasecmp(domain, admin_enter()->hostname) == 0)
		return EX_OK; /* our reports are from it */
	return admin_check_domain(domain);
}

static int
print_record(const char *domain, const char *selector, const char *pem)
{
	struct buf text = BUF_INIT;
	struct buf line = BUF_INIT;
	char *owner = dkim_key_owner(domain, selector);
	const char *name;
	int rc = dkim_key_record(pem, &text, &name);

	if (rc == 0) {
		zone_add_text(&line, owner, text.data);
		fputs(line.data, stdout);
	}
	free(owner);
	buf_clear(&line);
	buf_clear(&text);
	return rc;
}

/* "202611", and "202611e" for the newer kind, which goes beside it. */
static void
name_selector(const struct wish *wish, char *selector, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	if (wish->selector != NULL) {
		(void)copy_string(selector, size, wish->selector);
		return;
	}
	gmtime_r(&now, &tm);
	strftime(selector, size, wish->algorithm == DKIM_RSA ? "%Y%m" : "%Y%me",
	    &tm);
}

static int
refuse_more(const char *domain)
{
	struct dkim_keys keys;
	int rc = dkim_store_read(domain, &keys);
	bool full = keys.count == DKIM_KEYS_MAX;

	dkim_keys_clear(&keys);
	if (rc == -1)
		return EX_IOERR;
	return full ? admin_error(EX_DATAERR,
			  "%s has %d keys, and each signs: remove one first",
			  log_safe(domain), DKIM_KEYS_MAX)
		    : EX_OK;
}

static int
store(const struct wish *wish, const char *selector, const struct buf *pem)
{
	int rc = dkim_store_add(wish->domain, selector, pem->data, pem->size);

	if (rc == -1)
		return EX_IOERR;
	if (rc == 1)
		return admin_error(EX_DATAERR,
		    "%s has a key %s already: choose another --selector",
		    log_safe(wish->domain), selector);
	printf("; mail of %s is signed from now on; this goes into its zone:\n",
	    wish->domain);
	return print_record(wish->domain, selector, pem->data) == 0 ? EX_OK
								    : EX_IOERR;
}

static int
add(int argc, char **argv)
{
	char selector[DKIM_SELECTOR_MAX + 1];
	struct buf pem = BUF_INIT;
	struct wish wish;
	int status = parse_wish(argc, argv, &wish);

	if (status == EX_OK)
		status = check_domain(wish.domain);
	if (status == EX_OK)
		status = refuse_more(wish.domain);
	if (status != EX_OK)
		return status;
	name_selector(&wish, selector, sizeof(selector));
	status = dkim_key_make(wish.algorithm, &pem) == 0
	    ? store(&wish, selector, &pem)
	    : EX_SOFTWARE;
	explicit_bzero(pem.data, pem.size);
	buf_clear(&pem);
	return status;
}

static int
list_domain(void *arg, const char *domain)
{
	const char *only = arg;
	struct dkim_keys keys;
	int rc;

	if (only != NULL && strcasecmp(only, domain) != 0)
		return 0;
	rc = dkim_store_read(domain, &keys);
	for (size_t i = 0; i < keys.count; i++) {
		struct buf text = BUF_INIT;
		const char *name = "unusable";

		(void)dkim_key_record(keys.list[i].pem, &text, &name);
		printf("%s\t%s\t%s\n", domain, keys.list[i].selector, name);
		buf_clear(&text);
	}
	dkim_keys_clear(&keys);
	return rc;
}

static int
list(int argc, char **argv)
{
	admin_enter();
	return dkim_store_domains(list_domain, argc > 1 ? argv[1] : NULL) == 0
	    ? EX_OK
	    : EX_IOERR;
}

static int
remove_key(int argc, char **argv)
{
	int rc;

	(void)argc;
	admin_enter();
	rc = dkim_store_remove(argv[1], argv[2]);
	if (rc == -1)
		return EX_IOERR;
	if (rc == 1)
		return admin_error(EX_DATAERR, "%s has no key %s",
		    log_safe(argv[1]), log_safe(argv[2]));
	printf("%s\t%s\tremoved\n", argv[1], argv[2]);
	return EX_OK;
}

int
admin_dkim(int argc, char **argv)
{
	static const struct admin_verb verbs[] = {
		{ "add", 1, 5, add },
		{ "list", 0, 1, list },
		{ "remove", 2, 2, remove_key },
	};

	return admin_run_verb(verbs, COUNT(verbs), argc, argv);
}
