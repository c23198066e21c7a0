/*
 * findings.c - results in the form of RFC 8601 2.2.
 *
 * Names come out of messages: what is no host name is left out.
 */
#include "smtpd/findings.h"

#include <ctype.h>
#include <string.h>

const char *
finding_word(enum finding finding)
{
	static const char *const words[] = {
		[FINDING_NONE] = "none",
		[FINDING_PASS] = "pass",
		[FINDING_FAIL] = "fail",
		[FINDING_SOFTFAIL] = "softfail",
		[FINDING_NEUTRAL] = "neutral",
		[FINDING_POLICY] = "policy",
		[FINDING_TEMPERROR] = "temperror",
		[FINDING_PERMERROR] = "permerror",
	};

	return words[finding];
}

/* The best of them first. */
static enum finding
best_signature(const struct findings *findings)
{
	static const enum finding order[] = { FINDING_PASS, FINDING_TEMPERROR,
		FINDING_POLICY, FINDING_FAIL, FINDING_PERMERROR };

	for (size_t i = 0; i < COUNT(order); i++)
		for (size_t j = 0; j < findings->signature_count; j++)
			if (findings->signatures[j].finding == order[i])
				return order[i];
	return findings->more_signatures ? FINDING_POLICY : FINDING_NONE;
}

void
findings_summarize(const struct findings *findings, struct buf *to)
{
	buf_printf(to, "spf=%s dkim=%s dmarc=%s reject=%s",
	    finding_word(findings->spf.finding),
	    finding_word(best_signature(findings)),
	    finding_word(findings->dmarc.finding),
	    findings->dmarc.reject ? "yes" : "no");
}

static void
begin(struct buf *to, const char *method, enum finding finding)
{
	buf_printf(to, ";\n\t%s=%s", method, finding_word(finding));
}

/* Also a name with underscores, as DNS has them. */
static bool
is_name(const char *name)
{
	if (*name == '\0')
		return false;
	for (; *name != '\0'; name++)
		if (!isascii((unsigned char)*name) ||
		    (!isalnum((unsigned char)*name) &&
			strchr("-._", *name) == NULL))
			return false;
	return true;
}

static void
add_property(struct buf *to, const char *name, const char *value)
{
	if (is_name(value))
		buf_printf(to, " %s=%s", name, value);
}

static void
add_comment(struct buf *to, const char *why)
{
	if (why != NULL)
		buf_printf(to, " (%s)", why);
}

static void
write_signature(const struct dkim_finding *signature, struct buf *to)
{
	begin(to, "dkim", signature->finding);
	if (signature->why != NULL)
		add_comment(to, signature->why);
	else if (signature->bits != 0)
		buf_printf(to, " (%u-bit key)", signature->bits);
	add_property(to, "header.d", signature->domain);
	add_property(to, "header.s", signature->selector);
	if (signature->algorithm != NULL)
		add_property(to, "header.a", signature->algorithm);
}

static void
write_signatures(const struct findings *findings, struct buf *to)
{
	for (size_t i = 0; i < findings->signature_count; i++)
		write_signature(&findings->signatures[i], to);
	if (findings->more_signatures) {
		begin(to, "dkim", FINDING_POLICY);
		add_comment(to, "more signatures than are looked at");
	}
	if (findings->signature_count == 0 && !findings->more_signatures) {
		begin(to, "dkim", FINDING_NONE);
		add_comment(to, "no signature");
	}
}

void
findings_write(const struct findings *findings, struct buf *to)
{
	const struct spf_finding *spf = &findings->spf;
	const struct dmarc_finding *dmarc = &findings->dmarc;

	write_signatures(findings, to);
	begin(to, "spf", spf->finding);
	add_comment(to, spf->why);
	add_property(to, spf->helo ? "smtp.helo" : "smtp.mailfrom",
	    spf->domain);
	begin(to, "dmarc", dmarc->finding);
	if (dmarc->why != NULL)
		add_comment(to, dmarc->why);
	else if (dmarc->policy != NULL)
		buf_printf(to, " (p=%s)", dmarc->policy);
	add_property(to, "header.from", dmarc->domain);
	buf_addchar(to, '\n');
}
