/* auth_limit.c - leaky buckets of failures. */
#include "common/auth_limit.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

enum {
	BUCKETS = 1024,
	PROBES = 8, /* places a key may be in */
	MINUTE = 60 * 1000,
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

struct auth_limit {
	int of_address; /* failures a minute */
	struct bucket buckets[BUCKETS];
};

struct auth_limit *
auth_limit_new(int per_minute)
{
	struct auth_limit *limit = xcalloc(1, sizeof(*limit));

	limit->of_address = per_minute;
	return limit;
}

void
auth_limit_free(struct auth_limit *limit)
{
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

static int64_t
level_at(const struct auth_limit *limit, const struct bucket *bucket,
    int64_t now)
{
	int64_t leaked = (now - bucket->when) * rate_of(limit, &bucket->key);

	return leaked >= bucket->level ? 0 : bucket->level - leaked;
}

/* The bucket of KEY, or the one to be given up for it. */
static struct bucket *
find_bucket(struct auth_limit *limit, const struct key *key, int64_t now)
{
	size_t start = hash(hash(2166136261u, key->address, 16), &key->name,
			   sizeof(key->name)) %
	    BUCKETS;
	struct bucket *emptiest = &limit->buckets[start];

	for (size_t i = 0; i < PROBES; i++) {
		struct bucket *bucket = &limit->buckets[(start + i) % BUCKETS];

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
	bucket->when = now;
}

bool
auth_limit_reached(struct auth_limit *limit, const char *address,
    const char *name, int64_t now)
{
	const struct key of_address = make_key(address, "");
	const struct key of_name = make_key(address, name);

	return is_full(limit, &of_address, now) ||
	    (*name != '\0' && is_full(limit, &of_name, now));
}

void
auth_limit_failure(struct auth_limit *limit, const char *address,
    const char *name, int64_t now)
{
	const struct key of_address = make_key(address, "");
	const struct key of_name = make_key(address, name);

	fill(limit, &of_address, now);
	if (*name != '\0')
		fill(limit, &of_name, now);
}
