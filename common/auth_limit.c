/*
 * auth_limit.c - leaky buckets of failures.
 *
 * The shared table is read and written whole, under the file's flock, which
 * ends with its process.  It is not mapped: a write that the disk has no room
 * for is an error here, and SIGBUS there.
 */
#include "common/auth_limit.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"

enum {
	BUCKETS = 1024,
	PROBES = 8, /* places a key may be in */
	MINUTE = 60 * 1000,
	DAY = 24 * 60 * MINUTE,
	/* What is tried at once is counted when it has failed, then in full. */
	OVERFLOW = 10000,
};

struct key {
	unsigned char address[16];
	uint32_t name; /* a hash of it, 0 for the address alone */
};

struct bucket {
	struct key key;
	int64_t level; /* failures, in units of 1/60000 */
	int64_t when;  /* the level was true */
};

/* What is in the file.  Empty buckets are all zero, as a new file is. */
struct table {
	char magic[16]; /* of this form; it changes with struct bucket */
	struct bucket buckets[BUCKETS];
};

static const char magic[16] = "postlab-limit 1";

struct auth_limit {
	int of_address; /* failures a minute */
	struct table table;
	int fd; /* -1: the table is this process's own */
};

struct auth_limit *
auth_limit_new(int per_minute)
{
	struct auth_limit *limit = xcalloc(1, sizeof(*limit));

	limit->of_address = per_minute;
	limit->fd = -1;
	return limit;
}

/* A file of ours: a descriptor, or -1 (logged). */
static int
open_table(const char *path)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags, 0600);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		log_errno("open %s", path);
	else if (!S_ISREG(st.st_mode))
		log_failure("%s is no file", path);
	else
		return fd;
	if (fd != -1)
		close(fd);
	return -1;
}

/* Begins a look at the buckets. */
static void
lock(struct auth_limit *limit)
{
	struct table *table = &limit->table;

	if (limit->fd == -1)
		return;
	while (flock(limit->fd, LOCK_EX) == -1 && errno == EINTR)
		continue;
	if (pread(limit->fd, table, sizeof(*table), 0) ==
		(ssize_t)sizeof(*table) &&
	    memcmp(table->magic, magic, sizeof(magic)) == 0)
		return;
	memset(table, 0, sizeof(*table));
	memcpy(table->magic, magic, sizeof(magic));
}

static void
unlock(struct auth_limit *limit)
{
	if (limit->fd != -1)
		(void)flock(limit->fd, LOCK_UN);
}

/* The same behind a change.  The sandbox has no pwrite(). */
static void
store(struct auth_limit *limit)
{
	if (limit->fd == -1)
		return;
	if (lseek(limit->fd, 0, SEEK_SET) != -1 &&
	    write_all(limit->fd, &limit->table, sizeof(limit->table)) == 0) {
		unlock(limit);
		return;
	}
	log_errno("write the failed logins, which are counted alone now");
	close(limit->fd);
	limit->fd = -1;
}

struct auth_limit *
auth_limit_open(const char *path, int per_minute)
{
	struct auth_limit *limit = auth_limit_new(per_minute);

	limit->fd = open_table(path);
	/* So that it has its room on the disk. */
	lock(limit);
	store(limit);
	return limit;
}

void
auth_limit_free(struct auth_limit *limit)
{
	if (limit != NULL && limit->fd != -1)
		close(limit->fd);
	free(limit);
}

/* FNV-1a of DATA, going on from H. */
static uint32_t
hash(uint32_t h, const void *data, size_t size)
{
	const unsigned char *byte = data;

	for (size_t i = 0; i < size; i++)
		h = (h ^ byte[i]) * 16777619u;
	return h;
}

/* All of an IPv4 address, half of an IPv6 one, the text of anything else. */
static void
put_address(const char *address, unsigned char key[16])
{
	struct in6_addr v6;

	memset(key, 0, 16);
	if (inet_pton(AF_INET, address, key + 12) == 1)
		return;
	memset(key, 0, 16);
	if (inet_pton(AF_INET6, address, &v6) != 1)
		memcpy(key, address, strnlen(address, 16));
	else if (IN6_IS_ADDR_V4MAPPED(&v6))
		memcpy(key + 12, v6.s6_addr + 12, 4);
	else
		memcpy(key, v6.s6_addr, 8);
}

/* Two names of one hash share their failures, which does no harm. */
static struct key
make_key(const char *address, const char *name)
{
	struct key key = { .name = 0 };
	uint32_t h = 2166136261u;

	put_address(address, key.address);
	for (; *name != '\0'; name++) {
		const int lower = tolower((unsigned char)*name);

		h = hash(h, &lower, sizeof(lower));
		key.name = h == 0 ? 1 : h;
	}
	return key;
}

static bool
is_same(const struct key *a, const struct key *b)
{
	return a->name == b->name && memcmp(a->address, b->address, 16) == 0;
}

static int
rate_of(const struct auth_limit *limit, const struct key *key)
{
	return key->name == 0 ? limit->of_address : AUTH_FAILURES_OF_NAME;
}

/*
 * The clocks of two processes may be read in another order than the lock is
 * had; what is much further ahead is of an earlier boot.
 */
static int64_t
level_at(const struct auth_limit *limit, const struct bucket *bucket,
    int64_t now)
{
	const int64_t rate = rate_of(limit, &bucket->key);
	int64_t passed;

	if (bucket->when < 0 || bucket->level < 0 ||
	    bucket->level > (rate + OVERFLOW) * MINUTE)
		return 0;
	passed = now - bucket->when;
	if (passed > DAY || passed < -MINUTE)
		return 0;
	if (passed < 0)
		passed = 0;
	return passed * rate >= bucket->level ? 0
					      : bucket->level - passed * rate;
}

/* The bucket of KEY, or the one to be given up for it. */
static struct bucket *
find_bucket(struct auth_limit *limit, const struct key *key, int64_t now)
{
	size_t start = hash(hash(2166136261u, key->address, 16), &key->name,
			   sizeof(key->name)) %
	    BUCKETS;
	struct bucket *emptiest = &limit->table.buckets[start];

	for (size_t i = 0; i < PROBES; i++) {
		struct bucket *bucket =
		    &limit->table.buckets[(start + i) % BUCKETS];

		if (is_same(&bucket->key, key))
			return bucket;
		if (level_at(limit, bucket, now) <
		    level_at(limit, emptiest, now))
			emptiest = bucket;
	}
	return emptiest;
}

static bool
is_full(struct auth_limit *limit, const struct key *key, int64_t now)
{
	const struct bucket *bucket = find_bucket(limit, key, now);
	const int64_t full = (int64_t)rate_of(limit, key) * MINUTE;

	/* One more failure would not fit. */
	return is_same(&bucket->key, key) &&
	    level_at(limit, bucket, now) > full - MINUTE;
}

static void
fill(struct auth_limit *limit, const struct key *key, int64_t now)
{
	struct bucket *bucket = find_bucket(limit, key, now);

	if (!is_same(&bucket->key, key)) {
		bucket->key = *key;
		bucket->level = 0;
	}
	bucket->level = level_at(limit, bucket, now) + MINUTE;
	if (bucket->level > (rate_of(limit, key) + OVERFLOW) * (int64_t)MINUTE)
		bucket->level -= MINUTE;
	bucket->when = now;
}

bool
auth_limit_reached(struct auth_limit *limit, const char *address,
    const char *name, int64_t now)
{
	const struct key of_address = make_key(address, "");
	const struct key of_name = make_key(address, name);
	bool reached;

	lock(limit);
	reached = is_full(limit, &of_address, now) ||
	    (*name != '\0' && is_full(limit, &of_name, now));
	unlock(limit);
	return reached;
}

void
auth_limit_failure(struct auth_limit *limit, const char *address,
    const char *name, int64_t now)
{
	const struct key of_address = make_key(address, "");
	const struct key of_name = make_key(address, name);

	lock(limit);
	fill(limit, &of_address, now);
	if (*name != '\0')
		fill(limit, &of_name, now);
	store(limit);
}
