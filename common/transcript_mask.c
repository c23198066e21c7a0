/* transcript_mask.c - lists of what is safe; all else is "***". */
#include "common/transcript_mask.h"

#include <string.h>
#include <strings.h>

#include "common/buf.h"

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

static bool
begins_as_auth(const struct word *word)
{
	return word->size > strlen("AUTH") &&
	    strncasecmp(word->text, "AUTH", strlen("AUTH")) == 0;
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
	} else if (begins_as_auth(&verb)) {
		/* AUTHPLAIN, AUTH=PLAIN: where the secret begins is a guess */
		mask->wary = true;
		keep(line, size, (size_t)(verb.text - line) + strlen("AUTH"),
		    out);
	} else if (is_one_of(&verb, mechanisms, COUNT(mechanisms))) {
		/* AUTH forgotten, or IMAP */
		mask->wary = true;
		keep(line, size, behind_verb, out);
	} else if (is_word(&verb, "USER")) {
		mask->wary = true;
		buf_add(out, line, size);
	} else if (is_word(&verb, "PASS")) {
		keep(line, size, behind_verb, out);
	} else if (is_word(&verb, "APOP")) {
		keep(line, size, at, out);
	} else if (is_one_of(&verb, plain_verbs, COUNT(plain_verbs))) {
		mask->wary = false;
		buf_add(out, line, size);
	} else if (mechanism) {
		/* AUTH misspelled */
		mask->wary = true;
		keep(line, size, at, out);
	} else if (mask->wary) {
		keep(line, size, 0, out);
	} else {
		buf_add(out, line, size);
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
