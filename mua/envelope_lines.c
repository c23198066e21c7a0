/*
 * envelope_lines.c - the envelope window: on the left what the servers went by,
 * on the right what the letter says, and below where they differ.
 */
#include "mua/envelope.h"

#include "mua/text.h"

#include <string.h>

enum { SIDE_BY_SIDE = 72 };

struct table {
	int columns;
	struct lines *lines;
};

/* One row; on a narrow screen the two sides stand below each other. */
static void
add_row(const struct table *table, bool differs, const char *left,
    const char *right)
{
	int half = table->columns / 2 - 2;
	int used = text_columns(left, strlen(left));
	enum style style = differs ? STYLE_FAULT : STYLE_NORMAL;
	const char *mark = differs ? "≠ " : "  ";
	struct buf row = BUF_INIT;

	if (table->columns < SIDE_BY_SIDE || *right == '\0' || used > half) {
		if (*left != '\0')
			lines_printf(table->lines, style, "%s%s", mark, left);
		if (*right != '\0')
			lines_printf(table->lines, style, "%s%s", mark, right);
		return;
	}
	buf_printf(&row, "%s%s", mark, left);
	for (; used < half + 1; used++)
		buf_addchar(&row, ' ');
	buf_addstr(&row, right);
	lines_add(table->lines, style, row.data, row.size);
	lines_hang(table->lines, half + 3);
	buf_clear(&row);
}

/* "To: Bob <bob@x.example>, carol@y.example"; nothing without an address. */
static void
add_person(const struct envelope *envelope, enum person person, struct buf *to)
{
	const struct addresses *addresses = &envelope->persons[person];

	for (size_t i = 0; i < addresses->count; i++) {
		const struct mailbox_address *one = &addresses->list[i];

		bool begins = *one->group != '\0' &&
		    (i == 0 || strcmp(one->group, one[-1].group) != 0);

		if (i == 0)
			buf_printf(to, "%s: ", envelope_person_names[person]);
		else
			buf_addstr(to, ", ");
		if (begins)
			buf_printf(to, "%s: ", one->group);
		if (*one->name != '\0')
			buf_printf(to, "%s <%s>", one->name, one->address);
		else
			buf_addstr(to, one->address);
	}
}

static void
add_persons(const struct table *table, const struct envelope *envelope,
    enum person from, enum person to, const char *left, bool differs)
{
	struct buf right = BUF_INIT;
	bool begun = false;

	for (enum person person = from; person <= to; person++) {
		buf_reset(&right);
		add_person(envelope, person, &right);
		if (right.size == 0 && (begun || person < to))
			continue;
		if (right.size == 0)
			buf_printf(&right, "(no %s)",
			    envelope_person_names[from]);
		add_row(table, differs && !begun, begun ? "" : left,
		    right.data);
		begun = true;
	}
	buf_clear(&right);
}

static void
add_fact(const struct table *table, const char *name, const char *value)
{
	if (*value != '\0')
		lines_printf(table->lines, STYLE_NORMAL, "  %s %s", name,
		    value);
}

static void
add_sides(const struct table *table, const struct envelope *envelope)
{
	struct buf left = BUF_INIT;

	buf_printf(&left,
	    envelope->sender_known ? "MAIL FROM:<%s>"
				   : "MAIL FROM is not known",
	    envelope->sender);
	add_persons(table, envelope, PERSON_FROM, PERSON_REPLY_TO, left.data,
	    envelope_sender_differs(envelope));
	buf_reset(&left);
	buf_printf(&left,
	    envelope->recipient_known ? "RCPT TO:<%s>" : "RCPT TO is not known",
	    envelope->recipient);
	add_persons(table, envelope, PERSON_TO, PERSON_CC, left.data,
	    envelope_recipient_differs(envelope));
	buf_clear(&left);
}

static void
add_title(const struct table *table, const char *text)
{
	lines_printf(table->lines, STYLE_NORMAL, "%s", "");
	lines_printf(table->lines, STYLE_PART, "%s", text);
}

static void
add_head(const struct table *table)
{
	struct buf head = BUF_INIT;

	if (table->columns < SIDE_BY_SIDE) {
		lines_printf(table->lines, STYLE_PART,
		    "Envelope, then what the letter says");
		return;
	}
	buf_addstr(&head, "  The envelope: for servers");
	while ((int)head.size < table->columns / 2 + 1)
		buf_addchar(&head, ' ');
	buf_addstr(&head, "The letter: for people");
	lines_add(table->lines, STYLE_PART, head.data, head.size);
	buf_clear(&head);
}

static void
add_odd_addresses(const struct table *table, const struct envelope *envelope)
{
	for (size_t i = 0; i < PERSON_COUNT; i++) {
		const struct addresses *addresses = &envelope->persons[i];

		for (size_t j = 0; j < addresses->remark_count; j++) {
			const struct address_remark *remark =
			    &addresses->remarks[j];

			lines_printf(table->lines,
			    remark->odd ? STYLE_FAULT : STYLE_NORMAL,
			    "* %s: %s.", envelope_person_names[i],
			    remark->text);
			lines_hang(table->lines, 2);
		}
	}
}

void
envelope_lines(const struct subject *subject, int columns, struct lines *lines)
{
	struct table table = { columns, lines };
	struct buf warning = BUF_INIT;
	struct envelope envelope;

	envelope_read(subject, &envelope);
	journey_warning(&envelope.journey, &warning);
	if (warning.size > 0)
		lines_printf(lines, STYLE_FAULT, "[-- %s --]", warning.data);
	add_head(&table);
	add_sides(&table, &envelope);
	add_title(&table,
	    envelope.from_index
		? "The session, as the index has kept it"
		: "The session, as the topmost Received has it (the index has "
		  "no envelope)");
	add_fact(&table, "HELO     ", envelope.helo);
	add_fact(&table, "client   ", envelope.peer);
	add_fact(&table, "login    ", envelope.login);
	add_fact(&table, "protocol ", envelope.protocol);
	add_fact(&table, "TLS      ", envelope.tls);
	add_fact(&table, "queue id ", envelope.queue_id);
	add_title(&table, "What that means");
	envelope_explain(&envelope, lines);
	add_odd_addresses(&table, &envelope);
	envelope_clear(&envelope);
	buf_clear(&warning);
}
