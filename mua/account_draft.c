/*
 * account_draft.c - fields are keys of account_table.c, so that what they may
 * be, and what is said of a mistake, are the file's.
 *
 * Guesses: a lab's own servers for an address in its domain; else
 * mail.DOMAIN, TLS from the first byte and the ports of RFC 8314.
 */
#include "mua/account_draft.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/utf8.h"
#include "mua/account_table.h"
#include "mua/lab.h"

/* clang-format off */
const struct draft_field draft_fields[DRAFT_FIELDS] = {
	{ "full_name", "Your name", "as others see it", DRAFT_TEXT },
	{ "address", "Mail address", "you@example.org", DRAFT_TEXT },
	{ "", "Account", "what you call it here", DRAFT_TEXT },
	{ "pop3_host", "POP3 server", "where your mail arrives", DRAFT_TEXT },
	{ "pop3_port", "  port", "995, or 110 with starttls or off", DRAFT_TEXT },
	{ "pop3_tls", "  TLS", "Left and Right choose; implicit is best", DRAFT_CHOICE },
	{ "smtp_host", "SMTP server", "where you send your mail to", DRAFT_TEXT },
	{ "smtp_port", "  port", "465, or 587 with starttls or off", DRAFT_TEXT },
	{ "smtp_tls", "  TLS", "Left and Right choose; implicit is best", DRAFT_CHOICE },
	{ "login", "Login", "empty: the address; some want bob without @", DRAFT_TEXT },
	{ "password_command", "Password from", "a command, as pass show mail; empty: asked once a run", DRAFT_TEXT },
	{ "leave_on_server", "Keep on server", "what was fetched stays there too", DRAFT_CHOICE },
	{ "leave_days", "  for days", "and goes after so many; 0: never", DRAFT_TEXT },
	{ "ca_file", "CA file", "for a server of your own; empty: the system's", DRAFT_TEXT },
	{ "maildir", "Mail is kept in", "a Maildir on this machine", DRAFT_TEXT },
	{ "signature_file", "Signature", "a file with the lines below your letters", DRAFT_TEXT },
};
/* clang-format on */

enum { ACCOUNT_NAME = 2 }; /* the field without a key */

size_t
draft_field(const char *key)
{
	size_t i = 0;

	while (i < DRAFT_FIELDS && strcmp(draft_fields[i].key, key) != 0)
		i++;
	return i;
}

static void
set(struct draft *draft, size_t i, const char *text)
{
	buf_reset(&draft->texts[i]);
	buf_addstr(&draft->texts[i], text);
}

/* The value of KEY in ACCOUNT; the home folder is written as ~. */
static void
take_value(struct draft *draft, size_t i, const struct config_key *key,
    const struct account *account)
{
	struct buf *text = &draft->texts[i];
	char *shorter;

	buf_reset(text);
	config_format(key, account, text);
	shorter = account_shorten(text->data);
	buf_reset(text);
	buf_addstr(text, shorter);
	free(shorter);
}

/* The person's name in the password file, up to the first comma. */
static void
take_own_name(struct draft *draft)
{
	const struct passwd *person = getpwuid(getuid());
	char *name = person == NULL || person->pw_gecos == NULL
	    ? xstrdup("")
	    : xstrdup(person->pw_gecos);

	name[strcspn(name, ",")] = '\0';
	if (utf8_is_valid(name) && strcmp(name, "root") != 0)
		set(draft, draft_field("full_name"), name);
	free(name);
}

void
draft_init(struct draft *draft, const struct account *account)
{
	struct account fresh;

	memset(draft, 0, sizeof(*draft));
	account_init(&fresh, account == NULL ? "" : account->name);
	for (size_t i = 0; i < DRAFT_FIELDS; i++) {
		const struct config_key *key =
		    account_find_key("account", draft_fields[i].key);

		draft->texts[i] = (struct buf)BUF_INIT;
		if (key != NULL)
			take_value(draft, i, key,
			    account == NULL ? &fresh : account);
		/* A port of 0 is none yet. */
		if (strcmp(draft->texts[i].data, "0") == 0 &&
		    strcmp(draft_fields[i].key, "leave_days") != 0)
			buf_reset(&draft->texts[i]);
		draft->touched[i] = account != NULL;
	}
	account_clear(&fresh);
	if (account == NULL) {
		take_own_name(draft);
		return;
	}
	draft->old_name = xstrdup(account->name);
	set(draft, ACCOUNT_NAME, account->name);
}

void
draft_clear(struct draft *draft)
{
	for (size_t i = 0; i < DRAFT_FIELDS; i++)
		buf_clear(&draft->texts[i]);
	free(draft->old_name);
	draft->old_name = NULL;
}

/* Puts what a finished ACCOUNT has into the fields nobody touched. */
static void
fill_untouched(struct draft *draft, const struct account *account)
{
	for (size_t i = 0; i < DRAFT_FIELDS; i++) {
		const struct config_key *key =
		    account_find_key("account", draft_fields[i].key);

		if (draft->touched[i] || key == NULL ||
		    strcmp(key->name, "full_name") == 0 ||
		    strcmp(key->name, "address") == 0)
			continue;
		take_value(draft, i, key, account);
	}
}

/* "campus" of bob@mail.campus.example? No: the domain as a whole is clearer. */
static void
guess_name(struct draft *draft, const char *address)
{
	const char *at = strrchr(address, '@');
	char *name;

	if (draft->touched[ACCOUNT_NAME] || at == NULL)
		return;
	name = xasprintf("%.*s", (int)strcspn(at + 1, "."), at + 1);
	set(draft, ACCOUNT_NAME, account_is_name(name) ? name : "mail");
	free(name);
}

void
draft_guess(struct draft *draft)
{
	const char *address = draft->texts[draft_field("address")].data;
	const char *at = strrchr(address, '@');
	struct account guess;
	struct lab *lab;

	if (at == NULL || at[1] == '\0')
		return;
	guess_name(draft, address);
	account_init(&guess, draft->texts[ACCOUNT_NAME].data);
	lab = lab_find();
	if (lab != NULL && lab_has_domain(lab, address)) {
		lab_fill(lab, &guess);
	} else {
		free(guess.pop3.host);
		free(guess.smtp.host);
		guess.pop3.host = xasprintf("mail.%s", at + 1);
		guess.smtp.host = xasprintf("mail.%s", at + 1);
	}
	lab_free(lab);
	account_complete(&guess);
	fill_untouched(draft, &guess);
	account_clear(&guess);
}

/* The well-known port of a host whose TLS is CHOICE. */
static int
usual_port(const char *key, const char *choice)
{
	bool implicit = strcmp(choice, "implicit") == 0;

	if (strncmp(key, "pop3", 4) == 0)
		return implicit ? 995 : 110;
	return implicit ? 465 : 587;
}

/* A port that was the usual one for BEFORE becomes that for AFTER. */
static void
follow_tls(struct draft *draft, const char *key, const char *before,
    const char *after)
{
	size_t port = draft_field(
	    strncmp(key, "pop3", 4) == 0 ? "pop3_port" : "smtp_port");
	char text[16];

	if (strtol(draft->texts[port].data, NULL, 10) !=
	    usual_port(key, before))
		return;
	(void)snprintf(text, sizeof(text), "%d", usual_port(key, after));
	set(draft, port, text);
}

void
draft_turn(struct draft *draft, size_t i, int steps)
{
	static const char *const yes_no[] = { "yes", "no", NULL };
	const char *name = draft_fields[i].key;
	const struct config_key *key = account_find_key("account", name);
	const char *const *choices =
	    key->type == KEY_BOOLEAN ? yes_no : key->choices;
	char *before = xstrdup(draft->texts[i].data);
	int count = 0;
	int at = 0;

	for (; choices[count] != NULL; count++)
		if (strcmp(choices[count], before) == 0)
			at = count;
	if (count > 0)
		set(draft, i, choices[(at + steps + count) % count]);
	draft->touched[i] = true;
	if (key->type == KEY_CHOICE)
		follow_tls(draft, name, before, draft->texts[i].data);
	free(before);
}

static int
finish_field(const struct draft *draft, size_t i, struct account *account,
    char *why, size_t size)
{
	const struct draft_field *field = &draft_fields[i];
	const char *label = field->label + strspn(field->label, " ");
	const struct config_key *key = account_find_key("account", field->key);
	struct buf mistake = BUF_INIT;
	const char *text = draft->texts[i].data;
	int rc = -1;

	/* Empty is what holds without the key. */
	if (key == NULL || *text == '\0')
		return -1;
	if (!config_set(key, account, text, &mistake)) {
		(void)snprintf(why, size, "%s: %s", label, mistake.data);
		rc = (int)i;
	}
	buf_clear(&mistake);
	return rc;
}

int
draft_finish(const struct draft *draft, struct account *account_out, char *why,
    size_t size)
{
	const char *name = draft->texts[ACCOUNT_NAME].data;
	const char *fault;

	account_init(account_out, name);
	if (!account_is_name(name)) {
		(void)snprintf(why, size,
		    "Account: a name of letters, digits, - and _");
		return ACCOUNT_NAME;
	}
	for (size_t i = 0; i < DRAFT_FIELDS; i++) {
		int wrong = finish_field(draft, i, account_out, why, size);

		if (wrong != -1)
			return wrong;
	}
	fault = account_fault(account_out);
	if (fault == NULL) {
		account_complete(account_out);
		return -1;
	}
	if (*account_out->address == '\0') {
		(void)snprintf(why, size,
		    "Mail address: yours, as bob@example.org");
		return (int)draft_field("address");
	}
	(void)snprintf(why, size, "This account %s", fault);
	return (int)draft_field("maildir");
}
