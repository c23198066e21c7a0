/*
 * account_table.c - every key of mua.conf, and nothing else.
 *
 * To add a setting: a member in account.h, a row here, a line in mua(1).
 */
#include "mua/account_table.h"

#include "mua/account.h"

#include <stdlib.h>
#include <string.h>

enum { PORT_MAX = 65535, DAYS_MAX = 36500, MINUTES_MAX = 10080 };

/* In the order of enum sort. */
static const char *const orders[] = { "arrival", "date", "from", "subject",
	"size", "thread", NULL };

/* In the order of enum account_tls. */
static const char *const tls_modes[] = { "off", "starttls", "implicit", NULL };
static const char *const pop3_auth[] = { "SCRAM-SHA-256", "SCRAM-SHA-1",
	"DIGEST-MD5", "CRAM-MD5", "PLAIN", "LOGIN", "APOP", "USER", NULL };
static const char *const smtp_auth[] = { "SCRAM-SHA-256", "SCRAM-SHA-1",
	"DIGEST-MD5", "CRAM-MD5", "PLAIN", "LOGIN", "NONE", NULL };

/* clang-format off */
#define LIST(member) offsetof(struct account_list, member)
#define ACCOUNT(member) offsetof(struct account, member)

const struct config_key account_keys[] = {
	{ "mua", "account", KEY_UTF8, LIST(first), 0, 0, NULL, "",
	  "The account to begin with; the first of the file unless set." },
	{ "mua", "sort", KEY_CHOICE, LIST(sort), 0, 0, orders, "arrival",
	  "The order of the list." },
	{ "mua", "reverse", KEY_BOOLEAN, LIST(reverse), 0, 0, NULL, "no",
	  "The other way round: the newest first." },
	{ "mua", "mouse", KEY_BOOLEAN, LIST(mouse), 0, 0, NULL, "no",
	  "Whether the mouse selects and scrolls; the terminal's own selection then wants Shift." },
	{ "mua", "colors", KEY_UTF8, LIST(colors), 0, 0, NULL, "",
	  "quote=green new=yellow ...: a style (mua(1)) and its colour." },

	{ "account", "full_name", KEY_UTF8, ACCOUNT(full_name), 0, 0, NULL, "",
	  "The name in From." },
	{ "account", "address", KEY_MAILBOX, ACCOUNT(address), 0, 0, NULL, NULL,
	  "The address in From; must be set." },
	{ "account", "login", KEY_UTF8, ACCOUNT(pop3.login), 0, 0, NULL, "",
	  "The login at both servers; the address unless set." },
	{ "account", "password_command", KEY_UTF8, ACCOUNT(pop3.password_command), 0, 0, NULL, "",
	  "A command for the shell whose first line of output is the password; asked for unless set." },
	{ "account", "pop3_host", KEY_SERVER, ACCOUNT(pop3.host), 0, 0, NULL, NULL,
	  "Where mail is fetched from." },
	{ "account", "pop3_port", KEY_INTEGER, ACCOUNT(pop3.port), 1, PORT_MAX, NULL, NULL,
	  "Its port: 995 with pop3_tls = implicit and 110 without, unless set." },
	{ "account", "pop3_tls", KEY_CHOICE, ACCOUNT(pop3.tls), 0, 0, tls_modes, "implicit",
	  "TLS from the first byte (implicit), from STLS on, or none at all (off)." },
	{ "account", "pop3_auth", KEY_WORDS, ACCOUNT(pop3.auth), 0, 0, pop3_auth, NULL,
	  "The ways to log in that are tried; all unless set, the strongest first." },
	{ "account", "smtp_host", KEY_SERVER, ACCOUNT(smtp.host), 0, 0, NULL, NULL,
	  "Where mail is sent to." },
	{ "account", "smtp_port", KEY_INTEGER, ACCOUNT(smtp.port), 1, PORT_MAX, NULL, NULL,
	  "Its port: 465 with smtp_tls = implicit and 587 without, unless set." },
	{ "account", "smtp_tls", KEY_CHOICE, ACCOUNT(smtp.tls), 0, 0, tls_modes, "implicit",
	  "As pop3_tls; STARTTLS is SMTP's word for it." },
	{ "account", "smtp_auth", KEY_WORDS, ACCOUNT(smtp.auth), 0, 0, smtp_auth, NULL,
	  "As pop3_auth; NONE sends without a login." },
	{ "account", "smtp_login", KEY_UTF8, ACCOUNT(smtp.login), 0, 0, NULL, "",
	  "The login for sending, where it is another one." },
	{ "account", "smtp_password_command", KEY_UTF8, ACCOUNT(smtp.password_command), 0, 0, NULL, "",
	  "And its password." },
	{ "account", "maildir", KEY_UTF8, ACCOUNT(maildir), 0, 0, NULL, "",
	  "The local Maildir; ~/Mail/NAME unless set." },
	{ "account", "sent", KEY_UTF8, ACCOUNT(sent), 0, 0, NULL, "",
	  "A Maildir that gets a copy of what is sent; MAILDIR/.Sent unless set." },
	{ "account", "ca_file", KEY_UTF8, ACCOUNT(ca_file), 0, 0, NULL, "",
	  "Authorities (PEM) that the servers' certificates must come from; the system's unless set." },
	{ "account", "leave_on_server", KEY_BOOLEAN, ACCOUNT(leave_on_server), 0, 0, NULL, "yes",
	  "Whether what was fetched stays on the server too." },
	{ "account", "leave_days", KEY_INTEGER, ACCOUNT(leave_days), 0, DAYS_MAX, NULL, "0",
	  "And is removed there so many days after it was fetched; 0: never." },
	{ "account", "check_minutes", KEY_INTEGER, ACCOUNT(check_minutes), 0, MINUTES_MAX, NULL, "0",
	  "Mail is fetched by itself after so many minutes; 0: only when asked for." },
	{ "account", "signature_file", KEY_UTF8, ACCOUNT(signature_file), 0, 0, NULL, "",
	  "A text that is put below what is written." },
};
/* clang-format on */
const size_t account_key_count = COUNT(account_keys);

const struct config_key *
account_find_key(const char *section, const char *name)
{
	for (size_t i = 0; i < account_key_count; i++)
		if (strcmp(account_keys[i].section, section) == 0 &&
		    strcmp(account_keys[i].name, name) == 0)
			return &account_keys[i];
	return NULL;
}

static char **
string_of(const struct config_key *key, void *base)
{
	return (char **)(void *)((char *)base + key->offset);
}

void
account_set_fallbacks(const char *section, void *base)
{
	struct buf unused = BUF_INIT;

	for (size_t i = 0; i < account_key_count; i++) {
		const struct config_key *key = &account_keys[i];

		if (strcmp(key->section, section) != 0)
			continue;
		if (key->fallback == NULL && config_is_string(key))
			*string_of(key, base) = xstrdup("");
		else if (key->fallback != NULL &&
		    !config_set(key, base, key->fallback, &unused))
			abort(); /* a mistake in the table; a test looks */
	}
	buf_clear(&unused);
}

void
account_clear_keys(const char *section, void *base)
{
	for (size_t i = 0; i < account_key_count; i++) {
		const struct config_key *key = &account_keys[i];

		if (strcmp(key->section, section) != 0 ||
		    !config_is_string(key))
			continue;
		free(*string_of(key, base));
		*string_of(key, base) = NULL;
	}
}
