/*
 * parameters.c - ESMTP parameters, a row each.
 *
 * Mail-parameters = esmtp-param *(SP esmtp-param)
 * esmtp-param = esmtp-keyword ["=" esmtp-value]           RFC 5321 4.1.2
 */
#include "smtpd/parameters.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/address.h"
#include "common/buf.h"

enum { WORD_SIZE = 2048 /* more than a line */, SHOWN_MAX = 60 };

struct parameter {
	const char *keyword;
	const char *extension; /* of EHLO, without which it is unknown */
	/*
	 * ALL is a struct mail_parameters or rcpt_parameters; VALUE is NULL
	 * without "=".  False when it is wrong.
	 */
	bool (*take)(void *all, const char *value);
	const char *mistake;
};

/* size-value = 1*20DIGIT; more than fits is as good as too big. */
static bool
take_size(void *all, const char *value)
{
	struct mail_parameters *mail = all;
	size_t digits = value == NULL ? 0 : strspn(value, "0123456789");

	if (digits == 0 || digits > 20 || value[digits] != '\0')
		return false;
	mail->size = strtoll(value, NULL, 10);
	return true;
}

static bool
take_body(void *all, const char *value)
{
	struct mail_parameters *mail = all;

	if (value == NULL)
		return false;
	mail->eight_bit = strcasecmp(value, "8BITMIME") == 0;
	return mail->eight_bit || strcasecmp(value, "7BIT") == 0;
}

/*
 * AUTH=<> or AUTH=xtext: who sent it first, by the word of the client.  It is
 * not passed on, which RFC 4954 5 allows: to us no client is that trusted.
 */
static bool
take_auth(void *all, const char *value)
{
	char identity[WORD_SIZE];

	(void)all;
	return value != NULL && *value != '\0' &&
	    (strcmp(value, "<>") == 0 ||
		xtext_decode(value, identity, sizeof(identity)));
}

static bool
take_smtputf8(void *all, const char *value)
{
	struct mail_parameters *mail = all;

	mail->utf8 = value == NULL;
	return mail->utf8;
}

static bool
take_ret(void *all, const char *value)
{
	struct mail_parameters *mail = all;

	return value != NULL && dsn_take_ret(value, mail->ret);
}

static bool
take_envid(void *all, const char *value)
{
	struct mail_parameters *mail = all;

	return value != NULL && dsn_take_envid(value, mail->envid);
}

static bool
take_notify(void *all, const char *value)
{
	struct rcpt_parameters *rcpt = all;

	return value != NULL && dsn_take_notify(value, rcpt->notify);
}

static bool
take_orcpt(void *all, const char *value)
{
	struct rcpt_parameters *rcpt = all;

	return value != NULL && orcpt_is_valid(value, rcpt->utf8) &&
	    copy_string(rcpt->orcpt, sizeof(rcpt->orcpt), value);
}

/* clang-format off */
static const struct parameter of_mail[] = {
	{ "SIZE", "SIZE", take_size, "Bad message size syntax" },
	{ "BODY", "8BITMIME", take_body, "BODY is 7BIT or 8BITMIME" },
	{ "RET", "DSN", take_ret, "RET is FULL or HDRS" },
	{ "ENVID", "DSN", take_envid, "ENVID is at most 100 octets of xtext" },
	{ "AUTH", "AUTH", take_auth, "AUTH is <> or an address in xtext" },
	{ "SMTPUTF8", "SMTPUTF8", take_smtputf8, "SMTPUTF8 has no value" },
};
static const struct parameter of_rcpt[] = {
	{ "NOTIFY", "DSN", take_notify,
	  "NOTIFY is NEVER, or some of SUCCESS,FAILURE,DELAY" },
	{ "ORCPT", "DSN", take_orcpt,
	  "ORCPT is rfc822;ADDRESS, the address in xtext" },
};
/* clang-format on */

/* WORD as it may be shown: cut, and only what prints. */
static const char *
show(const char *word)
{
	static char shown[SHOWN_MAX + 1];
	size_t n = 0;

	for (; n < SHOWN_MAX && word[n] != '\0'; n++)
		shown[n] = word[n] > ' ' && word[n] <= '~' ? word[n] : '?';
	shown[n] = '\0';
	return shown;
}

/*
 * Copies the next word at *CURSOR, with "=" and VALUE cut off; *VALUE is NULL
 * without one.  False at the end.
 */
static bool
next_word(const char **cursor, char word[WORD_SIZE], const char **value)
{
	const char *start = *cursor + strspn(*cursor, " \t");
	size_t length = strcspn(start, " \t");
	char *equals;

	*cursor = start + length;
	if (length == 0)
		return false;
	if (length >= WORD_SIZE)
		length = WORD_SIZE - 1;
	memcpy(word, start, length);
	word[length] = '\0';
	equals = strchr(word, '=');
	*value = equals == NULL ? NULL : equals + 1;
	return true;
}

/* A kind of parameters: the rows, and what is already known of them. */
struct kind {
	const struct parameter *rows;
	size_t count;
	const struct listener *listener;
	unsigned *seen;
	void *all;
};

/* RFC 4954 5 has AUTH= where AUTH can be had, so not on port 25. */
static bool
is_offered(const struct kind *kind, const struct parameter *row)
{
	return config_offers(kind->listener, row->extension) &&
	    (row->take != take_auth || kind->listener->auth != AUTH_OFF);
}

static const struct parameter *
find_parameter(const struct kind *kind, const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < kind->count; i++) {
		const struct parameter *row = &kind->rows[i];

		if (strlen(row->keyword) == length &&
		    strncasecmp(row->keyword, word, length) == 0)
			return is_offered(kind, row) ? row : NULL;
	}
	return NULL;
}

static struct reply
take_all(const char *text, const struct kind *kind)
{
	char word[WORD_SIZE];
	const char *value;

	while (next_word(&text, word, &value)) {
		const struct parameter *found = find_parameter(kind, word);
		unsigned bit;

		if (found == NULL)
			return reply(555, "5.5.4 Unsupported option: %s",
			    show(word));
		bit = 1U << (found - kind->rows);
		if ((*kind->seen & bit) != 0)
			return reply(501, "5.5.4 %s is given twice",
			    found->keyword);
		*kind->seen |= bit;
		if (!found->take(kind->all, value))
			return reply(501, "5.5.4 %s", found->mistake);
	}
	return reply(250, "2.1.0 Ok");
}

struct reply
parameters_of_mail(const char *text, struct mail_parameters *parameters)
{
	const struct kind mail = { of_mail, COUNT(of_mail),
		parameters->listener, &parameters->seen, parameters };

	return take_all(text, &mail);
}

struct reply
parameters_of_rcpt(const char *text, struct rcpt_parameters *parameters)
{
	const struct kind rcpt = { of_rcpt, COUNT(of_rcpt),
		parameters->listener, &parameters->seen, parameters };

	return take_all(text, &rcpt);
}

static void
keep(struct buf *to, const char *name, const char *value)
{
	if (*value != '\0')
		buf_printf(to, "%s%s%s", to->size == 0 ? "" : " ", name, value);
}

char *
parameters_keep_mail(const struct mail_parameters *parameters)
{
	struct buf text = BUF_INIT;

	keep(&text, "BODY=", parameters->eight_bit ? "8BITMIME" : "");
	keep(&text, "", parameters->utf8 ? "SMTPUTF8" : "");
	keep(&text, "RET=", parameters->ret);
	keep(&text, "ENVID=", parameters->envid);
	return text.size == 0 ? xstrdup("") : text.data;
}

char *
parameters_keep_rcpt(const struct rcpt_parameters *parameters)
{
	struct buf text = BUF_INIT;

	keep(&text, "NOTIFY=", parameters->notify);
	keep(&text, "ORCPT=", parameters->orcpt);
	return text.size == 0 ? xstrdup("") : text.data;
}
