/*
 * transcript_source.c - records are checked, and become rows.
 *
 * A text is gathered in memory and stored as one row at its end, so that SQL
 * finds a message in one piece; all sources together gather so much and no
 * more.  A jump in the numbers of the lines is a gap.
 */
#include "common/transcript_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/address.h"
#include "common/buf.h"
#include "common/transcript_store.h"

enum {
	GATHERED_MAX = 96 * 1024 * 1024, /* texts, of all sources */
	STORED_MAX = 64 * 1024 * 1024,   /* of one session */
	NAME_MAX_SIZE = 256,
	OUTCOME_MAX = 200,
};

static size_t gathered;

struct source {
	int fd;
	int64_t worker; /* process id */
	/* As it was said first, to say it again after a rollback. */
	struct evidence_head head;
	struct buf names;
	bool begun;
	bool ended;

	struct store_session session; /* id 0: not stored */
	struct store_session committed;
	size_t stored; /* bytes */
	char login[ADDRESS_TEXT_MAX + 1];
	uint32_t text_line;
	int64_t text_size; /* of all that was there */
	struct buf text;
};

/* A record, with a NUL behind what came. */
struct record {
	struct evidence_head head;
	char data[EVIDENCE_DATA_MAX + 1];
	size_t size;
};

struct source *
source_open(int fd)
{
	struct source *source = xcalloc(1, sizeof(*source));
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof(peer);

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	source->fd = fd;
	source->worker = peer.pid;
	source->names = source->text = (struct buf)BUF_INIT;
	return source;
}

int
source_fd(const struct source *source)
{
	return source->fd;
}

/*
 * The strings in DATA, each with its NUL; "" for what is not there.  DATA has
 * a NUL behind it.
 */
static void
split(const char *data, size_t size, const char **strings, size_t count)
{
	const char *end = data + size;

	for (size_t i = 0; i < count; i++) {
		size_t length = data < end ? strlen(data) + 1 : 0;

		strings[i] =
		    data < end && length <= NAME_MAX_SIZE + ADDRESS_TEXT_MAX
		    ? data
		    : "";
		data += length;
	}
}

/* Its row must be there before any other. */
static int
store_head(struct source *source, struct store *store)
{
	const char *names[3];
	struct store_peer peer;

	if (source->session.id != 0)
		return 0;
	split(source->names.data, source->names.size, names, COUNT(names));
	peer = (struct store_peer){
		.program = names[0],
		.listener = names[1],
		.address = names[2],
		.worker = source->worker,
	};
	return store_session(store, &source->head, &peer, &source->session);
}

static void
forget_text(struct source *source)
{
	gathered -= source->text.size;
	buf_clear(&source->text);
	source->text_line = 0;
	source->text_size = 0;
}

static int
end_text(struct source *source, struct store *store)
{
	struct store_text text = {
		.line = source->text_line,
		.left_out = source->text_size - (int64_t)source->text.size,
		.text = source->text.data,
		.size = source->text.size,
	};
	int rc = 0;

	if (source->text_line == 0)
		return 0;
	if (source->stored < STORED_MAX)
		rc = store_text(store, source->session.id, &text);
	source->stored += text.size;
	forget_text(source);
	return rc;
}

/* Only what goes on without a hole is kept. */
static int
take_text(struct source *source, struct store *store,
    const struct record *record)
{
	int64_t end = record->head.size + (int64_t)record->size;

	if (record->head.size < 0 || record->head.size > EVIDENCE_TEXT_MAX)
		return 0;
	if (record->head.number != source->text_line) {
		if (end_text(source, store) == -1)
			return -1;
		source->text_line = record->head.number;
	}
	if (record->head.size == (int64_t)source->text.size &&
	    end <= EVIDENCE_TEXT_MAX &&
	    gathered + record->size <= GATHERED_MAX) {
		buf_add(&source->text, record->data, record->size);
		gathered += record->size;
	}
	if (end > source->text_size)
		source->text_size = end;
	return 0;
}

static int
take_text_end(struct source *source, struct store *store,
    const struct record *record)
{
	/* All of it was lost on the way. */
	if (source->text_line != record->head.number) {
		if (end_text(source, store) == -1)
			return -1;
		source->text_line = record->head.number;
	}
	if (record->head.size > source->text_size)
		source->text_size = record->head.size;
	return end_text(source, store);
}

/* Says how many lines before NEXT are missing. */
static int
note_gap(struct source *source, struct store *store, uint32_t next)
{
	uint32_t expected = source->session.lines + 1;

	if (next <= expected)
		return 0;
	return store_gap(store, source->session.id, source->session.lines,
	    next - expected);
}

static int
take_line(struct source *source, struct store *store,
    const struct record *record)
{
	uint32_t number = record->head.number;

	/* What is stored already came again: nobody rewrites a line. */
	if (number <= source->session.lines || number == UINT32_MAX)
		return 0;
	source->stored += sizeof(record->head) + record->size;
	if (source->stored >= STORED_MAX)
		return 0; /* a gap, in the end */
	if (note_gap(source, store, number) == -1 ||
	    store_line(store, source->session.id, &record->head, source->login,
		record->data, record->size) == -1)
		return -1;
	source->session.lines = number;
	return 0;
}

static int
take_state(struct source *source, struct store *store,
    const struct record *record)
{
	const char *strings[3]; /* HELO, login, TLS */

	split(record->data, record->size, strings, COUNT(strings));
	(void)copy_string(source->login, sizeof(source->login), strings[1]);
	return store_state(store, source->session.id, strings[0], strings[1],
	    strings[2]);
}

static int
take_end(struct source *source, struct store *store,
    const struct record *record)
{
	char outcome[OUTCOME_MAX + 1];

	(void)copy_string(outcome, sizeof(outcome), record->data);
	source->ended = true;
	if (end_text(source, store) == -1 ||
	    (record->head.number < UINT32_MAX &&
		note_gap(source, store, record->head.number + 1) == -1))
		return -1;
	return store_end(store, source->session.id, record->head.at, outcome);
}

/* The first record of a connection. */
static int
take_session(struct source *source, struct store *store,
    const struct record *record)
{
	source->begun = true;
	source->head = record->head;
	buf_add(&source->names, record->data, record->size);
	return store_head(source, store);
}

static int
take(struct source *source, struct store *store, const struct record *record)
{
	if (!source->begun)
		return take_session(source, store, record);
	if (store_head(source, store) == -1)
		return -1;
	switch (record->head.kind) {
	case EVIDENCE_STATE:
		return take_state(source, store, record);
	case EVIDENCE_LINE:
		return take_line(source, store, record);
	case EVIDENCE_TEXT:
		return take_text(source, store, record);
	case EVIDENCE_TEXT_END:
		return take_text_end(source, store, record);
	case EVIDENCE_MESSAGE:
		return store_message(store, source->session.id, &record->head,
		    record->data);
	case EVIDENCE_END:
		return take_end(source, store, record);
	default:
		return 0;
	}
}

enum source_read
source_read(struct source *source, struct store *store)
{
	static struct record record;
	struct iovec parts[] = {
		{ &record.head, sizeof(record.head) },
		{ record.data, EVIDENCE_DATA_MAX },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n = recvmsg(source->fd, &message, MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return SOURCE_EMPTY;
	if (n < (ssize_t)sizeof(record.head) ||
	    (!source->begun && record.head.kind != EVIDENCE_SESSION))
		return SOURCE_OVER;
	record.size = (size_t)n - sizeof(record.head);
	record.data[record.size] = '\0';
	if (take(source, store, &record) == -1)
		return SOURCE_FAILED;
	return source->ended ? SOURCE_OVER : SOURCE_STORED;
}

int
source_finish(struct source *source, struct store *store)
{
	struct timespec now;

	if (!source->begun || source->ended)
		return 0;
	if (store_head(source, store) == -1 || end_text(source, store) == -1)
		return -1;
	clock_gettime(CLOCK_REALTIME, &now);
	return store_end(store, source->session.id,
	    (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, "cut off");
}

int
source_set_aside(struct source *source, struct store *store)
{
	if (source->text_line == 0)
		return 0;
	return store_head(source, store) == -1 ? -1 : end_text(source, store);
}

void
source_committed(struct source *source)
{
	source->committed = source->session;
}

void
source_rolled_back(struct source *source)
{
	source->session = source->committed;
}

void
source_close(struct source *source)
{
	forget_text(source);
	close(source->fd);
	buf_clear(&source->names);
	free(source);
}
