/*
 * journey.c - reads Received and Authentication-Results, and judges them
 * (journey_doubt.c).
 */
#include "mua/journey.h"

#include "maildir/decode.h"
#include "maildir/header.h"
#include "mua/journey_doubt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void
add_hop(struct journey *journey, const struct header_field *field)
{
	struct hop *hop;

	if (journey->count == HOPS_MAX) {
		journey->more = true;
		return;
	}
	journey->hops = xrealloc(journey->hops,
	    (journey->count + 1) * sizeof(journey->hops[0]));
	hop = &journey->hops[journey->count++];
	*hop = (struct hop){ .notes = BUF_INIT };
	received_parse(field->value, field->value_size, &hop->received);
}

/*
 * A verdict above the first Received is ours; one between ours is too, as
 * checkers differ in where they write it.  Below OWN_HOPS it is anybody's.
 */
static void
add_verdict(struct journey *journey, const struct header_field *field)
{
	struct verdict *verdict;

	if (journey->verdict_count == HOPS_MAX)
		return;
	journey->verdicts = xrealloc(journey->verdicts,
	    (journey->verdict_count + 1) * sizeof(journey->verdicts[0]));
	verdict = &journey->verdicts[journey->verdict_count++];
	*verdict = (struct verdict){ 0 };
	authres_parse(field->value, field->value_size, &verdict->authres);
	verdict->own = journey->count == 0;
}

static void
reverse(struct journey *journey)
{
	for (size_t i = 0; i < journey->count / 2; i++) {
		struct hop *a = &journey->hops[i];
		struct hop *b = &journey->hops[journey->count - 1 - i];
		struct hop hop = *a;

		*a = *b;
		*b = hop;
	}
}

static void
measure_delays(struct journey *journey)
{
	int64_t before = journey->composed;

	for (size_t i = 0; i < journey->count; i++) {
		struct hop *hop = &journey->hops[i];

		if (!hop->received.has_date)
			continue;
		hop->has_delay = before != 0;
		hop->delay = hop->received.date - before;
		before = hop->received.date;
	}
}

void
journey_read(const struct message *message, struct journey *out)
{
	const char *cursor = message_header(message);
	const char *end = cursor + strlen(cursor);
	struct header_field field;

	*out = (struct journey){ .own = "" };
	while (header_next(&cursor, end, &field)) {
		if (header_is(&field, "Received"))
			add_hop(out, &field);
		else if (header_is(&field, "Authentication-Results"))
			add_verdict(out, &field);
		else if (header_is(&field, "Date") && out->composed == 0)
			out->composed =
			    decode_date(field.value, field.value_size);
	}
	reverse(out);
	measure_delays(out);
	journey_judge(out);
}

void
journey_clear(struct journey *journey)
{
	for (size_t i = 0; i < journey->count; i++) {
		received_clear(&journey->hops[i].received);
		buf_clear(&journey->hops[i].notes);
	}
	for (size_t i = 0; i < journey->verdict_count; i++)
		authres_clear(&journey->verdicts[i].authres);
	free(journey->hops);
	free(journey->verdicts);
	*journey = (struct journey){ .own = "" };
}

bool
journey_says(const struct journey *journey, const char *method,
    const char *result)
{
	for (size_t i = 0; i < journey->verdict_count; i++)
		if (journey->verdicts[i].own &&
		    authres_says(&journey->verdicts[i].authres, method, result))
			return true;
	return false;
}

/*
 * DMARC speaks of the From field, and passes where SPF or DKIM does for the
 * same domain; a forwarded message that passes may have failed the other one.
 */
void
journey_warning(const struct journey *journey, struct buf *to)
{
	static const char *const methods[] = { "dmarc", "spf", "dkim" };
	struct buf failed = BUF_INIT;

	if (journey_says(journey, "dmarc", "pass"))
		return;
	for (size_t i = 0; i < COUNT(methods); i++)
		if (journey_says(journey, methods[i], "fail"))
			buf_printf(&failed, "%s%s", failed.size > 0 ? ", " : "",
			    methods[i]);
	if (failed.size > 0)
		buf_printf(to, "The sender may be forged: %s says fail for %s",
		    journey->own, failed.data);
	buf_clear(&failed);
}

void
journey_span(int64_t seconds, struct buf *to)
{
	int64_t s = seconds < 0 ? -seconds : seconds;

	if (seconds < 0)
		buf_addchar(to, '-');
	if (s < 60)
		buf_printf(to, "%" PRId64 " s", s);
	else if (s < 3600)
		buf_printf(to, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
	else if (s < 86400)
		buf_printf(to, "%" PRId64 " h %" PRId64 " min", s / 3600,
		    s / 60 % 60);
	else
		buf_printf(to, "%" PRId64 " d %" PRId64 " h", s / 86400,
		    s / 3600 % 24);
}
