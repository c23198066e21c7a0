/*
 * wire_words.c - what the commands and replies of SMTP and POP3 mean, in a few
 * words each.
 *
 * The sentences that our servers add with explain = yes (common/explain.ini)
 * are for refusals and say what to type next; here it is said what happens, to
 * somebody who looks on.
 */
#include "mua/wire_words.h"

#include <string.h>

/* A row: the command, or the begin of a reply to it; "" is any command. */
struct word {
	const char *verb;
	const char *begin;
	const char *words;
};

/* clang-format off */
static const struct word pop3_commands[] = {
	{ "CAPA", "", "what can you do?" },
	{ "STLS", "", "let us go on encrypted" },
	{ "AUTH", "", "log in by this mechanism" },
	{ "USER", "", "this mailbox" },
	{ "PASS", "", "and its password" },
	{ "APOP", "", "log in with a digest of greeting and password" },
	{ "UTF8", "", "messages may come with UTF-8 in their headers" },
	{ "LANG", "", "speak this language" },
	{ "STAT", "", "how many messages, and octets?" },
	{ "UIDL", "", "the lasting name of each message" },
	{ "LIST", "", "the size of each message" },
	{ "RETR", "", "send me this message" },
	{ "TOP",  "", "its header, and so many lines" },
	{ "DELE", "", "mark it for removal; it goes at QUIT" },
	{ "NOOP", "", "nothing: are you still there?" },
	{ "RSET", "", "take all marks for removal away" },
	{ "QUIT", "", "that is all: remove what is marked" },
};

static const struct word pop3_replies[] = {
	{ "AUTH", "+OK", "you are logged in" },
	{ "PASS", "+OK", "you are logged in" },
	{ "APOP", "+OK", "you are logged in" },
	{ "USER", "+OK", "go on with the password; says nothing about who exists" },
	{ "STLS", "+OK", "TLS begins right behind this line" },
	{ "STAT", "+OK", "messages, octets" },
	{ "UIDL", "+OK", "number and name, a line each" },
	{ "LIST", "+OK", "number and octets, a line each" },
	{ "RETR", "+OK", "the message follows" },
	{ "DELE", "+OK", "marked" },
	{ "QUIT", "+OK", "done; what was marked is gone" },
	{ "CAPA", "+OK", "a line for each" },
	{ "CAPA", "-ERR", "too old for CAPA: only what RFC 1939 demands" },
	{ "AUTH", "+", "a challenge, in base64" },
	{ "PASS", "-ERR [IN-USE]", "another session has the mailbox" },
	{ "AUTH", "-ERR [IN-USE]", "another session has the mailbox" },
	{ "PASS", "-ERR", "the login is not accepted" },
	{ "AUTH", "-ERR", "the login is not accepted" },
	{ "APOP", "-ERR", "the login is not accepted" },
	{ "UTF8", "-ERR", "then without" },
	{ "",     "-ERR [SYS/TEMP]", "the server has trouble: later again" },
	{ "",     "-ERR [SYS/PERM]", "the server has lasting trouble" },
	{ "",     "-ERR [LOGIN-DELAY]", "too soon after the last time" },
	{ "",     "-ERR", "no" },
	{ "",     "+OK", "yes" },
};

static const struct word smtp_commands[] = {
	{ "EHLO", "", "I am this host; what can you do?" },
	{ "HELO", "", "I am this host" },
	{ "STARTTLS", "", "let us go on encrypted" },
	{ "AUTH", "", "log in by this mechanism" },
	{ "MAIL", "", "a new message; reports go to this address" },
	{ "RCPT", "", "one who shall get it" },
	{ "DATA", "", "now the message itself" },
	{ "RSET", "", "forget this message" },
	{ "NOOP", "", "nothing: are you still there?" },
	{ "QUIT", "", "that is all" },
};

static const struct word smtp_replies[] = {
	{ "",     "211", "about the system" },
	{ "",     "214", "help" },
	{ "",     "220", "ready" },
	{ "QUIT", "221", "good bye" },
	{ "AUTH", "235", "you are logged in" },
	{ "AUTH", "334", "a challenge, in base64" },
	{ "EHLO", "250", "its name, and a line for each thing it can do" },
	{ "MAIL", "250", "this sender may send" },
	{ "RCPT", "250", "this recipient is taken" },
	{ "DATA", "250", "the message is safe with the server now" },
	{ "",     "251", "taken; it will be forwarded" },
	{ "",     "252", "taken, though it cannot be checked" },
	{ "",     "354", "go on, and end with a dot alone" },
	{ "",     "421", "the server closes the connection" },
	{ "",     "432", "the password must be changed first" },
	{ "",     "450", "the mailbox is busy: later again" },
	{ "",     "451", "trouble at the server: later again" },
	{ "",     "452", "no room now: later again" },
	{ "",     "454", "not possible at the moment" },
	{ "",     "500", "not understood" },
	{ "",     "501", "wrong in what follows the command" },
	{ "",     "502", "not done here" },
	{ "",     "503", "not at this moment" },
	{ "",     "504", "that form of it is not done here" },
	{ "",     "530", "log in first (or begin TLS)" },
	{ "",     "534", "this mechanism is too weak" },
	{ "",     "535", "the login is not accepted" },
	{ "",     "538", "only with TLS" },
	{ "RCPT", "550", "nobody of that name, or not for you" },
	{ "",     "550", "refused" },
	{ "",     "551", "elsewhere" },
	{ "",     "552", "too big" },
	{ "",     "553", "this address will not do" },
	{ "",     "554", "refused for good" },
	{ "",     "555", "a parameter is not known" },
	{ "",     "2",   "done" },
	{ "",     "4",   "not now: later again" },
	{ "",     "5",   "no" },
};
/* clang-format on */

static const char *
find(const struct word *table, size_t count, const char *verb, const char *line)
{
	for (size_t i = 0; i < count; i++) {
		const struct word *row = &table[i];

		if ((*row->verb == '\0' || strcmp(row->verb, verb) == 0) &&
		    strncmp(line, row->begin, strlen(row->begin)) == 0)
			return row->words;
	}
	return "";
}

const char *
wire_words_command(enum wire_protocol protocol, const char *verb)
{
	if (protocol == WIRE_POP3)
		return find(pop3_commands, COUNT(pop3_commands), verb, "");
	return find(smtp_commands, COUNT(smtp_commands), verb, "");
}

const char *
wire_words_reply(enum wire_protocol protocol, const char *verb,
    const char *line)
{
	if (*verb == '\0' && protocol == WIRE_POP3 &&
	    strncmp(line, "+OK", 3) == 0)
		return "ready";
	if (protocol == WIRE_POP3)
		return find(pop3_replies, COUNT(pop3_replies), verb, line);
	return find(smtp_replies, COUNT(smtp_replies), verb, line);
}
