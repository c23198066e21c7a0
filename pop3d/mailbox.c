/*
 * mailbox.c - from the grant to the end of the session.
 *
 * The order matters: the Maildir is opened (and made, for a mailbox that never
 * got mail) while the process has its rights; then it gives them up, and only
 * then looks into any file or hears from the client.  A process that is kept
 * (server.h) has given them up: it can open this very folder and no other,
 * also none that stands in its place by now.
 */
#include "pop3d/mailbox.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/db.h"
#include "common/explain.h"
#include "common/libraries.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "common/server.h"
#include "common/transcript.h"
#include "common/transcript_baton.h"
#include "maildir/index_boot.h"
#include "maildir/message.h"
#include "pop3d/answer.h"
#include "pop3d/handover.h"
#include "pop3d/maildrop.h"
#include "pop3d/session.h"

enum { FOLDER_MAX = 2 * DOMAIN_MAX, MEMORY = 512 * 1024 * 1024 };

/* Its paths are the one Maildir: mailbox_confine(). */
static const struct sandbox mailbox_sandbox = {
	.role = "mailbox",
	.calls = SB_CALL_SQLITE | SB_CALL_LIST, /* the messages and the index */
	.memory = MEMORY,
	.files = SANDBOX_FILES_TO_PASS, /* its client, begun anew */
};

/* What a grant says. */
struct grant {
	char login[ADDRESS_TEXT_MAX];
	char folder[FOLDER_MAX];
	char name[ADDRESS_TEXT_MAX]; /* for replies: "alice" at home */
};

/* Below mail/, and nowhere else whatever the text says. */
static bool
is_mail_folder(const char *folder)
{
	return strncmp(folder, "mail/", 5) == 0 && folder[5] != '\0' &&
	    strstr(folder, "..") == NULL && strchr(folder, ' ') == NULL;
}

static bool
parse_grant(const struct config *config, const char *text, struct grant *grant)
{
	const char *blank = strchr(text, ' ');
	size_t size = blank == NULL ? 0 : (size_t)(blank - text);
	char *at;

	if (size == 0 || size >= sizeof(grant->login) ||
	    !copy_string(grant->folder, sizeof(grant->folder), blank + 1) ||
	    !is_mail_folder(grant->folder))
		return false;
	memcpy(grant->login, text, size);
	grant->login[size] = '\0';
	memcpy(grant->name, grant->login, size + 1);
	at = strrchr(grant->name, '@');
	if (at != NULL && strcasecmp(at + 1, config->domain) == 0)
		*at = '\0';
	return true;
}

/* What is being opened here, and may have to be in another process. */
static struct {
	struct maildrop *maildrop;
	int fd;
} opening;

/* The folder that this process is confined to; st_nlink is 0: to none yet. */
static struct stat confined;

/* Messages must be read for the index, which takes GMime. */
static void
begin_anew(void)
{
	/* Or that one would wait for it. */
	maildrop_close(opening.maildrop);
	server_begin_anew(opening.fd);
}

/* Opens the Maildir for the first client, and gives up all rights but to it. */
static int
open_first(struct maildrop *maildrop, const struct grant *grant)
{
	if (libraries_are_whole())
		message_library_init();
	else
		message_library_missing(begin_anew);
	if (maildrop_open(maildrop, grant->folder, grant->name) == -1)
		return -1;
	if (fstat(maildrop->maildir.root, &confined) == -1)
		return log_errno("stat %s", log_safe(grant->folder));
	return mailbox_confine(grant->folder);
}

/* For the next: unless the folder was removed, or another is in its place. */
static int
open_again(struct maildrop *maildrop, const struct grant *grant)
{
	struct stat now;

	if (stat(grant->folder, &now) == -1 || now.st_dev != confined.st_dev ||
	    now.st_ino != confined.st_ino)
		server_begin_anew(opening.fd);
	return maildrop_open(maildrop, grant->folder, grant->name);
}

/* Opens the maildrop; tells the front, as it went. */
static int
prepare(const struct config *config, struct maildrop *maildrop,
    const struct grant *grant, int fd)
{
	enum maildrop_load load = MAILDROP_ERROR;
	int opened;

	opening.maildrop = maildrop;
	opening.fd = fd;
	opened = confined.st_nlink == 0 ? open_first(maildrop, grant)
					: open_again(maildrop, grant);
	if (opened == 0)
		load = maildrop_load(maildrop, config->pop3d_login_delay);
	switch (load) {
	case MAILDROP_OK:
		return handover_say(fd, MAILBOX_READY);
	case MAILDROP_IN_USE:
		log_event(LOG_INFO, "mailbox-in-use", "user=%s", grant->login);
		(void)handover_say(fd, MAILBOX_IN_USE);
		break;
	case MAILDROP_TOO_SOON:
		log_event(LOG_INFO, "login-too-soon", "user=%s", grant->login);
		(void)handover_say(fd, MAILBOX_TOO_SOON);
		break;
	case MAILDROP_ERROR:
		(void)handover_say(fd, MAILBOX_LATER);
		break;
	}
	return -1;
}

static void
greet(struct session *session)
{
	const struct maildrop *maildrop = session->maildrop;

	answer_begin(session,
	    "%s maildrop has %d message%s (%" PRId64 " octets)", maildrop->name,
	    maildrop->left, maildrop->left == 1 ? "" : "s", maildrop->octets);
}

/* Returns 0 when the client has been served, -1 when none came. */
static int
serve_client(const struct config *config, struct maildrop *maildrop, int fd,
    const char *login)
{
	struct peer peer = { .uid = -1 };
	struct handover handover;
	struct conn *conn = handover_take(fd, &handover, config->pop3d_timeout);
	struct session session = {
		.config = config,
		.conn = conn,
		.peer = handover.peer,
		.state = TRANSACTION,
		.tls = handover.tls,
		.cleartext = handover.cleartext,
		.capabilities = handover.capabilities,
		.language = handover.language,
		.explain = handover.explain,
		.maildrop = maildrop,
	};

	if (conn == NULL)
		return -1;
	(void)copy_string(peer.address, sizeof(peer.address), handover.peer);
	(void)copy_string(session.user, sizeof(session.user), login);
	server_doing("%s from %s", login, handover.peer);
	conn_set_stop(conn, &server_stop);
	conn_set_lenient(conn, handover.lenient);
	/* The client before this one may have chosen another. */
	explain_speak(handover.language == LANGUAGE_UNSET
		? config->language
		: language_tag(handover.language));
	if (handover.recorded)
		session.transcript = transcript_resume(conn,
		    &(struct transcript_start){ "pop3d", NULL, &peer, "",
			session.user },
		    &handover.baton, handover.evidence);
	greet(&session);
	pop3_run(&session);
	conn_flush(conn);
	transcript_end(session.transcript,
	    session.farewell == NULL ? "lost" : session.farewell);
	record_end(&session);
	log_event(LOG_INFO, "session-end",
	    "user=%s peer=%s messages=%zu retrieved=%d left=%d why=%s", login,
	    log_safe(handover.peer), maildrop->listing.count, session.retrieved,
	    maildrop->left, log_safe(session.farewell));
	conn_close(conn);
	return 0;
}

void
mailbox_prepare(void)
{
	(void)sandbox_prepare(&mailbox_sandbox);
	(void)index_boot_id();
	db_library_init();
	/* Else whoever needs it makes it ready for itself: it is large. */
	if (!libraries_can_leave())
		message_library_init();
}

int
mailbox_confine(const char *folder)
{
	const struct sandbox_path paths[] = {
		{ folder, SB_ALL | SB_MKDIR, "the Maildir of this login" },
		{ NULL, 0, NULL },
	};
	struct sandbox sandbox = mailbox_sandbox;

	sandbox.paths = paths;
	return sandbox_enter(&sandbox);
}

enum served
mailbox_serve(const struct config *config, int fd, const char *text)
{
	/* The next session may find it as this one left it. */
	static struct maildrop maildrop;
	struct grant grant;

	if (!parse_grant(config, text, &grant))
		panic("a grant that says %s", log_safe(text));
	server_doing("opening %s", grant.login);
	if (prepare(config, &maildrop, &grant, fd) == -1 ||
	    serve_client(config, &maildrop, fd, grant.login) == -1)
		return SERVED_EXIT;
	maildrop_leave(&maildrop);
	server_doing("%s has left", grant.login);
	return SERVED_REUSE;
}
