/*
 * dkim_check.c - libopendkim's word on each signature, and ours.
 *
 * Ours: SHA-1 counts for nothing (RFC 8301 3.1), nor does a signature that
 * leaves a part of the text out (l=, RFC 6376 8.2): who forwards the message
 * can put there what he likes.
 *
 * A name server that does not answer about one signature must not keep the
 * library from the others, so it is told that there is no key, and what was
 * meant is kept here.
 */
#include "smtpd/dkim_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <opendkim/dkim.h>

#include "common/log.h"
#include "smtpd/author.h"
#include "smtpd/bounded_dns.h"
#include "smtpd/dkim_feed.h"
#include "smtpd/findings.h"

struct check {
	struct bounded_dns *dns;
	struct findings *findings;
	int fed; /* signatures */
	/* Those whose key nobody could tell. */
	const DKIM_SIGINFO *unknown[SIGNATURES_MAX];
	size_t unknown_count;
};

/* The key among TEXTS: the one that says so, or the only one. */
static const struct dns_record *
choose_key(const struct dns_records *texts)
{
	static const char version[] = "v=DKIM1";

	for (size_t i = 0; i < texts->count; i++)
		if (strncmp((const char *)texts->list[i].data, version,
			strlen(version)) == 0)
			return &texts->list[i];
	return texts->count == 1 ? &texts->list[0] : NULL;
}

static DKIM_CBSTAT
find_key(DKIM *dkim, DKIM_SIGINFO *signature, u_char *text, size_t size)
{
	struct check *check = dkim_get_user_context(dkim);
	struct dns_records texts = { .count = 0 };
	const struct dns_record *key = NULL;
	enum dns_found found;
	char *name = xasprintf("%s._domainkey.%s",
	    (const char *)dkim_sig_getselector(signature),
	    (const char *)dkim_sig_getdomain(signature));

	found = bounded_dns_ask(check->dns, name, DNS_TYPE_TXT, &texts);
	if (found == DNS_LATER && check->unknown_count < SIGNATURES_MAX)
		check->unknown[check->unknown_count++] = signature;
	if (found == DNS_YES)
		key = choose_key(&texts);
	if (key != NULL &&
	    !copy_string((char *)text, size, (const char *)key->data))
		key = NULL;
	dns_records_clear(&texts);
	free(name);
	return key == NULL ? DKIM_CBSTAT_NOTFOUND : DKIM_CBSTAT_CONTINUE;
}

struct dkim_lib *
dkim_check_open(void)
{
	DKIM_LIB *library = dkim_init(NULL, NULL);
	/* A signature that cannot be read is a finding too. */
	unsigned flags = DKIM_LIBFLAGS_BADSIGHANDLES;

	if (library != NULL &&
	    dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags,
		sizeof(flags)) == DKIM_STAT_OK &&
	    dkim_set_key_lookup(library, find_key) == DKIM_STAT_OK)
		return library;
	log_failure("libopendkim cannot start");
	return NULL;
}

static bool
look(void *arg, const char *field, size_t name_size, size_t size)
{
	struct check *check = arg;
	struct findings *findings = check->findings;
	const char *colon = memchr(field, ':', size);

	if (dkim_field_is(field, name_size, "From")) {
		findings->author_fields++;
		author_domains(colon + 1, size - (size_t)(colon + 1 - field),
		    &findings->authors);
	}
	if (!dkim_field_is(field, name_size, DKIM_SIGNHEADER))
		return true;
	if (check->fed == SIGNATURES_MAX) {
		findings->more_signatures = true;
		return false;
	}
	check->fed++;
	return true;
}

static void
set(struct dkim_finding *to, enum finding finding, const char *why)
{
	to->finding = finding;
	to->why = why;
}

/* What is wrong with a signature that the library does not let pass. */
static void
explain(DKIM_SIGINFO *signature, struct dkim_finding *to)
{
	int error = dkim_sig_geterror(signature);

	if (dkim_sig_getbh(signature) == DKIM_SIGBH_MISMATCH)
		set(to, FINDING_FAIL, "body hash did not verify");
	else if (error == DKIM_SIGERROR_BADSIG)
		set(to, FINDING_FAIL, "signature did not verify");
	else if (error == DKIM_SIGERROR_EXPIRED)
		set(to, FINDING_FAIL, "signature has expired");
	else if (error == DKIM_SIGERROR_NOKEY)
		set(to, FINDING_PERMERROR, "no key in DNS");
	else if (error == DKIM_SIGERROR_KEYREVOKED)
		set(to, FINDING_PERMERROR, "key was revoked");
	else if (error == DKIM_SIGERROR_KEYTOOSMALL)
		set(to, FINDING_POLICY, "key is too small");
	else
		set(to, FINDING_PERMERROR, dkim_sig_geterrorstr(error));
}

static void
judge(DKIM *dkim, DKIM_SIGINFO *signature, struct dkim_finding *to)
{
	ssize_t text = 0;
	ssize_t covered = 0;
	ssize_t length = -1;
	dkim_alg_t algorithm = DKIM_SIGN_UNKNOWN;
	unsigned char from[] = "From"; /* RFC 6376 5.4 */

	(void)dkim_sig_getsignalg(signature, &algorithm);
	if (dkim_sig_geterror(signature) != DKIM_SIGERROR_OK ||
	    !DKIM_SIG_CHECK(signature))
		explain(signature, to);
	else if (!dkim_sig_hdrsigned(signature, from))
		set(to, FINDING_PERMERROR, "From is not signed");
	else if (algorithm == DKIM_SIGN_RSASHA1)
		set(to, FINDING_POLICY, "SHA-1 is not secure");
	else if (dkim_sig_getcanonlen(dkim, signature, &text, &covered,
		     &length) == DKIM_STAT_OK &&
	    length >= 0 && covered < text)
		set(to, FINDING_POLICY, "a part of the text is not signed");
	else
		set(to, FINDING_PASS, NULL);
}

static const char *
algorithm_name(DKIM_SIGINFO *signature)
{
	dkim_alg_t algorithm = DKIM_SIGN_UNKNOWN;

	if (dkim_sig_getsignalg(signature, &algorithm) != DKIM_STAT_OK)
		return NULL;
	switch (algorithm) {
	case DKIM_SIGN_RSASHA1:
		return "rsa-sha1";
	case DKIM_SIGN_RSASHA256:
		return "rsa-sha256";
	case DKIM_SIGN_ED25519SHA256:
		return "ed25519-sha256";
	default:
		return NULL;
	}
}

static void
copy_tag(char *to, size_t size, const unsigned char *tag)
{
	/* What is too long is no name, and is not shown. */
	if (tag == NULL || !copy_string(to, size, (const char *)tag))
		to[0] = '\0';
}

static void
take(const struct check *check, DKIM *dkim, DKIM_SIGINFO *signature)
{
	struct findings *findings = check->findings;
	struct dkim_finding *to =
	    &findings->signatures[findings->signature_count++];

	copy_tag(to->domain, sizeof(to->domain), dkim_sig_getdomain(signature));
	copy_tag(to->selector, sizeof(to->selector),
	    dkim_sig_getselector(signature));
	to->algorithm = algorithm_name(signature);
	if (dkim_sig_getkeysize(signature, &to->bits) != DKIM_STAT_OK)
		to->bits = 0;
	judge(dkim, signature, to);
	for (size_t i = 0; i < check->unknown_count; i++)
		if (check->unknown[i] == signature)
			set(to, FINDING_TEMPERROR, "DNS does not answer");
}

int
dkim_check(struct dkim_lib *library, struct bounded_dns *dns, int fd,
    struct findings *findings)
{
	struct check check = { .dns = dns, .findings = findings };
	DKIM_SIGINFO **list = NULL;
	DKIM_STAT status;
	int count = 0;
	int rc;
	DKIM *dkim = dkim_verify(library, (const unsigned char *)"postlab",
	    NULL, &status);

	if (dkim == NULL)
		return log_failure("libopendkim: %s",
		    dkim_getresultstr(status));
	dkim_set_user_context(dkim, &check);
	rc = dkim_feed(&(struct dkim_feed){ .dkim = dkim,
			   .look = look,
			   .arg = &check },
	    fd, &status);
	if (rc == 0 && dkim_getsiglist(dkim, &list, &count) != DKIM_STAT_OK)
		count = 0;
	for (int i = 0; i < count && i < SIGNATURES_MAX; i++)
		take(&check, dkim, list[i]);
	dkim_free(dkim);
	return rc;
}
