/*
 * received_comment.c - what servers write in the comments of a Received field.
 *
 * Each reader below knows one form, and says whether the comment was one.
 * Order matters: those that are sure of themselves come first.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "maildir/received_private.h"

enum { COMMENT_MAX = 1000 };

/* A comment as a string, and where it stood. */
struct comment {
	struct received *r;
	enum received_key key;
	const char *text;
};

static bool
begins(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

/* The word behind LABEL in TEXT, as FIELD.  Whether LABEL is there. */
static bool
take_after(const char *text, const char *label, char **field)
{
	const char *at = strcasestr(text, label);
	size_t size;

	if (at == NULL)
		return false;
	at += strlen(label);
	at += strspn(at, " <\"");
	size = strcspn(at, " \t>\",;)");
	received_set(field, at, size);
	return true;
}

/* (qmail 6338 invoked by uid 399), (qmail 7 invoked from network) */
static bool
read_qmail(const struct comment *c)
{
	if (!begins(c->text, "qmail "))
		return false;
	received_set(&c->r->software, "qmail", 5);
	if (!take_after(c->text, "by uid ", &c->r->ident))
		take_after(c->text, "invoked by ", &c->r->ident);
	return true;
}

/*
 * (Authenticated sender: bob) of Postfix, (authenticated bits=0) and
 * (User authenticated as bob) of sendmail
 */
static bool
read_login(const struct comment *c)
{
	if (begins(c->text, "User authenticated as ") &&
	    strcmp(c->r->login, "?") == 0)
		*c->r->login = '\0';
	if (take_after(c->text, "Authenticated sender:", &c->r->login) ||
	    take_after(c->text, "authenticated as ", &c->r->login) ||
	    take_after(c->text, "authenticated_id=", &c->r->login) ||
	    take_after(c->text, "auth=", &c->r->login))
		return true;
	if (!begins(c->text, "authenticated"))
		return false;
	received_set(&c->r->login, "?", 1);
	return true;
}

/* Makes "VERSION CIPHER" the TLS. */
static void
set_tls(struct received *r, char *version, char *cipher)
{
	struct buf tls = BUF_INIT;

	buf_addstr(&tls, version);
	if (*cipher != '\0')
		buf_printf(&tls, "%s%s", tls.size > 0 ? " " : "", cipher);
	received_set(&r->tls, tls.data, tls.size);
	buf_clear(&tls);
	free(version);
	free(cipher);
}

/*
 * (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) ...),
 * (version=TLS1_2, cipher=ECDHE-RSA-AES128-GCM-SHA256 bits=128/128), (TLS1.3),
 * (TLSv1.2:DHE-RSA-AES256-SHA:256)
 */
static bool
read_tls(const struct comment *c)
{
	char *version = xstrdup("");
	char *cipher = xstrdup("");

	if (take_after(c->text, "version=", &version)) {
		take_after(c->text, "cipher=", &cipher);
	} else if (begins(c->text, "using ")) {
		take_after(c->text, "using ", &version);
		take_after(c->text, "with cipher ", &cipher);
	} else if (begins(c->text, "TLS") || begins(c->text, "SSL")) {
		size_t size = strcspn(c->text, ": ");

		received_set(&version, c->text, size);
		if (c->text[size] == ':')
			received_set(&cipher, c->text + size + 1,
			    strcspn(c->text + size + 1, ": "));
	}
	if (*version == '\0' && *cipher == '\0') {
		free(version);
		free(cipher);
		return false;
	}
	set_tls(c->r, version, cipher);
	return true;
}

/* (envelope-from <a@b>) */
static bool
read_sender(const struct comment *c)
{
	return take_after(c->text, "envelope-from ", &c->r->sender) ||
	    take_after(c->text, "envelope-sender ", &c->r->sender);
}

/* (Postfix, from userid 1000); (from alice@localhost) of sendmail */
static bool
read_local_user(const struct comment *c)
{
	if (c->key == KEY_NONE && begins(c->text, "from "))
		return take_after(c->text, "from ", &c->r->ident);
	if (!take_after(c->text, "from userid ", &c->r->ident))
		return false;
	received_set(&c->r->software, c->text, strcspn(c->text, ","));
	return true;
}

/*
 * qmail and EXIM name the client by its address first: there the word behind
 * "from" was the name DNS has for it, and the HELO comes here.
 */
static bool
take_helo(struct received *r, const char *text)
{
	static const char *const labels[] = { "helo=", "HELO ", "EHLO " };
	char *helo = xstrdup("");

	for (size_t i = 0; i < COUNT(labels) && *helo == '\0'; i++)
		take_after(text, labels[i], &helo);
	if (*helo == '\0') {
		free(helo);
		return false;
	}
	if (*r->name == '\0' && r->helo[0] != '[')
		received_set(&r->name, r->helo, strlen(r->helo));
	if (r->helo[0] == '[') {
		char address[RECEIVED_ADDRESS_SIZE];

		if (received_find_address(r->helo, strlen(r->helo), address))
			received_set(&r->address, address, strlen(address));
	}
	free(r->helo);
	r->helo = helo;
	return true;
}

/* The name before "[192.0.2.1]", without the dot at its end. */
static void
take_name(struct received *r, const char *text)
{
	size_t size = strcspn(text, " [(");

	while (size > 0 && text[size - 1] == '.')
		size--;
	if (memchr(text, '@', size) != NULL) { /* ident@host */
		const char *at = memchr(text, '@', size);

		received_set(&r->ident, text, (size_t)(at - text));
		size -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	if (size > 0 && strchr("[(", *text) == NULL)
		received_set(&r->name, text, size);
}

/*
 * TCP-info = address-literal / ( Domain FWS address-literal )  (RFC 5321 4.4)
 * and what became of it: (rdns [ip] (may be forged)), (ident@ip), (ip),
 * ([ip] helo=x ident=y), ([ip]:port "EHLO x"), (HELO x) ([ip])
 */
static bool
read_client(const struct comment *c)
{
	char address[RECEIVED_ADDRESS_SIZE];
	bool has_address;
	bool has_helo;

	if (c->key != KEY_FROM)
		return false;
	has_address = received_find_address(c->text, strlen(c->text), address);
	has_helo = take_helo(c->r, c->text);
	take_after(c->text, "ident=", &c->r->ident);
	if (strcasestr(c->text, "may be forged") != NULL)
		c->r->forged = true;
	if (has_address)
		received_set(&c->r->address, address, strlen(address));
	if (has_helo)
		return true;
	if (has_address && strpbrk(c->text, "[@") == NULL)
		return true; /* it is all address */
	if (has_address && strchr(c->text, '[') == NULL)
		received_set(&c->r->ident, c->text, strcspn(c->text, "@"));
	else if (has_address || strchr(c->text, ' ') == NULL)
		take_name(c->r, c->text);
	return true;
}

static bool
read_software(const struct comment *c)
{
	char address[RECEIVED_ADDRESS_SIZE];

	if (c->key == KEY_BY &&
	    received_find_address(c->text, strlen(c->text), address))
		return true; /* of the server: Exchange */
	if (c->key == KEY_BY || begins(c->text, "Exim"))
		received_set(&c->r->software, c->text, strlen(c->text));
	return true;
}

static bool (*const readers[])(const struct comment *c) = {
	read_qmail,
	read_login,
	read_tls,
	read_sender,
	read_local_user,
	read_client,
	read_software,
};

void
received_comment(struct received *r, enum received_key key, const char *text,
    size_t size)
{
	char copy[COMMENT_MAX];
	struct comment comment = { r, key, copy };
	size_t kept = 0;

	while (size > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		size--;
	}
	for (; kept < size && kept < sizeof(copy) - 1; kept++)
		copy[kept] = text[kept];
	while (kept > 0 && copy[kept - 1] == ' ')
		kept--;
	copy[kept] = '\0';
	for (size_t i = 0; i < COUNT(readers) && kept > 0; i++)
		if (readers[i](&comment))
			return;
}
