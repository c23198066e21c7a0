/*
 * message_pipe.c - |: messages, as stored, to a command.
 *
 * The command is what the person types; nothing of a message is in it.
 */
#include "mua/message_pipe.h"

#include "mua/part_program.h"
#include "mua/prompt.h"
#include "mua/targets.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Appends the bytes of entry I to TO.  0, or -1 with errno. */
static int
add_message(struct mailbox *mailbox, size_t i, struct buf *to)
{
	int fd = mailbox_message_fd(mailbox, i);
	int rc;
	int why;

	if (fd == -1)
		return -1;
	rc = buf_read(to, fd, SIZE_MAX);
	why = errno;
	close(fd);
	errno = why;
	return rc;
}

static void
pipe_all(struct ui *ui, const struct targets *targets, const char *command)
{
	struct buf input = BUF_INIT;
	struct buf title = BUF_INIT;
	size_t read = 0;

	while (read < targets->count &&
	    add_message(ui->mailbox, targets->items[read], &input) == 0)
		read++;
	if (read < targets->count) {
		ui_complain(ui, "A message cannot be read: %s",
		    strerror(errno));
	} else {
		targets_name(targets, &title);
		buf_printf(&title, " | %s", command);
		program_view(ui, command, &input, title.data);
	}
	buf_clear(&input);
	buf_clear(&title);
}

void
message_pipe(struct ui *ui)
{
	struct targets targets;
	struct buf question = BUF_INIT;
	struct buf command = BUF_INIT;

	targets_find(ui, &targets);
	buf_addstr(&question, "Pipe ");
	targets_name(&targets, &question);
	buf_addstr(&question, " to: ");
	if (prompt_line(ui, question.data, &command) && command.size > 0)
		pipe_all(ui, &targets, command.data);
	else
		ui_say(ui, "Nothing was run");
	targets_clear(&targets);
	buf_clear(&question);
	buf_clear(&command);
}
