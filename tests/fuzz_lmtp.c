/*
 * fuzz_lmtp.c - any bytes as arguments of XFORWARD, MAIL and RCPT, and as all
 * that a client says up to its message.
 *
 * Whatever comes, what is kept can stand in front of people and in the queue,
 * and a reply is one of the protocol.  DATA and BDAT have fuzzers of their own
 * (fuzz_data_reader.c, fuzz_chunks.c), and would wait for a disk here.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/config.h"
#include "common/conn.h"
#include "common/directory.h"
#include "common/log.h"
#include "mda/lmtp.h"
#include "mda/lmtp_envelope.h"
#include "mda/receipt.h"
#include "mda/recipient.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1000000, TIMEOUT = 1 };

static void
expect(bool truth, const char *what)
{
	if (!truth)
		panic("%s", what);
}

/* A directory with bob in it, and a queue, which is opened for receipts. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[] = "/tmp/fuzz-lmtp-XXXXXX";
	int here = open(".", O_PATH | O_DIRECTORY);
	struct directory *directory;
	struct address bob;
	struct mailbox mailbox;
	struct reply r;
	const char *why;

	(void)argc;
	(void)argv;
	log_set_level(LOG_ERROR);
	expect(mkdtemp(path) != NULL && chdir(path) == 0, "a folder");
	expect(mkdir("mail", 0700) == 0 && mkdir("queue", 0700) == 0 &&
		mkdir("queue/incoming", 0700) == 0,
	    "its folders");
	expect(directory_create() == 0, "a directory");
	directory = directory_open(true);
	expect(directory != NULL &&
		directory_add_domain(directory, "b.example", &why) == 0 &&
		address_parse("bob@b.example", &bob) &&
		directory_add_mailbox(directory, &bob, &why) == 0,
	    "a mailbox");
	directory_close(directory);
	expect(recipient_open_directory() == 0, "it is open");
	receipt_open_queue();
	expect(receipt_is_possible(), "so is the queue");
	/* All is open: the names may go, and seeds are found again. */
	expect(unlink("directory.sqlite") == 0 && rmdir("mail") == 0 &&
		rmdir("queue/incoming") == 0 && rmdir("queue") == 0 &&
		rmdir(path) == 0,
	    "it goes again");
	r = recipient_mailbox(&bob, &mailbox);
	expect(reply_is_ok(&r), "bob is there all the same");
	expect(fchdir(here) == 0 && close(here) == 0, "back again");
	return 0;
}
static bool
is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

static void
check_reply(const struct reply *r)
{
	expect(r->code == 250 || r->code == 501 || r->code == 552 ||
		r->code == 555,
	    "the reply is one of ours");
	expect(is_clean(r->text), "and can be shown");
}

/* One line as the arguments, by itself. */
static void
parse_line(const uint8_t *data, size_t size)
{
	struct lmtp_envelope envelope = { .count = 0 };
	const struct forwarded *kept = &envelope.forwarded;
	char *line = malloc(size + 1);
	struct reply r;

	memcpy(line, data, size);
	line[size] = '\0';
	r = lmtp_rcpt(&envelope, line);
	expect(is_clean(r.text), "the reply to RCPT can be shown");
	r = xforward_parse(line, &envelope.forwarded);
	check_reply(&r);
	expect(is_clean(kept->peer) && is_clean(kept->helo) &&
		is_clean(kept->protocol) && is_clean(kept->tls) &&
		is_clean(kept->queue_id) && is_clean(kept->login),
	    "what is kept can be shown");
	r = lmtp_mail(&envelope, line, LIMIT);
	check_reply(&r);
	expect(is_clean(envelope.sender), "so can the sender");
	expect(is_clean(envelope.ret) && is_clean(envelope.envid),
	    "and what is asked of reports");
	expect(!reply_is_ok(&r) || envelope.declared <= LIMIT,
	    "a size beyond the limit is refused");
	lmtp_envelope_clear(&envelope);
	free(line);
}

/* reply-line = 3DIGIT ( "-" / SP ) text CRLF */
static void
check_said(const struct buf *said)
{
	const char *at = said->data;

	expect(strlen(at) == said->size, "no NUL in what is said");
	while (*at != '\0') {
		const char *end = strstr(at, "\r\n");

		expect(end != NULL && end - at >= 4 &&
			strspn(at, "0123456789") == 3 &&
			(at[3] == ' ' || at[3] == '-'),
		    "a line of a reply");
		for (; at < end; at++)
			expect((unsigned char)*at >= ' ' && *at != 127,
			    "that can be shown");
		at = end + 2;
	}
}

/*
 * All of it but the messages, as a client would send it; in one piece, for the
 * kernel counts many small ones as far more than their bytes and would wait.
 */
static void
write_session(int fd, const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT;

	buf_addstr(&text, "LHLO x\r\n");
	while (size > 0) {
		const uint8_t *lf = memchr(data, '\n', size);
		size_t length = lf == NULL ? size : (size_t)(lf - data) + 1;
		const char *line = (const char *)data;

		if (length < 4 ||
		    (strncasecmp(line, "DATA", 4) != 0 &&
			strncasecmp(line, "BDAT", 4) != 0))
			buf_add(&text, line, length);
		data += length;
		size -= length;
	}
	expect(write_all(fd, text.data, text.size) == 0, "a session");
	buf_clear(&text);
}

static void
play_session(const uint8_t *data, size_t size)
{
	char name[] = "mail.b.example";
	struct config config = { .hostname = name,
		.domain = name,
		.message_size = LIMIT,
		.command_timeout = TIMEOUT,
		.data_timeout = TIMEOUT };
	struct buf said = BUF_INIT;
	struct conn *conn;
	int ends[2];

	expect(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "a socket");
	write_session(ends[1], data, size);
	expect(shutdown(ends[1], SHUT_WR) == 0, "and no more");
	conn = conn_open(ends[0], TIMEOUT);
	lmtp_session(conn, &config);
	conn_close(conn);
	expect(buf_read(&said, ends[1], 1 << 20) == 0, "its words");
	close(ends[1]);
	check_said(&said);
	buf_clear(&said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse_line(data, size);
	play_session(data, size);
	return 0;
}
