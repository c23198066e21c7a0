/*
 * check_crew.c - which worker gets an order, and what is believed of his
 * answer.  He is played: a child that waits, and our end of its channel.
 */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smtpd/crew.h"
#include "tests/suites.h"

enum { SIZE = 3 };

static struct config config;
static struct crew crew;
static struct turns turns;
static int channels[SIZE]; /* the workers' ends */

/* What the desk was told last. */
static struct {
	int times;
	struct errand *errand;
	enum crew_end end;
	struct reply why; /* code 0: none */
} told;

static void
take_end(void *arg, struct errand *errand, enum crew_end end,
    const struct reply *why)
{
	ck_assert_ptr_eq(arg, &told);
	told.times++;
	told.errand = errand;
	told.end = end;
	told.why.code = 0;
	if (why != NULL)
		told.why = *why;
}

static const struct crew_desk desk = { take_end, &told };

/* A worker, born before the channels: he holds none open. */
static pid_t
hire(void)
{
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

/* The one in place I was last at DESTINATION. */
static void
connect_to(size_t i, const char *destination)
{
	struct crew_member *member = &crew.members[i];
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			     ends),
	    0);
	member->fd = ends[0];
	channels[i] = ends[1];
	member->since = ++crew.clock;
	strcpy(member->destination, destination);
}

static void
begin(void)
{
	config = (struct config){ .queue_workers = SIZE };
	turns = (struct turns){ .lanes = { .limit = 5, .nap = 60 * 1000 } };
	memset(&told, 0, sizeof(told));
	crew_init(&crew, &config, -1);
	for (size_t i = 0; i < SIZE; i++)
		crew.members[i].pid = hire();
	for (size_t i = 0; i < SIZE; i++)
		connect_to(i, i == 0 ? "far.example" : "near.example");
}

static void
end(void)
{
	for (size_t i = 0; i < SIZE; i++) {
		if (crew.members[i].pid != 0)
			kill(crew.members[i].pid, SIGKILL);
		if (channels[i] != -1)
			close(channels[i]);
	}
	while (wait(NULL) > 0)
		;
	crew_clear(&crew);
	lanes_clear(&turns.lanes);
}

static struct errand *
errand_to(const char *destination)
{
	struct errand *errand =
	    turns_open(&turns, "0000000000000A", "a@campus.example");

	turns_add(&turns, errand, destination);
	return errand;
}

/* Who has an order now; SIZE: nobody. */
static size_t
who_is_called(struct order *order)
{
	for (size_t i = 0; i < SIZE; i++)
		if (channels[i] != -1 &&
		    recv(channels[i], order, sizeof(*order), 0) ==
			sizeof(*order))
			return i;
	return SIZE;
}

static void
leave(size_t i)
{
	close(channels[i]);
	channels[i] = -1;
}

/* To which destination; who has left before: bits; who gets the order. */
static const struct {
	const char *destination;
	unsigned gone;
	size_t gets;
} calls[] = {
	{ "far.example", 0, 0 },
	/* the last one there, whose connection is the youngest */
	{ "near.example", 0, 2 },
	/* who has been idle for longest */
	{ "new.example", 0, 0 },
	{ "far.example", 1, 1 },
	{ "near.example", 4, 1 },
	{ "near.example", 6, 0 },
	{ "far.example", 7, SIZE },
};

START_TEST(who_was_there_last_goes_again_else_who_is_idle_for_longest)
{
	struct errand *errand = errand_to(calls[_i].destination);
	bool goes = calls[_i].gets < SIZE;
	struct order order;

	for (size_t i = 0; i < SIZE; i++)
		if ((calls[_i].gone >> i & 1) != 0)
			leave(i);
	ck_assert_int_eq(crew_send(&crew, errand), goes ? 0 : -1);
	ck_assert_uint_eq(who_is_called(&order), calls[_i].gets);
	ck_assert_int_eq(crew_free(&crew), goes ? SIZE - 1 : SIZE);
	if (goes) {
		ck_assert_str_eq(order.id, "0000000000000A");
		ck_assert_str_eq(order.destination, calls[_i].destination);
		ck_assert_str_eq(crew.members[calls[_i].gets].destination,
		    calls[_i].destination);
	}
	turns_close(&turns, errand);
}
END_TEST

START_TEST(who_is_at_work_is_not_called_but_can_be_marked)
{
	struct errand *errands[SIZE + 1];
	struct order order;

	for (size_t i = 0; i <= SIZE; i++) {
		errands[i] = errand_to("far.example");
		ck_assert_int_eq(crew_send(&crew, errands[i]),
		    i < SIZE ? 0 : -1);
		ck_assert_uint_eq(who_is_called(&order), i);
	}
	ck_assert_int_eq(crew_free(&crew), 0);
	crew_again(&crew);
	for (size_t i = 0; i <= SIZE; i++) {
		ck_assert_int_eq(errands[i]->again, i < SIZE);
		turns_close(&turns, errands[i]);
	}
}
END_TEST

START_TEST(only_the_last_of_an_errand_tells_the_sender)
{
	struct errand *errand = errand_to("far.example");
	struct order order;

	turns_add(&turns, errand, "near.example");
	ck_assert_int_eq(crew_send(&crew, errand), 0);
	ck_assert_uint_eq(who_is_called(&order), 0);
	ck_assert(!order.tell);
	turns_drop(&turns, errand, 0);
	ck_assert_int_eq(crew_send(&crew, errand), 0);
	ck_assert_uint_eq(who_is_called(&order), 2);
	ck_assert(order.tell);
	turns_close(&turns, errand);
}
END_TEST

static void
hear_all(void)
{
	struct pollfd polls[SIZE];

	ck_assert_uint_eq(crew_poll(&crew, polls), SIZE);
	ck_assert_int_ge(poll(polls, SIZE, 30000), 1);
	crew_hear(&crew, polls, &desk);
}

/* Buries worker I, and whoever else is dead by then. */
static void
bury(size_t i)
{
	siginfo_t info;

	ck_assert_int_eq(waitid(P_PID, (id_t)crew.members[i].pid, &info,
			     WEXITED | WNOWAIT),
	    0);
	crew_reap(&crew, &desk);
	ck_assert_int_eq(crew.members[i].pid, 0);
	ck_assert_int_eq(crew.members[i].fd, -1);
}

static const struct {
	struct outcome outcome;
	enum crew_end end;
} answers[] = {
	{ { .id = "0000000000000A", .good = true }, CREW_DONE },
	{ { .id = "0000000000000A", .good = true, .over = true }, CREW_OVER },
	{ { .id = "0000000000000A" }, CREW_FAILED },
	{ { .id = "0000000000000A", .over = true }, CREW_FAILED },
	{ { .id = "0000000000000A",
	      .good = true,
	      .why = { 451, "4.4.1 connect to mx: refused" } },
	    CREW_DONE },
};

START_TEST(what_a_worker_has_done_is_told_once)
{
	struct errand *errand = errand_to("far.example");
	const struct outcome *said = &answers[_i].outcome;

	ck_assert_int_eq(crew_send(&crew, errand), 0);
	ck_assert_int_eq(send(channels[0], said, sizeof(*said), 0),
	    sizeof(*said));
	hear_all();
	ck_assert_int_eq(told.times, 1);
	ck_assert_ptr_eq(told.errand, errand);
	ck_assert_int_eq(told.end, answers[_i].end);
	ck_assert_int_eq(told.why.code, said->why.code);
	ck_assert_str_eq(told.why.text, said->why.text);
	ck_assert_int_eq(crew_free(&crew), SIZE);
	kill(crew.members[0].pid, SIGKILL);
	bury(0);
	ck_assert_int_eq(told.times, 1);
	turns_close(&turns, errand);
}
END_TEST

static const struct outcome lies[] = {
	{ .id = "0000000000000B", .good = true, .over = true },
	{ .id = "", .good = true, .over = true },
	{ .id = "0000000000000A", .good = true, .why = { 550, "5.1.1 no" } },
	{ .id = "0000000000000A", .good = true, .why = { 250, "2.0.0 Ok" } },
	{ .id = "0000000000000A", .good = true, .why = { -451, "4.4.1" } },
};

enum { NO_END_OF_ID = COUNT(lies), NO_END_OF_TEXT, LIES };

static struct outcome
lie(int number)
{
	struct outcome outcome = { .good = true };

	if (number < NO_END_OF_ID)
		return lies[number];
	strcpy(outcome.id, "0000000000000A");
	if (number == NO_END_OF_ID)
		memset(outcome.id, 'A', sizeof(outcome.id));
	outcome.why.code = 451;
	if (number == NO_END_OF_TEXT)
		memset(outcome.why.text, 'x', sizeof(outcome.why.text));
	return outcome;
}

START_TEST(who_says_what_he_cannot_know_is_killed_and_his_errand_has_failed)
{
	struct errand *errand = errand_to("far.example");
	const struct outcome said = lie(_i);

	ck_assert_int_eq(crew_send(&crew, errand), 0);
	ck_assert_int_eq(send(channels[0], &said, sizeof(said), 0),
	    sizeof(said));
	hear_all();
	ck_assert_int_eq(told.times, 0);
	ck_assert_int_eq(crew.members[0].fd, -1);
	bury(0);
	ck_assert_int_eq(told.times, 1);
	ck_assert_int_eq(told.end, CREW_FAILED);
	ck_assert_int_eq(crew_free(&crew), SIZE);
	turns_close(&turns, errand);
}
END_TEST

START_TEST(who_speaks_unasked_is_killed)
{
	ck_assert_int_eq(send(channels[1], &answers[0].outcome,
			     sizeof(answers[0].outcome), 0),
	    sizeof(answers[0].outcome));
	hear_all();
	bury(1);
	ck_assert_int_eq(told.times, 0);
}
END_TEST

/* Worker 0 is replaced by one that ends with STATUS, and has an errand. */
static struct errand *
send_to_mortal(int status)
{
	struct errand *errand = errand_to("far.example");
	pid_t mortal;

	ck_assert_int_eq(crew_send(&crew, errand), 0);
	kill(crew.members[0].pid, SIGKILL);
	ck_assert_int_gt(waitpid(crew.members[0].pid, NULL, 0), 0);
	mortal = fork();
	ck_assert_int_ne(mortal, -1);
	if (mortal == 0)
		_exit(status);
	crew.members[0].pid = mortal;
	return errand;
}

/* A clean end without a word: the order crossed it.  Else it is not known. */
static const struct {
	int status;
	bool speaks;
	enum crew_end end;
} deaths[] = {
	{ 0, false, CREW_UNBEGUN },
	{ 1, false, CREW_FAILED },
	/* The last word lies in the channel. */
	{ 0, true, CREW_DONE },
	{ 1, true, CREW_DONE },
};

START_TEST(a_death_tells_whether_the_errand_was_begun)
{
	struct errand *errand = send_to_mortal(deaths[_i].status);
	struct order order;
	const struct outcome *said = &answers[0].outcome;

	if (deaths[_i].speaks) {
		ck_assert_uint_eq(who_is_called(&order), 0);
		ck_assert_int_eq(send(channels[0], said, sizeof(*said), 0),
		    sizeof(*said));
	}
	leave(0);
	bury(0);
	ck_assert_int_eq(told.times, 1);
	ck_assert_ptr_eq(told.errand, errand);
	ck_assert_int_eq(told.end, deaths[_i].end);
	ck_assert_int_eq(crew_free(&crew), SIZE);
	turns_close(&turns, errand);
}
END_TEST

Suite *
crew_suite(void)
{
	Suite *suite = suite_create("crew");
	TCase *tc = tcase_create("crew");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc,
	    who_was_there_last_goes_again_else_who_is_idle_for_longest, 0,
	    COUNT(calls));
	tcase_add_test(tc, who_is_at_work_is_not_called_but_can_be_marked);
	tcase_add_test(tc, only_the_last_of_an_errand_tells_the_sender);
	tcase_add_loop_test(tc, what_a_worker_has_done_is_told_once, 0,
	    COUNT(answers));
	tcase_add_loop_test(tc,
	    who_says_what_he_cannot_know_is_killed_and_his_errand_has_failed, 0,
	    LIES);
	tcase_add_test(tc, who_speaks_unasked_is_killed);
	tcase_add_loop_test(tc, a_death_tells_whether_the_errand_was_begun, 0,
	    COUNT(deaths));
	suite_add_tcase(suite, tc);
	return suite;
}
