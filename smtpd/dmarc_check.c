/*
 * dmarc_check.c - the policy that the author's domain publishes, read by
 * libopendmarc, and whether SPF or DKIM have proved what it asks for.
 *
 * The latter is not left to the library: that of Debian 12 takes a.co.uk for
 * b.co.uk's, and adkim=s for adkim=r.  Which domains are of one owner is known
 * to libpsl.
 *
 * RFC 7489 6.6.3: the record of the author's domain, or else that of its
 * organizational domain; two records are none.
 */
#include "smtpd/dmarc_check.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

#include <libpsl.h>
#include <opendmarc/dmarc.h>

#include "common/log.h"
#include "smtpd/bounded_dns.h"
#include "smtpd/findings.h"

static const psl_ctx_t *suffixes;

void
dmarc_check_open(void)
{
	suffixes = psl_latest(NULL);
	if (suffixes == NULL)
		log_failure("there is no Public Suffix List (publicsuffix)");
}

/* The one record that DOMAIN has, to be freed; NULL with what was found. */
static char *
find_record(struct bounded_dns *dns, const char *domain, enum dns_found *found)
{
	static const char version[] = "v=DMARC1";
	char *name = xasprintf("_dmarc.%s", domain);
	struct dns_records texts;
	char *record = NULL;
	int count = 0;

	*found = bounded_dns_ask(dns, name, DNS_TYPE_TXT, &texts);
	for (size_t i = 0; i < texts.count; i++) {
		const char *text = (const char *)texts.list[i].data;

		if (strncmp(text, version, strlen(version)) != 0)
			continue;
		free(record);
		record = xstrdup(text);
		count++;
	}
	if (count != 1) {
		free(record);
		record = NULL;
	}
	dns_records_clear(&texts);
	free(name);
	return record;
}

/* The organizational domain (RFC 7489 3.2); DOMAIN where nothing is above. */
static const char *
organization(const char *domain)
{
	const char *found =
	    suffixes == NULL ? NULL : psl_registrable_domain(suffixes, domain);

	return found == NULL ? domain : found;
}

/*
 * RFC 7489 3.1: whether what a check has proved is of the author's domain, or,
 * not STRICT, of the same owner's.
 */
static bool
is_aligned(const char *author, const char *proved, bool strict)
{
	char lower[DOMAIN_MAX + 1];
	size_t i = 0;

	for (; i < DOMAIN_MAX && proved[i] != '\0'; i++)
		lower[i] = (char)tolower((unsigned char)proved[i]);
	lower[i] = '\0';
	return strict ? strcmp(author, lower) == 0
		      : strcmp(organization(author), organization(lower)) == 0;
}

static bool
is_strict(DMARC_POLICY_T *policy, int (*fetch)(DMARC_POLICY_T *, int *))
{
	int word = DMARC_RECORD_A_UNSPECIFIED;

	return fetch(policy, &word) == DMARC_PARSE_OKAY &&
	    word == DMARC_RECORD_A_STRICT;
}

/*
 * The best of what is aligned: FINDING_PASS, FINDING_TEMPERROR when it might
 * pass once DNS answers, or FINDING_FAIL.
 */
static enum finding
find_proof(DMARC_POLICY_T *policy, const struct findings *findings,
    const char *author)
{
	bool strict = is_strict(policy, opendmarc_policy_fetch_aspf);
	const struct spf_finding *spf = &findings->spf;
	enum finding best = FINDING_FAIL;

	if (is_aligned(author, spf->domain, strict) &&
	    (spf->finding == FINDING_PASS || spf->finding == FINDING_TEMPERROR))
		best = spf->finding;
	strict = is_strict(policy, opendmarc_policy_fetch_adkim);
	for (size_t i = 0; i < findings->signature_count; i++) {
		const struct dkim_finding *signature = &findings->signatures[i];

		if (!is_aligned(author, signature->domain, strict))
			continue;
		if (signature->finding == FINDING_PASS ||
		    (signature->finding == FINDING_TEMPERROR &&
			best == FINDING_FAIL))
			best = signature->finding;
	}
	return best;
}

/* "reject", of p= or, for a domain below the record's, of sp=. */
static const char *
published(DMARC_POLICY_T *policy, bool below)
{
	int word = DMARC_RECORD_P_UNSPECIFIED;

	if (below)
		opendmarc_policy_fetch_sp(policy, &word);
	if (word == DMARC_RECORD_P_UNSPECIFIED)
		opendmarc_policy_fetch_p(policy, &word);
	switch (word) {
	case DMARC_RECORD_P_REJECT:
		return "reject";
	case DMARC_RECORD_P_QUARANTINE:
		return "quarantine";
	default:
		return "none";
	}
}

/* Whether this message is among the PCT in a hundred (RFC 7489 6.3, pct). */
static bool
is_sampled(DMARC_POLICY_T *policy)
{
	unsigned char chance[2];
	int pct = 100;

	if (opendmarc_policy_fetch_pct(policy, &pct) != DMARC_PARSE_OKAY ||
	    pct >= 100)
		return true;
	if (getrandom(chance, sizeof(chance), 0) != sizeof(chance))
		return false;
	return (chance[0] << 8 | chance[1]) % 100 < pct;
}

/* With RECORD of the author's domain or, BELOW it, of the one above. */
static void
judge(const struct findings *findings, const char *record, bool below,
    struct dmarc_finding *dmarc)
{
	unsigned char nobody[] = "192.0.2.1"; /* the library only keeps it */
	DMARC_POLICY_T *policy =
	    opendmarc_policy_connect_init(nobody, DMARC_POLICY_IP_TYPE_IPV4);
	/* The library wants its arguments not const. */
	unsigned char *text = (unsigned char *)xstrdup(record);
	unsigned char *name = (unsigned char *)xstrdup(dmarc->domain);

	if (policy == NULL)
		panic("libopendmarc: out of memory");
	if (opendmarc_policy_parse_dmarc(policy, name, text) ==
	    DMARC_PARSE_OKAY) {
		dmarc->policy = published(policy, below);
		dmarc->finding = find_proof(policy, findings, dmarc->domain);
		dmarc->reject = dmarc->finding == FINDING_FAIL &&
		    strcmp(dmarc->policy, "reject") == 0 && is_sampled(policy);
	} else {
		dmarc->finding = FINDING_PERMERROR;
		dmarc->why = "its record cannot be read";
	}
	opendmarc_policy_connect_shutdown(policy);
	free(name);
	free(text);
}

/* By what AUTHOR, a domain, publishes. */
static struct dmarc_finding
check_author(struct bounded_dns *dns, const struct findings *findings,
    const char *author)
{
	struct dmarc_finding dmarc = { .finding = FINDING_NONE };
	enum dns_found found;
	char *record = find_record(dns, author, &found);
	bool below = false;

	(void)copy_string(dmarc.domain, sizeof(dmarc.domain), author);
	if (record == NULL && found != DNS_LATER) {
		const char *above = organization(author);

		below = strcmp(above, author) != 0;
		if (below)
			record = find_record(dns, above, &found);
	}
	if (record != NULL) {
		judge(findings, record, below, &dmarc);
	} else if (found == DNS_LATER) {
		dmarc.finding = FINDING_TEMPERROR;
		dmarc.why = "DNS does not answer";
	}
	free(record);
	return dmarc;
}

/*
 * How much is to be made of one author's result beside another's: the strictest
 * policy of those that fail (RFC 7489 6.6.1), and a pass only where all pass,
 * because a reader is shown all of them.
 */
static int
weight(const struct dmarc_finding *dmarc)
{
	static const char *const policies[] = { "none", "quarantine",
		"reject" };

	if (dmarc->reject)
		return 10;
	switch (dmarc->finding) {
	case FINDING_FAIL:
		for (int i = 0; i < (int)COUNT(policies); i++)
			if (strcmp(dmarc->policy, policies[i]) == 0)
				return 5 + i;
		return 5;
	case FINDING_TEMPERROR:
		return 4;
	case FINDING_PERMERROR:
		return 3;
	case FINDING_PASS:
		return 1;
	default:
		return 2;
	}
}

void
dmarc_check(struct bounded_dns *dns, struct findings *findings)
{
	const struct authors *authors = &findings->authors;
	struct dmarc_finding *dmarc = &findings->dmarc;

	*dmarc = (struct dmarc_finding){ .finding = FINDING_NONE };
	if (findings->author_fields != 1 || authors->odd ||
	    authors->count == 0) {
		dmarc->finding = FINDING_PERMERROR;
		dmarc->why = "no one author";
		/*
		 * A second From, or an address that a reader's program may
		 * read otherwise, would get past the policy of the first.
		 */
		dmarc->reject = findings->author_fields > 1 || authors->odd;
		return;
	}
	for (size_t i = 0; i < authors->count; i++) {
		struct dmarc_finding one =
		    check_author(dns, findings, authors->domains[i]);

		if (i == 0 || weight(&one) > weight(dmarc))
			*dmarc = one;
	}
}
