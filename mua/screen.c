/*
 * screen.c - shows a struct screen_text with ncursesw and reads keys.
 *
 * Colours are few and from the terminal's own palette, so that they suit a
 * dark and a light background; every style differs without colour too (NO_COLOR
 * of no-color.org, or a monochrome terminal).
 */
#include "mua/screen.h"

#include "mua/colours.h"
#include "mua/screen_keys.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

enum { ESCAPE_MILLISECONDS = 50, PASTE_MILLISECONDS = 500, KEPT_MAX = 65536 };

/* SIGHUP or SIGTERM has come: the terminal counts as gone. */
static volatile sig_atomic_t is_ended;

struct screen {
	struct terminal terminal; /* must be first */
	SCREEN *curses;
	bool is_pasting; /* between the marks of a pasted text */
	int real_stderr; /* -1: it is not a terminal, left alone */
	int kept_stderr;
};

/* How each style looks; without colours only the attribute counts. */
static struct look {
	attr_t attribute;
	short colour; /* -1: the terminal's own */
} looks[STYLE_COUNT] = {
	/* clang-format off */
	[STYLE_NORMAL]    = { A_NORMAL,           -1 },
	[STYLE_BAR]       = { A_REVERSE,          -1 },
	[STYLE_SELECTED]  = { A_REVERSE,          -1 },
	[STYLE_NEW]       = { A_BOLD,             -1 },
	[STYLE_DELETED]   = { A_DIM,              COLOR_RED },
	[STYLE_LABEL]     = { A_BOLD,             COLOR_CYAN },
	[STYLE_HEADER]    = { A_NORMAL,           -1 },
	[STYLE_QUOTE]     = { A_NORMAL,           COLOR_GREEN },
	[STYLE_QUOTE_2]   = { A_NORMAL,           COLOR_CYAN },
	[STYLE_QUOTE_3]   = { A_NORMAL,           COLOR_BLUE },
	[STYLE_SIGNATURE] = { A_DIM,              -1 },
	[STYLE_PART]      = { A_BOLD,             COLOR_MAGENTA },
	[STYLE_FAULT]     = { A_BOLD,             COLOR_RED },
	[STYLE_MATCH]     = { A_REVERSE | A_BOLD, COLOR_YELLOW },
	[STYLE_ERROR]     = { A_BOLD,             COLOR_RED },
	/* clang-format on */
};

/* A click or a turn of the wheel. */
static int
translate_mouse(struct terminal *terminal)
{
	MEVENT event;

	if (getmouse(&event) == ERR)
		return K_NOTHING;
	terminal->click_row = event.y;
	if ((event.bstate & BUTTON4_PRESSED) != 0)
		return K_WHEEL_UP;
	if ((event.bstate & BUTTON5_PRESSED) != 0)
		return K_WHEEL_DOWN;
	if ((event.bstate & BUTTON1_PRESSED) != 0)
		return K_CLICK;
	return K_NOTHING;
}

/*
 * A key that is there already, else K_NOTHING.  A character that stands right
 * behind Esc was typed with Alt.
 */
static int
take_key(struct terminal *terminal)
{
	struct screen *screen = (struct screen *)terminal;
	wint_t c;
	int key;

	switch (get_wch(&c)) {
	case OK:
		if (screen->is_pasting)
			return screen_pasted_character(c);
		key = screen_character(c);
		if (key == K_ESCAPE && get_wch(&c) == OK)
			key = K_META | screen_character(c);
		return key;
	case KEY_CODE_YES:
		if (c == KEY_MOUSE)
			return translate_mouse(terminal);
		if (c == PASTE_BEGIN || c == PASTE_END) {
			screen->is_pasting = c == PASTE_BEGIN;
			return take_key(terminal);
		}
		return screen_function_key((int)c);
	default:
		return K_NOTHING;
	}
}

/* A paste whose end mark is lost must not turn all that follows into text. */
static void
end_stale_paste(struct screen *screen)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	if (screen->is_pasting && poll(&in, 1, PASTE_MILLISECONDS) == 0)
		screen->is_pasting = false;
}

static void
note_end(int number)
{
	(void)number;
	is_ended = 1;
}

/*
 * Who closes the window sends SIGHUP, and what was written shall become a draft
 * all the same.  What nohup(1) has arranged stays.
 */
static void
take_signals(void)
{
	static const int signals[] = { SIGHUP, SIGTERM };
	const struct sigaction action = {
		.sa_handler = note_end,
		.sa_flags = SA_RESTART,
	};
	struct sigaction old;

	for (size_t i = 0; i < COUNT(signals); i++)
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

/* Also a signal that comes just before it ends the wait. */
static void
wait_for_input(struct pollfd *in, nfds_t count, int seconds)
{
	const struct timespec patience = { .tv_sec = seconds };
	sigset_t ends, before;

	sigemptyset(&ends);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &before);
	if (!is_ended)
		(void)ppoll(in, count, &patience, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static int
read_key(struct terminal *terminal, int seconds)
{
	struct pollfd in[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = terminal->wake, .events = POLLIN },
	};
	int key = take_key(terminal);

	if (key == K_NOTHING)
		end_stale_paste((struct screen *)terminal);
	if (key == K_NOTHING) {
		wait_for_input(in, terminal->wake > 0 ? 2 : 1, seconds);
		/* Also after a signal: a new size comes as a key. */
		key = take_key(terminal);
		if (key == K_NOTHING &&
		    (is_ended ||
			(in[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0))
			key = K_GONE;
	}
	if (key == K_RESIZED) {
		terminal->rows = LINES;
		terminal->columns = COLS;
		clearok(curscr, TRUE);
	}
	return key;
}

static attr_t
look_of(enum style style)
{
	const struct look *look = &looks[style];

	if (!has_colors() || look->colour == -1)
		return look->attribute;
	return look->attribute | (attr_t)COLOR_PAIR(look->colour);
}

static void
show_row(const struct screen_row *row, int y)
{
	const char *text = row->text.data;
	const char *styles = row->styles.data;
	size_t start = 0;

	move(y, 0);
	while (start < row->text.size) {
		size_t end = start + 1;

		while (end < row->text.size && styles[end] == styles[start])
			end++;
		attrset((int)look_of((enum style)styles[start]));
		addnstr(text + start, (int)(end - start));
		start = end;
	}
	attrset(A_NORMAL);
}

static void
show(struct terminal *terminal, const struct screen_text *screen)
{
	(void)terminal;
	erase();
	for (int y = 0; y < screen->rows; y++)
		show_row(&screen->lines[y], y);
	move(screen->cursor_row, screen->cursor_column);
	refresh();
}

static void
redraw(struct terminal *terminal)
{
	(void)terminal;
	clearok(curscr, TRUE);
}

/* NO_COLOR counts when it is set to anything but "". */
static void
start_colours(void)
{
	const char *no_color = getenv("NO_COLOR");

	if (no_color != NULL && *no_color != '\0')
		return;
	if (!has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	for (short colour = 1; colour < 8; colour++)
		init_pair(colour, colour, -1);
}

/* Ctrl-C is a key that gives something up; it must not end the program. */
static void
take_interrupt_key(void)
{
	struct termios mode;

	if (tcgetattr(STDIN_FILENO, &mode) == -1)
		return;
	mode.c_cc[VINTR] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSANOW, &mode);
	def_prog_mode();
}

/* A log line in the middle of the screen helps nobody; keep it for later. */
static void
keep_stderr(struct screen *screen)
{
	screen->real_stderr = -1;
	if (!isatty(STDERR_FILENO))
		return;
	screen->kept_stderr = memfd_create("stderr", MFD_CLOEXEC);
	if (screen->kept_stderr == -1)
		return;
	screen->real_stderr = dup(STDERR_FILENO);
	dup2(screen->kept_stderr, STDERR_FILENO);
}

static void
release_stderr(struct screen *screen)
{
	struct buf kept = BUF_INIT;

	if (screen->real_stderr == -1)
		return;
	dup2(screen->real_stderr, STDERR_FILENO);
	close(screen->real_stderr);
	if (lseek(screen->kept_stderr, 0, SEEK_SET) == 0 &&
	    buf_read(&kept, screen->kept_stderr, KEPT_MAX) >= 0)
		(void)write_all(STDERR_FILENO, kept.data, kept.size);
	close(screen->kept_stderr);
	buf_clear(&kept);
}

/* Bracketed paste: a line end in a pasted text shall answer no question. */
static void
mark_pastes(bool on)
{
	(void)write_all(STDOUT_FILENO, on ? "\033[?2004h" : "\033[?2004l", 8);
}

static void
suspend(struct terminal *terminal)
{
	struct screen *screen = (struct screen *)terminal;

	mark_pastes(false);
	endwin();
	if (screen->real_stderr != -1)
		dup2(screen->real_stderr, STDERR_FILENO);
}

static void
resume(struct terminal *terminal)
{
	struct screen *screen = (struct screen *)terminal;

	if (screen->real_stderr != -1)
		dup2(screen->kept_stderr, STDERR_FILENO);
	/* The refresh sets the terminal's modes again. */
	clearok(curscr, TRUE);
	refresh();
	mark_pastes(true);
}

struct terminal *
screen_open(const char **why)
{
	struct screen *screen;
	SCREEN *curses;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		*why = "there is no terminal here";
		return NULL;
	}
	curses = newterm(NULL, stdout, stdin);
	if (curses == NULL) {
		*why = "this type of terminal ($TERM) is not known";
		return NULL;
	}
	screen = xcalloc(1, sizeof(*screen));
	screen->curses = curses;
	set_escdelay(ESCAPE_MILLISECONDS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	timeout(0);
	take_interrupt_key();
	take_signals();
	start_colours();
	screen_define_keys();
	mark_pastes(true);
	keep_stderr(screen);
	screen->terminal = (struct terminal){
		.rows = LINES,
		.columns = COLS,
		.read_key = read_key,
		.show = show,
		.redraw = redraw,
		.suspend = suspend,
		.resume = resume,
	};
	return &screen->terminal;
}

void
screen_use_colours(const short colours[STYLE_COUNT])
{
	for (int i = 0; i < STYLE_COUNT; i++)
		if (colours[i] != COLOUR_UNSAID)
			looks[i].colour = colours[i];
}

void
screen_use_mouse(void)
{
	/* A press counts at once; nothing waits for a double click. */
	mouseinterval(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
}

void
screen_close(struct terminal *terminal)
{
	struct screen *screen = (struct screen *)terminal;

	if (screen == NULL)
		return;
	mark_pastes(false);
	endwin();
	delscreen(screen->curses);
	release_stderr(screen);
	free(screen);
}
