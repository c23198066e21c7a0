/*
 * fuzz_index.c - any bytes as a message for the index, its words and threads.
 *
 * The index must give back what was read of the message, FTS5 must find a word
 * of its text, and a thread must be a tree.  Nothing is ever committed, so that
 * nothing waits for a disk.
 */
#include <fcntl.h>
#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "maildir/index.h"
#include "maildir/index_text.h"
#include "maildir/message.h"
#include "maildir/threads.h"
#include "maildir/words.h"

enum { BODY_MAX = 1024 * 1024 + 2, BEGIN_MAX = 400, THREAD_MAX = 8 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char name[] = "1700000000.fuzz:2,S";
static struct maildir box;
static struct index *fuzz_index;
static struct index_text *texts;
static struct word_breaker *breaker;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *folder = getenv("TMPDIR");
	char *path = xasprintf("%s/postlab-fuzz-index-XXXXXX",
	    folder == NULL ? "/tmp" : folder);

	(void)argc;
	(void)argv;
	if (mkdtemp(path) == NULL ||
	    maildir_open(AT_FDCWD, path, true, &box) == -1)
		panic("no folder %s", path);
	fuzz_index = index_open(&box);
	texts = index_text_open(box.root, true);
	breaker = word_breaker_new();
	if (fuzz_index == NULL || texts == NULL ||
	    index_begin(fuzz_index) == -1)
		panic("no index");
	free(path);
	return 0;
}

static int
compare_entry(void *arg, const struct index_entry *entry)
{
	const struct summary *summary = arg;

	if (strcmp(entry->from, summary->from) != 0 ||
	    strcmp(entry->to, summary->to) != 0 ||
	    strcmp(entry->subject, summary->subject) != 0 ||
	    strcmp(entry->message_id, summary->message_id) != 0 ||
	    strcmp(entry->in_reply_to, summary->in_reply_to) != 0 ||
	    strcmp(entry->references, summary->references) != 0 ||
	    entry->date != summary->date ||
	    entry->attachments != summary->attachments)
		panic("the index says something else");
	return 1;
}

static void
check_index(int fd)
{
	static const struct delivery envelope = { "", "", "", "", "", "", "",
		"" };
	struct summary summary;

	summary_read(fd, &summary);
	if (index_add(fuzz_index, name, fd, &envelope) == -1 ||
	    index_find(fuzz_index, name, compare_entry, &summary) != 1 ||
	    index_removed(fuzz_index, name) == -1)
		panic("the index does not take it");
	summary_clear(&summary);
}

static int
count_one(void *arg, const char *base)
{
	(void)base;
	++*(int *)arg;
	return 0;
}

/*
 * FTS5 finds the first word that words.c sees, and so does words.c; but the
 * last one that is looked at may go on in the text.
 */
static void
check_word(const struct buf *body)
{
	char *begin = xasprintf("%.*s", BEGIN_MAX, body->data);
	struct phrase phrase;
	int found = 0;

	(void)phrase_read(breaker, begin, false, &phrase);
	if (phrase.count == 1 && body->size > BEGIN_MAX)
		phrase_clear(&phrase);
	while (phrase.count > 1)
		free(phrase.words[--phrase.count]);
	if (phrase.count == 1 && g_utf8_validate(begin, -1, NULL)) {
		char *match = xasprintf("{ body } : \"%s\"", phrase.words[0]);

		if (!phrase_is_in(breaker, &phrase, body->data))
			panic("%s is not found", phrase.words[0]);
		if (index_text_find(texts, match, count_one, &found) == -1 ||
		    found != 1)
			panic("FTS5 does not find %s", phrase.words[0]);
		free(match);
	}
	phrase_clear(&phrase);
	free(begin);
}

static void
check_words(int fd)
{
	struct message_words words;

	message_words_read(fd, &words);
	if (strlen(words.body.data) != words.body.size ||
	    words.body.size > BODY_MAX)
		panic("a body of %zu bytes", words.body.size);
	if (!g_utf8_validate(words.cc.data, -1, NULL) ||
	    !g_utf8_validate(words.files.data, -1, NULL))
		panic("no UTF-8");
	if (index_text_begin(texts) == -1 ||
	    index_text_add(texts, name, 1, &words) == -1)
		panic("FTS5 does not take it");
	check_word(&words.body);
	if (index_text_remove(texts, name) == -1)
		panic("FTS5 does not forget it");
	(void)index_text_end(texts, -1);
	message_words_clear(&words);
}

/* Each byte is an id, four of them a message. */
static void
check_threads(const uint8_t *data, size_t size)
{
	struct threads *threads = threads_new();
	int64_t parents[THREAD_MAX + 1] = { 0 };
	size_t count = size / 4 < THREAD_MAX ? size / 4 : THREAD_MAX;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *byte = data + 4 * i;
		char id[2] = { (char)('a' + byte[0] % 16), '\0' };
		char list[4] = { (char)('a' + byte[1] % 16), ' ',
			(char)('a' + byte[2] % 16), '\0' };
		const char *subject = byte[3] % 2 == 0 ? "x" : "Re: x";

		threads_add(threads,
		    &(struct threads_message){ (int64_t)i + 1, id, "",
			byte[3] % 3 == 0 ? "" : list, subject });
	}
	threads_settle(threads);
	for (size_t i = 0; i < count; i++) {
		struct threads_place place = threads_place(threads, i);

		parents[place.uid] = place.parent;
		if (place.thread < 1 || place.thread > place.uid ||
		    place.parent < 0 || place.parent > (int64_t)count)
			panic("a place that cannot be");
		if (place.parent != 0 &&
		    threads_place(threads, (size_t)place.parent - 1).thread !=
			place.thread)
			panic("a parent in another thread");
	}
	for (size_t i = 1; i <= count; i++) {
		size_t steps = 0;

		for (int64_t at = (int64_t)i; at != 0; at = parents[at])
			if (++steps > count)
				panic("a circle");
	}
	threads_free(threads);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);

	if (fd == -1 || write_all(fd, data, size) == -1)
		panic("no memory file");
	check_threads(data, size);
	check_index(fd);
	check_words(fd);
	close(fd);
	return 0;
}
