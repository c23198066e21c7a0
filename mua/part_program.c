/*
 * part_program.c - a part of a message given to another program.
 */
#include "mua/part_program.h"

#include "mua/mailcap.h"
#include "mua/program.h"
#include "mua/prompt.h"
#include "mua/text_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Opens what a program has written; says what there is to say about it. */
static void
show_output(struct ui *ui, const char *title, const struct buf *output,
    int status)
{
	struct lines lines = { 0 };
	struct buf name = BUF_INIT;

	if (status == -1) {
		ui_complain(ui, "It cannot be started: %s", strerror(errno));
		return;
	}
	if (output->size > 0) {
		lines_add(&lines, STYLE_NORMAL, output->data, output->size);
		buf_addstr(&name, title);
		ui_push(ui, text_view_new(ui, &name, &lines));
	}
	if (status > 128)
		ui_complain(ui, "Ended by signal %d", status - 128);
	else if (status != 0)
		ui_complain(ui, "It ended with status %d", status);
	else if (output->size == 0)
		ui_say(ui, "Done; it has written nothing");
	lines_clear(&lines);
	buf_clear(&name);
}

/* What Ctrl-C is for stands on the screen while it runs. */
void
program_view(struct ui *ui, const char *command, const struct buf *input,
    const char *title)
{
	struct buf output = BUF_INIT;
	int status;

	ui_say(ui, "Running; Ctrl-C ends it");
	ui_draw(ui);
	status = program_filter(ui, command, input, &output);
	ui_say(ui, "%s", "");
	show_output(ui, title, &output, status);
	buf_clear(&output);
}

void
part_pipe(struct ui *ui, struct message *message, size_t i)
{
	struct buf command = BUF_INIT;
	struct buf content = BUF_INIT;
	struct buf title = BUF_INIT;

	if (prompt_line(ui, "Pipe to: ", &command) && command.size > 0) {
		message_content(message, i, &content);
		buf_printf(&title, "Part %zu | %s", i + 1, command.data);
		program_view(ui, command.data, &content, title.data);
	} else {
		ui_say(ui, "Nothing was run");
	}
	buf_clear(&command);
	buf_clear(&content);
	buf_clear(&title);
}

static void
run_entry(struct ui *ui, const struct mailcap_entry *entry, const char *command,
    const struct buf *content, bool input)
{
	static const struct buf nothing = BUF_INIT;
	int status;

	if (entry->copious) {
		program_view(ui, command, input ? content : &nothing, command);
	} else if (entry->on_terminal) {
		status = program_foreground(ui, command);
		if (status != 0)
			ui_complain(ui, "%s: status %d", command, status);
	} else if (program_background(command) == 0) {
		ui_say(ui, "Started %s", command);
	} else {
		ui_complain(ui, "It cannot be started: %s", strerror(errno));
	}
}

void
part_open(struct ui *ui, struct message *message, size_t i)
{
	const struct part *part = message_part(message, i);
	struct buf content = BUF_INIT;
	struct buf command = BUF_INIT;
	struct mailcap_entry entry;
	char *path;
	bool input;

	if (!mailcap_find(part->type, &entry)) {
		ui_complain(ui, "No mailcap file has a program for %s",
		    part->type);
		return;
	}
	message_content(message, i, &content);
	path = program_file(&content, entry.ending);
	if (path == NULL) {
		ui_complain(ui, "No file for the program: %s", strerror(errno));
	} else {
		/* Decoding has brought a text to UTF-8. */
		input = mailcap_expand(entry.command, path, part->type, "UTF-8",
		    &command);
		if (input && !entry.copious)
			buf_printf(&command, " <%s", path);
		run_entry(ui, &entry, command.data, &content, input);
	}
	free(path);
	buf_clear(&content);
	buf_clear(&command);
	mailcap_clear(&entry);
}
