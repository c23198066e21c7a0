/*
 * fuzz_pop3.c - any bytes as command lines of a POP3 session, before its login
 * (which has none to ask for a password) and after it.
 *
 * Whatever comes, a reply is +OK or -ERR and can be shown, the counts of the
 * maildrop stay true, and nothing on the disk changes: QUIT alone removes.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/utf8.h"
#include "pop3d/maildrop.h"
#include "pop3d/session.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGES = 3, OCTETS = 100, NAME_SIZE = 16, TIMEOUT = 1 };

static void
expect(bool truth, const char *what)
{
	if (!truth)
		panic("%s", what);
}

/* An empty Maildir, which nobody can find any more. */
static struct maildir nowhere;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[] = "/tmp/fuzz-pop3-XXXXXX";

	(void)argc;
	(void)argv;
	log_set_level(LOG_ERROR);
	expect(mkdtemp(path) != NULL &&
		maildir_open(AT_FDCWD, path, true, &nowhere) == 0,
	    "there is a Maildir");
	unlinkat(nowhere.root, "tmp", AT_REMOVEDIR);
	unlinkat(nowhere.root, "new", AT_REMOVEDIR);
	unlinkat(nowhere.root, "cur", AT_REMOVEDIR);
	rmdir(path);
	return 0;
}

/* Names that are nowhere: RETR finds the message gone. */
static void
make_maildrop(struct maildrop *maildrop)
{
	memset(maildrop, 0, sizeof(*maildrop));
	maildrop->maildir = nowhere;
	maildrop->lock = -1;
	maildrop->name = xstrdup("alice");
	maildrop->listing.count = MESSAGES;
	maildrop->listing.octets = MESSAGES * (int64_t)OCTETS;
	maildrop->listing.entries =
	    xcalloc(MESSAGES, sizeof(maildrop->listing.entries[0]));
	maildrop->listing.names = xcalloc(MESSAGES, NAME_SIZE);
	for (int i = 0; i < MESSAGES; i++) {
		char *name = maildrop->listing.names + (size_t)i * NAME_SIZE;

		snprintf(name, NAME_SIZE, "%d.M.fuzz", i);
		maildrop->listing.entries[i].name = name;
		maildrop->listing.entries[i].octets = OCTETS;
	}
	maildrop->deleted = xcalloc(MESSAGES, sizeof(bool));
	maildrop_reset(maildrop);
}

static void
check_maildrop(const struct maildrop *maildrop)
{
	int left = 0;

	for (int i = 0; i < MESSAGES; i++)
		left += !maildrop->deleted[i];
	expect(maildrop->left == left, "the count is true");
	expect(maildrop->octets == left * (int64_t)OCTETS, "so are octets");
}

static void
check_reply(const struct reply *r)
{
	expect(r->code == POP3_OK || r->code == POP3_ERR || r->code == 0,
	    "a reply is +OK or -ERR");
	for (const char *p = r->text; *p != '\0'; p++)
		expect((unsigned char)*p >= ' ' && *p != 127,
		    "a reply can be shown");
	expect(utf8_is_valid(r->text), "a reply is in UTF-8");
}

/* All lines of DATA but QUIT, which would look for the files. */
static void
play(struct session *session, const uint8_t *data, size_t size)
{
	const enum session_state begun = session->state;
	char *text = xmalloc(size + 1);
	char *rest = text;

	memcpy(text, data, size);
	text[size] = '\0';
	while (session->state == begun && rest != NULL) {
		char *line = strsep(&rest, "\n");
		struct reply r;

		if (strncasecmp(line, "QUIT", 4) == 0)
			continue;
		r = pop3_execute(session, line);
		check_reply(&r);
		check_maildrop(session->maildrop);
	}
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char language[] = "en", mechanisms[] = "";
	struct config config = { .language = language,
		.mechanisms = mechanisms };
	struct maildrop maildrop;
	struct session session = { .config = &config,
		.capabilities = "TOP UIDL LANG UTF8 USER SASL STLS",
		.stamp = "<1@b.example>",
		.needs_tls = true,
		.maildrop = &maildrop };
	int ends[2];

	make_maildrop(&maildrop);
	expect(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "a socket");
	session.conn = conn_open(ends[0], TIMEOUT);
	session.state = AUTHORIZATION;
	play(&session, data, size);
	session.state = TRANSACTION;
	play(&session, data, size);
	close(ends[1]);
	conn_close(session.conn);
	/* The folders stay open. */
	maildrop.maildir = (struct maildir){ -1, -1, -1, -1 };
	maildrop_close(&maildrop);
	return 0;
}
