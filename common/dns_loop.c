/*
 * dns_loop.c - a small event loop in the form of unbound-event.h.
 *
 * An event waits for a descriptor, for a time, or for both.  What poll() found
 * is noted in the events first and told then, one after another from the head
 * of the list: each callback may remove any of them.
 */
#include "common/dns_loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unbound-event.h>

#include "common/mem.h"

struct event {
	struct ub_event library; /* first: the library knows only this */
	struct dns_loop *loop;
	struct event *next;
	int fd; /* -1: a timer */
	short bits;
	void (*callback)(int fd, short bits, void *arg);
	void *arg;
	bool active;
	int64_t due; /* 0: never */
	short ready; /* what has come and is not told yet */
};

struct dns_loop {
	struct ub_event_base library; /* first */
	struct event *events;
	struct pollfd *polled;
	size_t room;
};

int64_t
dns_loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct event *
own(struct ub_event *event)
{
	return (struct event *)event;
}

static void
add_bits(struct ub_event *event, short bits)
{
	own(event)->bits = (short)(own(event)->bits | bits);
}

static void
del_bits(struct ub_event *event, short bits)
{
	own(event)->bits = (short)(own(event)->bits & ~bits);
}

static void
set_fd(struct ub_event *event, int fd)
{
	own(event)->fd = fd;
}

static int
activate(struct ub_event *event, struct timeval *after)
{
	struct event *e = own(event);

	e->active = true;
	e->ready = 0;
	e->due = 0;
	if (after != NULL && (e->bits & UB_EV_TIMEOUT) != 0)
		e->due = dns_loop_now() + (int64_t)after->tv_sec * 1000 +
		    after->tv_usec / 1000;
	return 0;
}

static int
deactivate(struct ub_event *event)
{
	struct event *e = own(event);

	e->active = false;
	e->ready = 0;
	e->due = 0;
	return 0;
}

static int
add_timer(struct ub_event *event, struct ub_event_base *base,
    void (*callback)(int, short, void *), void *arg, struct timeval *after)
{
	struct event *e = own(event);

	(void)base;
	e->callback = callback;
	e->arg = arg;
	e->fd = -1;
	e->bits = UB_EV_TIMEOUT;
	return activate(event, after);
}

static void
free_event(struct ub_event *event)
{
	struct event **at = &own(event)->loop->events;

	while (*at != NULL && *at != own(event))
		at = &(*at)->next;
	if (*at != NULL)
		*at = own(event)->next;
	free(event);
}

static struct ub_event_vmt event_calls = {
	.add_bits = add_bits,
	.del_bits = del_bits,
	.set_fd = set_fd,
	.free = free_event,
	.add = activate,
	.del = deactivate,
	.add_timer = add_timer,
	.del_timer = deactivate,
};

static struct ub_event *
new_event(struct ub_event_base *base, int fd, short bits,
    void (*callback)(int, short, void *), void *arg)
{
	struct dns_loop *loop = (struct dns_loop *)base;
	struct event *e = xcalloc(1, sizeof(*e));

	*e = (struct event){
		.library = { UB_EVENT_MAGIC, &event_calls },
		.loop = loop,
		.next = loop->events,
		.fd = fd,
		.bits = bits,
		.callback = callback,
		.arg = arg,
	};
	loop->events = e;
	return &e->library;
}

/* The library runs no loop itself. */
static int
dispatch(struct ub_event_base *base)
{
	(void)base;
	return 0;
}

static int
leave(struct ub_event_base *base, struct timeval *after)
{
	(void)base;
	(void)after;
	return 0;
}

static void
keep(struct ub_event_base *base)
{
	(void)base; /* dns_loop_free() will do it */
}

static struct ub_event_base_vmt base_calls = {
	.free = keep,
	.dispatch = dispatch,
	.loopexit = leave,
	.new_event = new_event,
};

struct dns_loop *
dns_loop_new(void)
{
	struct dns_loop *loop = xcalloc(1, sizeof(*loop));

	loop->library = (struct ub_event_base){ UB_EVENT_MAGIC, &base_calls };
	return loop;
}

void
dns_loop_free(struct dns_loop *loop)
{
	struct event *event;

	if (loop == NULL)
		return;
	while ((event = loop->events) != NULL) {
		loop->events = event->next;
		free(event);
	}
	free(loop->polled);
	free(loop);
}

struct ub_event_base *
dns_loop_base(struct dns_loop *loop)
{
	return &loop->library;
}

static bool
waits_for_fd(const struct event *e)
{
	return e->active && e->fd != -1 &&
	    (e->bits & (UB_EV_READ | UB_EV_WRITE)) != 0;
}

/* What poll() shall wait for; *UNTIL becomes earlier where a timer is. */
static nfds_t
gather(struct dns_loop *loop, int64_t *until)
{
	nfds_t count = 0;

	for (const struct event *e = loop->events; e != NULL; e = e->next) {
		if (e->active && e->due != 0 && e->due < *until)
			*until = e->due;
		if (!waits_for_fd(e))
			continue;
		if (count == loop->room) {
			loop->room = loop->room * 2 + 16;
			loop->polled = xrealloc(loop->polled,
			    loop->room * sizeof(*loop->polled));
		}
		loop->polled[count++] = (struct pollfd){
			.fd = e->fd,
			.events =
			    (short)(((e->bits & UB_EV_READ) != 0 ? POLLIN : 0) |
				((e->bits & UB_EV_WRITE) != 0 ? POLLOUT : 0)),
		};
	}
	return count;
}

/* Notes in the events what has come; they stand in the order of gather(). */
static void
note(struct dns_loop *loop)
{
	const struct pollfd *polled = loop->polled;
	int64_t now = dns_loop_now();

	for (struct event *e = loop->events; e != NULL; e = e->next) {
		short ready = 0;

		if (waits_for_fd(e)) {
			short came = (polled++)->revents;

			if ((came & ~POLLOUT) != 0)
				ready = (short)(ready | UB_EV_READ);
			if ((came & ~POLLIN) != 0)
				ready = (short)(ready | UB_EV_WRITE);
			ready = (short)(ready & e->bits);
		}
		if (ready == 0 && e->active && e->due != 0 && e->due <= now)
			ready = UB_EV_TIMEOUT;
		e->ready = ready;
	}
}

static struct event *
find_ready(const struct dns_loop *loop)
{
	struct event *e = loop->events;

	while (e != NULL && e->ready == 0)
		e = e->next;
	return e;
}

static void
tell(struct dns_loop *loop)
{
	struct event *e;

	while ((e = find_ready(loop)) != NULL) {
		short ready = e->ready;

		e->ready = 0;
		if (ready == UB_EV_TIMEOUT)
			e->due = 0;
		if ((e->bits & UB_EV_PERSIST) == 0)
			deactivate(&e->library);
		e->callback(e->fd, ready, e->arg);
	}
}

bool
dns_loop_run(struct dns_loop *loop, const int *waiting, int64_t until)
{
	while (*waiting > 0) {
		int64_t now = dns_loop_now();
		int64_t next = until;
		nfds_t count;

		if (now >= until)
			return false;
		count = gather(loop, &next);
		next = next > now ? next - now : 0;
		if (poll(loop->polled, count,
			next > INT_MAX ? INT_MAX : (int)next) == -1 &&
		    errno != EINTR)
			return false;
		note(loop);
		tell(loop);
	}
	return true;
}
