/*
 * transcript_mask.c - lists of what is safe, and what a secret looks like.
 *
 * Where a secret is due, or was just refused, all is "***" that is not known to
 * be safe.  Elsewhere a word goes that can hardly be anything else: PLAIN's
 * base64 in any command, and in what is no command any base64 of a text.  What
 * a teacher has to see there is that the line was no command, and where.
 */
#include "common/transcript_mask.h"

#include <string.h>
#include <strings.h>

#include "common/auth.h"
#include "common/buf.h"
#include "common/utf8.h"

static const char stars[] = "***";

/* Commands of SMTP, LMTP and POP3 with nothing secret behind them. */
static const char *const plain_verbs[] = { "EHLO", "HELO", "LHLO", "MAIL",
	"RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "STARTTLS", "VRFY",
	"EXPN", "HELP", "ETRN", "QUEUE", "XFORWARD", "TURN", "SEND", "SOML",
	"SAML", "STAT", "LIST", "RETR", "DELE", "TOP", "UIDL", "CAPA", "STLS",
	"UTF8", "LANG" };

static const char *const mechanisms[] = { "PLAIN", "LOGIN", "CRAM-MD5",
	"DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256",
	"SCRAM-SHA-256-PLUS", "SCRAM-SHA-512", "EXTERNAL", "ANONYMOUS",
	"GSSAPI", "NTLM", "XOAUTH2", "OAUTHBEARER" };

/* "Username:" and "Password:" in base64. */
static const char *const questions[] = { "", "VXNlcm5hbWU6", "UGFzc3dvcmQ6" };

struct word {
	const char *text;
	size_t size;
};

static bool
is_word(const struct word *word, const char *text)
{
	return word->size == strlen(text) &&
	    strncasecmp(word->text, text, word->size) == 0;
}

static bool
is_one_of(const struct word *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_word(word, list[i]))
			return true;
	return false;
}

/* VERB with something behind it, without a blank. */
static bool
begins_as(const struct word *word, const char *verb)
{
	return word->size > strlen(verb) &&
	    strncasecmp(word->text, verb, strlen(verb)) == 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The word at *AT or behind the blanks there; *AT goes to its end. */
static struct word
next_word(const char *line, size_t size, size_t *at)
{
	struct word word;

	while (*at < size && is_blank(line[*at]))
		(*at)++;
	word.text = line + *at;
	while (*at < size && !is_blank(line[*at]))
		(*at)++;
	word.size = (size_t)(line + *at - word.text);
	return word;
}

/* LINE up to AT, and stars for what follows, if there is any. */
static void
keep(const char *line, size_t size, size_t at, struct buf *out)
{
	size_t rest = at;
	struct word secret = next_word(line, size, &rest);

	buf_add(out, line, at);
	if (secret.size == 0)
		return;
	if (at > 0)
		buf_addchar(out, ' ');
	buf_addstr(out, stars);
}

/* What is in the word's base64, if it is some. */
static bool
decode(const struct word *word, struct buf *to)
{
	struct buf text = BUF_INIT;
	bool ok;

	buf_add(&text, word->text, word->size);
	ok = auth_base64_decode(text.data, to);
	buf_clear(&text);
	return ok;
}

/* [authzid] NUL authcid NUL passwd                                 RFC 4616 2
 */
static bool
is_plain(const struct buf *text)
{
	const char *end = text->data + text->size;
	const char *name = memchr(text->data, '\0', text->size);
	const char *password;

	if (name == NULL)
		return false;
	name++;
	password = memchr(name, '\0', (size_t)(end - name));
	if (password == NULL || password == name)
		return false;
	password++;
	return password < end &&
	    memchr(password, '\0', (size_t)(end - password)) == NULL;
}

/* A name or a password by itself, as LOGIN asks for it; or SCRAM's, CRAM's. */
static bool
is_text(const struct buf *text)
{
	const char *at = text->data;

	while (*at != '\0' && utf8_printable_length(at) > 0)
		at += utf8_printable_length(at);
	return text->size > 3 && at == text->data + text->size;
}

static bool
is_secret(const struct word *word, bool in_command)
{
	struct buf text = BUF_INIT;
	bool secret = decode(word, &text) &&
	    (is_plain(&text) || (!in_command && is_text(&text)));

	buf_clear(&text);
	return secret;
}

/* LINE, with stars for each word that is a secret by its looks. */
static void
keep_harmless(const char *line, size_t size, bool in_command, struct buf *out)
{
	size_t at = 0, kept = 0;
	struct word word = next_word(line, size, &at);

	for (; word.size > 0; word = next_word(line, size, &at)) {
		if (!is_secret(&word, in_command))
			continue;
		buf_add(out, line + kept, (size_t)(word.text - line) - kept);
		buf_addstr(out, stars);
		kept = at;
	}
	buf_add(out, line + kept, size - kept);
}

void
mask_command(struct mask *mask, const char *line, size_t size, struct buf *out)
{
	size_t at = 0;
	struct word verb = next_word(line, size, &at);
	size_t behind_verb = at;
	struct word second = next_word(line, size, &at);
	bool mechanism = is_one_of(&second, mechanisms, COUNT(mechanisms));

	if (is_word(&verb, "AUTH")) {
		mask->wary = true;
		keep(line, size, mechanism ? at : behind_verb, out);
	} else if (begins_as(&verb, "AUTH")) {
		/* AUTHPLAIN, AUTH=PLAIN: where the secret begins is a guess */
		mask->wary = true;
		keep(line, size, (size_t)(verb.text - line) + strlen("AUTH"),
		    out);
	} else if (is_one_of(&verb, mechanisms, COUNT(mechanisms))) {
		/* AUTH forgotten, or IMAP */
		mask->wary = true;
		keep(line, size, behind_verb, out);
	} else if (is_word(&verb, "PASS")) {
		keep(line, size, behind_verb, out);
	} else if (begins_as(&verb, "PASS") && !mask->wary) {
		/* PASSWORD x, PASSx */
		keep(line, size, (size_t)(verb.text - line) + strlen("PASS"),
		    out);
	} else if (is_word(&verb, "APOP")) {
		keep(line, size, at, out);
	} else if (is_one_of(&verb, plain_verbs, COUNT(plain_verbs))) {
		mask->wary = false;
		keep_harmless(line, size, true, out);
	} else if (mechanism || is_word(&verb, "USER")) {
		/* AUTH misspelled; and a name has no blank in it */
		mask->wary = true;
		keep(line, size, at, out);
	} else if (mask->wary) {
		keep(line, size, 0, out);
	} else {
		keep_harmless(line, size, false, out);
	}
}

void
mask_response(const char *line, size_t size, struct buf *out)
{
	if (size == 0 || (size == 1 && *line == '*'))
		buf_add(out, line, size);
	else
		buf_addstr(out, stars);
}

void
mask_challenge(const char *line, size_t size, struct buf *out)
{
	size_t at = 0;
	struct word code = next_word(line, size, &at);
	size_t behind_code = at;
	struct word challenge = next_word(line, size, &at);

	/* POP3 has a plus; any other reply ends the dialog. */
	if ((is_word(&code, "334") || is_word(&code, "+")) &&
	    !is_one_of(&challenge, questions, COUNT(questions)))
		keep(line, size, behind_code, out);
	else
		buf_add(out, line, size);
}

void
mask_explanation(const char *line, size_t size, struct buf *out)
{
	enum { CODE = 4 /* with what stands behind it */ };

	buf_add(out, line, size < CODE ? size : CODE);
	if (size > CODE)
		buf_addstr(out, stars);
}

void
mask_echo(const char *text, size_t size, struct buf *out)
{
	keep_harmless(text, size, true, out);
}
