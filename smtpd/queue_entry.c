/* queue_entry.c - the envelope in memory: who it is from, who still waits. */
#include "smtpd/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "common/log.h"

static const char hex_digits[] = "0123456789ABCDEF";

void
queue_new_id(char id[QUEUE_ID_SIZE])
{
	unsigned char random[QUEUE_ID_LENGTH / 2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		panic("getrandom: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(random); i++) {
		id[2 * i] = hex_digits[random[i] >> 4];
		id[2 * i + 1] = hex_digits[random[i] & 15];
	}
	id[QUEUE_ID_LENGTH] = '\0';
}

bool
queue_is_id(const char *id)
{
	return strlen(id) == QUEUE_ID_LENGTH &&
	    strspn(id, hex_digits) == QUEUE_ID_LENGTH;
}

static char *
copy_or_empty(const char *text)
{
	return xstrdup(text == NULL ? "" : text);
}

void
queue_entry_init(struct queue_entry *entry, const char *id,
    const struct queue_origin *origin)
{
	*entry = (struct queue_entry){ 0 };
	if (!copy_string(entry->id, sizeof(entry->id), id))
		panic("no queue id: %s", id);
	entry->arrived = time(NULL);
	entry->sender = copy_or_empty(origin->sender);
	entry->parameters = copy_or_empty(origin->parameters);
	entry->peer = copy_or_empty(origin->peer);
	entry->uid = copy_or_empty(origin->uid);
	entry->helo = copy_or_empty(origin->helo);
	entry->login = copy_or_empty(origin->login);
	entry->protocol = copy_or_empty(origin->protocol);
	entry->tls = copy_or_empty(origin->tls);
	entry->message_id = xstrdup("");
}

/* Whether an array of COUNT elements, grown by doubling, is full. */
static bool
is_full(size_t count)
{
	return (count & (count - 1)) == 0;
}

struct queue_recipient *
queue_entry_add(struct queue_entry *entry, const char *address,
    const char *original)
{
	size_t n = entry->recipient_count;
	struct queue_recipient *rcpt;

	if (is_full(n))
		entry->recipients = xrealloc(entry->recipients,
		    (n == 0 ? 1 : 2 * n) * sizeof(*rcpt));
	rcpt = &entry->recipients[entry->recipient_count++];
	*rcpt = (struct queue_recipient){
		.address = xstrdup(address),
		.original = xstrdup(original),
		.parameters = xstrdup(""),
		.host = xstrdup(""),
	};
	return rcpt;
}

struct queue_recipient *
queue_entry_add_alias(struct queue_entry *entry, const char *address)
{
	struct queue_recipient *rcpt = queue_entry_add(entry, address, "");
	const struct reply r = reply(250, "2.0.0 alias expanded");

	rcpt->local = true;
	rcpt->expanded = true;
	queue_decide(rcpt, &r);
	return rcpt;
}

void
queue_entry_identify(struct queue_entry *entry, const char *message_id)
{
	free(entry->message_id);
	entry->message_id = xstrdup(message_id);
}

void
queue_entry_clear(struct queue_entry *entry)
{
	for (size_t i = 0; i < entry->recipient_count; i++) {
		free(entry->recipients[i].address);
		free(entry->recipients[i].original);
		free(entry->recipients[i].parameters);
		free(entry->recipients[i].host);
	}
	free(entry->recipients);
	free(entry->sender);
	free(entry->parameters);
	free(entry->peer);
	free(entry->uid);
	free(entry->helo);
	free(entry->login);
	free(entry->protocol);
	free(entry->tls);
	free(entry->message_id);
	*entry = (struct queue_entry){ 0 };
}

void
queue_credit(struct queue_recipient *recipient, const char *host)
{
	free(recipient->host);
	recipient->host = xstrdup(host);
}

void
queue_decide(struct queue_recipient *recipient, const struct reply *r)
{
	queue_credit(recipient, "");
	recipient->last = *r;
	recipient->when = time(NULL);
	recipient->fresh = true;
	recipient->state = RCPT_PENDING;
	if (reply_is_ok(r))
		recipient->state = RCPT_DONE;
	else if (reply_is_final(r))
		recipient->state = RCPT_FAILED;
}

size_t
queue_count(const struct queue_entry *entry, enum recipient_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < entry->recipient_count; i++)
		n += entry->recipients[i].state == state;
	return n;
}

size_t
queue_count_people(const struct queue_entry *entry)
{
	size_t n = 0;

	for (size_t i = 0; i < entry->recipient_count; i++)
		n += !entry->recipients[i].expanded;
	return n;
}

void
queue_put_off(struct queue_entry *entry, const struct patience *patience)
{
	int64_t wait = patience->retry_min;
	int64_t max = patience->retry_max;

	for (int i = 0; i < entry->attempts && wait < max; i++)
		wait *= 2;
	entry->attempts++;
	entry->next = time(NULL) + (wait < max ? wait : max);
}

const struct reply *
queue_last_word(const struct queue_entry *entry)
{
	const struct queue_recipient *newest = NULL;

	for (size_t i = 0; i < entry->recipient_count; i++) {
		const struct queue_recipient *rcpt = &entry->recipients[i];

		if (rcpt->state != RCPT_DONE && rcpt->last.code != 0 &&
		    (newest == NULL || rcpt->when > newest->when))
			newest = rcpt;
	}
	return newest == NULL ? NULL : &newest->last;
}
