/*
 * explain.c - a sentence for each refusal, found by how its text begins.
 *
 * The refusals of policy.c bring theirs along.
 */
#include "smtpd/explain.h"

#include <string.h>

/* clang-format off */
static const struct {
	int code;
	const char *begins;
	const char *sentence;
} sentences[] = {
	{ 500, "5.5.2 Error: command not recognized",
	  "A command is a word of RFC 5321 4.1 and what belongs to it, one on a line. HELP lists them." },
	{ 500, "5.5.2 Error: line too long",
	  "A command line has at most 512 octets (RFC 5321 4.5.3.1.4)." },
	{ 500, "5.5.2",
	  "Lines end with <CR><LF>, and neither stands alone (RFC 5321 2.3.8)." },
	{ 501, "5.5.4 Syntax: EHLO",
	  "Behind EHLO stands the name of your computer, a host name or [192.0.2.1] (RFC 5321 4.1.1.1)." },
	{ 501, "5.5.4 Syntax: HELO",
	  "Behind HELO stands the name of your computer (RFC 5321 4.1.1.1)." },
	{ 501, "5.5.4 Syntax: MAIL",
	  "The colon and the angle brackets belong to the command (RFC 5321 4.1.1.2)." },
	{ 501, "5.5.4 Syntax: RCPT",
	  "The colon and the angle brackets belong to the command (RFC 5321 4.1.1.3)." },
	{ 501, "5.5.4 Bad message size",
	  "SIZE is a number of octets, as in SIZE=1200 (RFC 1870)." },
	{ 501, "5.1.7",
	  "The address a report would go to stands in angle brackets: MAIL FROM:<alice@campus.example> (RFC 5321 4.1.2)." },
	{ 501, "5.1.3",
	  "One address in angle brackets a command: RCPT TO:<bob@campus.example> (RFC 5321 4.1.2)." },
	{ 501, "5.5.2 Error: that is not base64",
	  "Name and password are sent in base64, one on a line (RFC 4954 4). * gives up." },
	{ 502, "5.5.1",
	  "The command exists, this server does not have it (RFC 5321 4.2.4). EHLO lists what it has." },
	{ 503, "5.5.1 Error: send HELO",
	  "A session begins with EHLO and your computer's name (RFC 5321 4.1.4)." },
	{ 503, "5.5.1 Error: nested MAIL",
	  "A transaction is open. RCPT and DATA go on with it, RSET gives it up (RFC 5321 4.1.4)." },
	{ 503, "5.5.1 Error: need MAIL",
	  "The order is MAIL, RCPT, DATA: say first who sends (RFC 5321 3.3)." },
	{ 503, "5.5.1 Error: need RCPT",
	  "The order is MAIL, RCPT, DATA: say first who sends and who receives (RFC 5321 3.3)." },
	{ 503, "5.5.1 Error: TLS already active",
	  "TLS is started once (RFC 3207 4.2)." },
	{ 503, "5.5.1 Error: authentication not enabled",
	  "This port takes mail from other servers. Log in on the submission port, 587 (RFC 6409)." },
	{ 504, "5.5.4",
	  "EHLO lists the mechanisms behind AUTH; some need TLS first." },
	{ 535, "5.7.8 Error: authentication failed: the user name begins",
	  "printf ' alice' | base64 encodes the blank as well; printf 'alice' | base64 does not." },
	{ 535, "5.7.8",
	  "Name or password is wrong; which of the two is not told." },
	{ 538, "5.7.11",
	  "The password would cross the net in clear. STARTTLS first (RFC 4954 4)." },
	{ 550, "5.5.2",
	  "Programs that read such a byte differently can be played against each other (SMTP smuggling), so it is not repaired." },
	{ 552, "5.3.4",
	  "EHLO says behind SIZE how many octets a message may have (RFC 1870)." },
	{ 554, "5.5.1 Error: no valid recipients",
	  "DATA needs a RCPT that was answered with 250 (RFC 5321 3.3)." },
	{ 554, "5.4.6",
	  "Each host on the way adds a Received field; so many mean that the message runs in a circle (RFC 5321 6.3)." },
	{ 555, "5.5.4",
	  "Only what EHLO has listed may stand behind the address (RFC 5321 4.1.1.11)." },
};
/* clang-format on */

struct reply
explain(const struct reply *r)
{
	const char *blank = strchr(r->text, ' ');

	if (r->code < 400 || blank == NULL || strchr(r->text, '\n') != NULL)
		return *r;
	for (size_t i = 0; i < COUNT(sentences); i++) {
		const char *begins = sentences[i].begins;

		if (r->code == sentences[i].code &&
		    strncmp(r->text, begins, strlen(begins)) == 0)
			return reply(r->code, "%s\n%.*s %s", r->text,
			    (int)(blank - r->text), r->text,
			    sentences[i].sentence);
	}
	return *r;
}
