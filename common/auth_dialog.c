/*
 * auth_dialog.c - the server's side of AUTH over a struct conn.
 *
 *   auth-command = "AUTH" SP mechanism [SP initial-response]
 *   initial-response = base64 / "="          RFC 4954 4.1, RFC 5034 4
 */
#include "common/auth_dialog.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/conn.h"

/* What AUTH said, taken apart. */
struct words {
	char mechanism[64];
	const char *initial; /* NULL without */
};

static bool
parse_argument(const char *argument, struct words *words)
{
	size_t size = strcspn(argument, " ");
	const char *rest = argument + size + strspn(argument + size, " ");

	if (size == 0 || strchr(rest, ' ') != NULL)
		return false;
	/* A longer name is no mechanism's; cut, it still is none. */
	if (size >= sizeof(words->mechanism))
		size = sizeof(words->mechanism) - 1;
	memcpy(words->mechanism, argument, size);
	words->mechanism[size] = '\0';
	words->initial = *rest == '\0' ? NULL : rest;
	return true;
}

/* LOGIN's first response is the name. */
static void
look_at_name(struct auth_dialog *dialog, const struct words *words,
    const struct buf *response)
{
	if (strcasecmp(words->mechanism, "LOGIN") == 0)
		dialog->blank_before_name = response->data[0] == ' ';
}

/* Sends the challenge and reads the response: AUTH_CONTINUE, or why not. */
static enum auth_result
exchange(struct conn *conn, const char *prompt, const struct buf *challenge,
    struct buf *response)
{
	char line[AUTH_LINE_MAX + 1];
	struct buf text = BUF_INIT;
	enum auth_result result = AUTH_CONTINUE;

	auth_base64_encode(challenge->data, challenge->size, &text);
	conn_putline(conn, "%s%s", prompt, text.data);
	buf_clear(&text);
	switch (conn_getline(conn, line, sizeof(line))) {
	case CONN_END:
		return AUTH_GONE;
	case CONN_LONG:
		return AUTH_LINE_LONG;
	case CONN_BAD:
		return AUTH_BAD_BASE64;
	case CONN_LINE:
		break;
	}
	buf_reset(response);
	if (strcmp(line, "*") == 0)
		result = AUTH_CANCELLED;
	else if (!auth_base64_decode(line, response))
		result = AUTH_BAD_BASE64;
	explicit_bzero(line, strlen(line));
	return result;
}

/* Challenges and responses, from the first answer of the helper to the last. */
static enum auth_result
run_dialog(struct conn *conn, struct auth_dialog *dialog,
    const struct words *words, struct buf *data, struct auth **auth_out)
{
	struct auth_start start = dialog->start;
	struct buf challenge = BUF_INIT;
	enum auth_result result;
	bool named = words->initial != NULL;

	start.has_initial = named;
	start.mechanism = words->mechanism;
	start.initial = data->data;
	start.initial_size = data->size;
	if (named)
		look_at_name(dialog, words, data);
	result = auth_begin(&start, auth_out, &challenge);
	while (result == AUTH_CONTINUE) {
		result = exchange(conn, dialog->prompt, &challenge, data);
		if (result != AUTH_CONTINUE)
			break;
		if (!named)
			look_at_name(dialog, words, data);
		named = true;
		result =
		    auth_step(*auth_out, data->data, data->size, &challenge);
	}
	buf_clear(&challenge);
	return result;
}

enum auth_result
auth_dialog(struct conn *conn, struct auth_dialog *dialog,
    struct auth **auth_out)
{
	struct words words;
	struct buf data = BUF_INIT;
	enum auth_result result;

	*auth_out = NULL;
	dialog->blank_before_name = false;
	if (!parse_argument(dialog->argument, &words))
		return AUTH_MALFORMED;
	if (words.initial != NULL && strcmp(words.initial, "=") != 0 &&
	    !auth_base64_decode(words.initial, &data)) {
		buf_clear(&data);
		return AUTH_BAD_BASE64;
	}
	result = run_dialog(conn, dialog, &words, &data, auth_out);
	explicit_bzero(data.data, data.size);
	buf_clear(&data);
	return result;
}
