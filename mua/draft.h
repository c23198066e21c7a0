/*
 * draft.h - a letter being written: what its writer has typed and chosen.
 *
 * Fields are UTF-8 on one line, as a person types and reads them; whatever is
 * put into one comes through draft_set(), so no line break can be in a field
 * and no field can begin another (header injection).  letter.h makes a message
 * of it.
 */
#ifndef MUA_DRAFT_H
#define MUA_DRAFT_H

#include "common/buf.h"
#include "mua/people.h"

#include <stdbool.h>
#include <stdint.h>

enum draft_field {
	DRAFT_FROM,
	DRAFT_TO,
	DRAFT_CC,
	DRAFT_BCC,
	DRAFT_SUBJECT,
	DRAFT_REPLY_TO,
	DRAFT_FIELDS,
};

/*
 * Something that goes along.  A file of the person's is read when the letter is
 * made; what came out of another message lies in a file without a name.
 */
struct attachment {
	char *path; /* "" when it is in FD */
	int fd;     /* -1 when it is at PATH */
	char *name; /* for the receiver: never a folder in it */
	char *type; /* "image/png" */
	int64_t size;
};

struct draft {
	char *fields[DRAFT_FIELDS];
	struct buf text; /* UTF-8, lines end with LF */
	struct attachment *attachments;
	size_t attachment_count;
	char *in_reply_to; /* blank-separated, without <>, "" for none */
	char *references;  /* blank-separated, without <> */
	bool wants_report; /* of its delivery (RFC 3461) */
	char *account;     /* by its name; "" for none */

	/* What it answers: names of messages, "/" between them. */
	char *answers; /* "" for nothing */
	/* Its file in Drafts, removed once it is sent or saved anew. */
	char *postponed; /* "" for none */
	/* The name of its file while it is written (unfinished.h). */
	char *unfinished; /* "" for none */
};

/* Everything empty. */
struct draft *draft_new(void);
void draft_free(struct draft *draft);

/* Takes a copy: control characters become blanks, bytes valid UTF-8. */
void draft_set(struct draft *draft, enum draft_field field, const char *text);

/* The name in the header: "Reply-To". */
const char *draft_field_name(enum draft_field field);

/*
 * Takes the next name from the list at LIST, as in struct draft, which moves
 * on behind it.  The caller frees it; NULL at the end.
 */
char *draft_next_name(const char **list);

/* Replaces the string at PLACE by a copy of TEXT. */
void draft_replace(char **place, const char *text);

/*
 * Attaches the file at PATH ("~/" is the home folder).  False, with a sentence
 * in WHY, when it cannot be read now or is no plain file.
 */
bool draft_attach_file(struct draft *draft, const char *path, char *why,
    size_t size);

/*
 * Attaches DATA.  NAME may come from a stranger: it is made harmless.  False
 * when there is no room to keep it (errno).
 */
bool draft_attach_data(struct draft *draft, const struct buf *data,
    const char *name, const char *type);

void draft_detach(struct draft *draft, size_t i);

/* Opens the content of ATTACHMENT, at its beginning.  -1 and errno. */
int attachment_open(const struct attachment *attachment);

/*
 * The people of a field, words without @ at the domain of From.  False with a
 * sentence in WHY.
 */
bool draft_people(const struct draft *draft, enum draft_field field,
    struct people *people, char *why, size_t size);

#endif
