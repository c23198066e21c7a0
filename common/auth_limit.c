/* auth_limit.c - a leaky bucket of failures an address. */
#include "common/auth_limit.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

enum {
	BUCKETS = 1024,
	PROBES = 8, /* places a key may be in */
	MINUTE = 60 * 1000,
	FULL = AUTH_FAILURES_PER_MINUTE * MINUTE,
};

struct bucket {
	unsigned char key[16];
	int64_t level; /* failures, in units of 1/60000 */
	int64_t when;  /* the level was true */
};

struct auth_limit {
	struct bucket buckets[BUCKETS];
};

struct auth_limit *
auth_limit_new(void)
{
	return xcalloc(1, sizeof(struct auth_limit));
}

void
auth_limit_free(struct auth_limit *limit)
{
	free(limit);
}

/* All of an IPv4 address, half of an IPv6 one, the text of anything else. */
static void
make_key(const char *address, unsigned char key[16])
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

static size_t
hash(const unsigned char key[16])
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < 16; i++)
		h = (h ^ key[i]) * 16777619u;
	return h % BUCKETS;
}

static int64_t
level_at(const struct bucket *bucket, int64_t now)
{
	int64_t leaked = (now - bucket->when) * AUTH_FAILURES_PER_MINUTE;

	return leaked >= bucket->level ? 0 : bucket->level - leaked;
}

/* The bucket of ADDRESS, or the one to be given up for it. */
static struct bucket *
find_bucket(struct auth_limit *limit, const unsigned char key[16], int64_t now)
{
	size_t start = hash(key);
	struct bucket *emptiest = &limit->buckets[start];

	for (size_t i = 0; i < PROBES; i++) {
		struct bucket *bucket = &limit->buckets[(start + i) % BUCKETS];

		if (memcmp(bucket->key, key, 16) == 0)
			return bucket;
		if (level_at(bucket, now) < level_at(emptiest, now))
			emptiest = bucket;
	}
	return emptiest;
}

bool
auth_limit_reached(struct auth_limit *limit, const char *address, int64_t now)
{
	unsigned char key[16];
	const struct bucket *bucket;

	make_key(address, key);
	bucket = find_bucket(limit, key, now);
	/* Full: one more failure would not fit. */
	return memcmp(bucket->key, key, 16) == 0 &&
	    level_at(bucket, now) > FULL - MINUTE;
}

void
auth_limit_failure(struct auth_limit *limit, const char *address, int64_t now)
{
	unsigned char key[16];
	struct bucket *bucket;

	make_key(address, key);
	bucket = find_bucket(limit, key, now);
	if (memcmp(bucket->key, key, 16) != 0) {
		memcpy(bucket->key, key, 16);
		bucket->level = 0;
	}
	bucket->level = level_at(bucket, now) + MINUTE;
	bucket->when = now;
}
