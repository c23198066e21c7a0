/*
 * server_title.c - process titles in the room of argv and the environment.
 *
 * The kernel reads /proc/PID/cmdline from where it put the arguments at exec;
 * /proc/self/stat says where that is.  When the last byte of the arguments is
 * no longer NUL it goes on into the environment behind them, which is the room
 * for titles longer than the command line (fs/proc/base.c, get_mm_proctitle).
 *
 * Limit: started with few arguments and no environment, a title is cut.
 */
#include "common/server_title.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

enum {
	TITLE_MAX = 200,      /* a part of one page is touched, not more */
	FIELD_ARG_START = 48, /* proc(5), /proc/pid/stat */
	ADDRESSES = 4,
};

static char *room;
static size_t room_size;
static const char *title_program = "";
static const char *title_role = "";

/* Reads arg_start, arg_end, env_start, env_end. */
static int
read_addresses(uintptr_t addresses[ADDRESSES])
{
	char text[2048];
	const char *at;
	ssize_t n;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	/* Field 2 is the name in parentheses and may hold anything. */
	at = strrchr(text, ')');
	for (int field = 2; at != NULL && field < FIELD_ARG_START; field++)
		at = strchr(at + 1, ' ');
	for (int i = 0; i < ADDRESSES; i++) {
		char *end = NULL;

		if (at == NULL)
			return -1;
		addresses[i] = strtoul(at, &end, 10);
		at = end;
	}
	return 0;
}

static void
move_environment(void)
{
	size_t count = 0;
	char **copy;

	while (environ[count] != NULL)
		count++;
	copy = xcalloc(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = xstrdup(environ[i]);
	environ = copy;
}

void
title_init(const char *program)
{
	uintptr_t at[ADDRESSES];

	title_program = program;
	if (room != NULL || read_addresses(at) == -1 || at[1] <= at[0])
		return;
	move_environment();
	program_invocation_name = xstrdup(program);
	program_invocation_short_name = program_invocation_name;
	room_size = at[1] == at[2] ? at[3] - at[0] : at[1] - at[0];
	memcpy(&room, &at[0], sizeof(room));
	memset(room, 0, room_size);
	if (room_size > TITLE_MAX)
		room_size = TITLE_MAX;
}

void
title_set_role(const char *role)
{
	title_role = role;
}

void
title_show(const char *fmt, va_list args)
{
	char title[TITLE_MAX];
	int head = snprintf(title, sizeof(title), "%s: %s: ", title_program,
	    title_role);
	size_t at = (size_t)head;

	if (room == NULL || head < 0 || at >= sizeof(title))
		return;
	(void)vsnprintf(title + at, sizeof(title) - at, fmt, args);
	if (title[at] == '\0')
		title[at - 2] = '\0';
	for (char *c = title; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	strncpy(room, title, room_size - 1);
}
