/*
 * message_save.c - s and C: messages into another folder.
 */
#include "mua/message_save.h"

#include "mua/account.h"
#include "mua/folder.h"
#include "mua/prompt.h"
#include "mua/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * What to open at PATH: what is there, or what the person wants to be made.
 * FOLDER_OTHER when it comes to nothing; it is said why.
 */
static enum folder_kind
choose_kind(struct ui *ui, const char *path, const char *typed)
{
	enum folder_kind kind = folder_look(path);
	struct buf question = BUF_INIT;
	int answer;

	if (kind == FOLDER_OTHER)
		ui_complain(ui, "%s is neither a Maildir nor an mbox", typed);
	if (kind != FOLDER_MISSING)
		return kind;
	buf_printf(&question,
	    "%s is not there: make a (M)aildir or an m(b)ox? ", typed);
	answer = prompt_choice(ui, question.data, "mMbB");
	buf_clear(&question);
	switch (answer) {
	case 'm':
	case 'M':
		return FOLDER_MAILDIR;
	case 'b':
	case 'B':
		return FOLDER_MBOX;
	default:
		ui_say(ui, "Not saved");
		return FOLDER_OTHER;
	}
}

/* Adds them one after the other; returns how many, with errno of the first
 * that could not be. */
static size_t
add_all(struct ui *ui, struct folder *folder, const struct targets *targets)
{
	size_t done = 0;

	while (done < targets->count &&
	    folder_add(folder, ui->mailbox, targets->items[done]) == 0)
		done++;
	return done;
}

static bool
save_to(struct ui *ui, const char *typed, const struct targets *targets,
    bool copy)
{
	char *path = account_expand(typed);
	enum folder_kind kind = choose_kind(ui, path, typed);
	struct folder *folder =
	    kind == FOLDER_OTHER ? NULL : folder_open(path, kind);
	int why = errno;
	size_t done = 0;

	free(path);
	if (kind == FOLDER_OTHER)
		return false;
	if (folder != NULL) {
		done = add_all(ui, folder, targets);
		why = errno;
		if (folder_close(folder) == -1) {
			why = errno;
			done = 0;
		}
	}
	for (size_t i = 0; i < done && !copy; i++)
		mailbox_mark_deleted(ui->mailbox, targets->items[i], true);
	if (done < targets->count)
		ui_complain(ui, "%zu of %zu saved to %s: %s", done,
		    targets->count, typed, strerror(why));
	else
		ui_say(ui, "%s to %s", copy ? "Copied" : "Saved", typed);
	return done == targets->count;
}

bool
message_save(struct ui *ui, bool copy)
{
	struct targets targets;
	struct buf question = BUF_INIT;
	struct buf path = BUF_INIT;
	bool saved = false;

	targets_find(ui, &targets);
	buf_addstr(&question, copy ? "Copy " : "Save ");
	targets_name(&targets, &question);
	buf_addstr(&question, " to the Maildir or mbox: ");
	if (prompt_line_complete(ui, question.data, &path, prompt_complete_file,
		NULL) &&
	    path.size > 0)
		saved = save_to(ui, path.data, &targets, copy);
	else
		ui_say(ui, "Not saved");
	targets_clear(&targets);
	buf_clear(&question);
	buf_clear(&path);
	return saved;
}
