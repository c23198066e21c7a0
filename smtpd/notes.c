/* notes.c - an envelope, boiled down to a few strings one after another. */
#include "smtpd/notes.h"

#include <string.h>
#include <strings.h>

#include "common/buf.h"

/* TEXT: the owner, then a domain each; "" ends them.  All end with NUL. */
struct notes {
	int64_t arrived;
	bool held;
	char text[];
};

static const char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? "" : at + 1;
}

/* Whether the strings from TEXT on up to its end, SIZE octets, have DOMAIN. */
static bool
has_domain(const char *text, size_t size, const char *domain)
{
	for (const char *end = text + size; text < end;
	     text += strlen(text) + 1)
		if (strcasecmp(text, domain) == 0)
			return true;
	return false;
}

struct notes *
notes_new(const struct queue_entry *entry)
{
	/* Many recipients, many domains: more are not compared, but noted. */
	enum { COMPARED = 1024 };
	struct buf text = BUF_INIT;
	struct notes *notes;
	size_t first;

	if (*entry->login != '\0')
		buf_addstr(&text, entry->login);
	else if (*entry->uid != '\0')
		buf_printf(&text, "uid=%s", entry->uid);
	buf_addchar(&text, '\0');
	first = text.size;
	for (size_t i = 0; i < entry->recipient_count; i++) {
		const struct queue_recipient *rcpt = &entry->recipients[i];
		const char *domain = domain_of(rcpt->address);
		size_t known = text.size - first;

		if (rcpt->state == RCPT_PENDING && *domain != '\0' &&
		    !has_domain(text.data + first, known < COMPARED ? known : 0,
			domain))
			buf_add(&text, domain, strlen(domain) + 1);
	}
	buf_addchar(&text, '\0');
	notes = xmalloc(sizeof(*notes) + text.size);
	notes->arrived = entry->arrived;
	notes->held = entry->held;
	memcpy(notes->text, text.data, text.size);
	buf_clear(&text);
	return notes;
}

bool
notes_are_of(const struct notes *notes, const char *owner)
{
	return *owner != '\0' && strcasecmp(notes->text, owner) == 0;
}

static bool
matches(const char *domain, const char *wanted, bool below)
{
	size_t length = strlen(domain);
	size_t tail = strlen(wanted);

	if (below && length > tail && domain[length - tail - 1] == '.')
		domain += length - tail;
	return strcasecmp(domain, wanted) == 0;
}

bool
notes_lead_to(const struct notes *notes, const char *domain, bool below)
{
	const char *text = notes->text + strlen(notes->text) + 1;

	for (; *text != '\0'; text += strlen(text) + 1)
		if (matches(text, domain, below))
			return true;
	return false;
}

bool
notes_are_held(const struct notes *notes)
{
	return notes->held;
}

int64_t
notes_arrived(const struct notes *notes)
{
	return notes->arrived;
}
