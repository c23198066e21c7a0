/*
 * libraries.c - which mappings a child gets.
 *
 * The dynamic linker's list (struct link_map) says what is loaded and what
 * needs what (DT_NEEDED).  What stays: all that is not reached from the names
 * to be left, and what those need in turn.  So a library that somebody
 * preloads stays, whatever it is.  A set of names is gone through after the
 * other.
 */
#include "common/libraries.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"

enum { LIBRARIES_MAX = 256, PATH_ROOM = 4096 };

struct library {
	const struct link_map *map;
	/* Of the set in hand. */
	bool named;  /* by the program: nobody needs it */
	bool beyond; /* named, or needed by such a one */
	bool kept;

	bool in[LIBRARIES_SETS];
	uintptr_t start; /* whole pages; both 0: not found */
	uintptr_t end;
};

static struct library libraries[LIBRARIES_MAX];
static size_t count;
static bool leaves; /* libraries_leave() was here */
static enum libraries given = LIBRARIES_ALL;
static enum libraries usual = LIBRARIES_ALL;

static const char bind_now[] = "LD_BIND_NOW";

extern void __asan_init(void) __attribute__((weak));

static bool
is_bound(void)
{
	const char *now = getenv(bind_now);

	return now != NULL && *now != '\0';
}

bool
libraries_can_leave(void)
{
	return is_bound() && &__asan_init == NULL;
}

void
libraries_bind(char **argv)
{
	char self[PATH_ROOM];
	ssize_t n;

	if (is_bound() || &__asan_init != NULL)
		return;
	n = readlink("/proc/self/exe", self, sizeof(self));
	if (n <= 0 || n == (ssize_t)sizeof(self) ||
	    setenv(bind_now, "1", 1) == -1)
		return;
	self[n] = '\0';
	execv(self, argv);
	unsetenv(bind_now);
}

static const char *
file_name(const struct link_map *map)
{
	const char *slash = strrchr(map->l_name, '/');

	return slash == NULL ? map->l_name : slash + 1;
}

static bool
is_named(const struct link_map *map, const char *const *names)
{
	for (; names != NULL && *names != NULL; names++)
		if (strncmp(file_name(map), *names, strlen(*names)) == 0)
			return true;
	return false;
}

static const char *
strings_of(const struct link_map *map)
{
	for (const ElfW(Dyn) *row = map->l_ld; row->d_tag != DT_NULL; row++) {
		uintptr_t at = row->d_un.d_ptr;
		const char *text;

		if (row->d_tag != DT_STRTAB)
			continue;
		/* The linker has made an address of it, for most. */
		if (at < map->l_addr)
			at += map->l_addr;
		memcpy(&text, &at, sizeof(text));
		return text;
	}
	return NULL;
}

static struct library *
find_library(const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(file_name(libraries[i].map), name) == 0)
			return &libraries[i];
	return NULL;
}

enum mark { BEYOND, KEPT };

static bool *
mark_of(struct library *library, enum mark mark)
{
	return mark == KEPT ? &library->kept : &library->beyond;
}

/* Marks what LIBRARY needs, but for what is named; whether any was not. */
static bool
spread(const struct library *library, enum mark mark)
{
	const char *strings = strings_of(library->map);
	bool more = false;

	for (const ElfW(Dyn) *row = library->map->l_ld;
	     strings != NULL && row->d_tag != DT_NULL; row++) {
		struct library *needed;

		if (row->d_tag != DT_NEEDED)
			continue;
		needed = find_library(strings + row->d_un.d_val);
		if (needed == NULL || *mark_of(needed, mark) || needed->named)
			continue;
		*mark_of(needed, mark) = true;
		more = true;
	}
	return more;
}

static void
spread_all(enum mark mark)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < count; i++)
			if (*mark_of(&libraries[i], mark))
				more = spread(&libraries[i], mark) || more;
	}
}

static void
read_list(void)
{
	const struct link_map *map = _r_debug.r_map;

	for (; map != NULL && count < LIBRARIES_MAX; map = map->l_next)
		libraries[count++] = (struct library){ .map = map };
	if (map != NULL)
		count = 0;
}

/* Who is in SET: without NAMES and MORE, and iconv's converters. */
static void
choose(enum libraries set, const char *const *names, const char *const *more)
{
	for (size_t i = 0; i < count; i++) {
		struct library *library = &libraries[i];

		library->named = i > 0 &&
		    (strstr(library->map->l_name, "/gconv/") != NULL ||
			is_named(library->map, names) ||
			is_named(library->map, more));
		library->beyond = library->named;
	}
	spread_all(BEYOND);
	for (size_t i = 0; i < count; i++)
		libraries[i].kept = !libraries[i].beyond;
	spread_all(KEPT);
	for (size_t i = 0; i < count; i++)
		libraries[i].in[set] = libraries[i].kept;
}

/* Where the segments of one lie (dl_iterate_phdr(3)). */
static int
note_place(struct dl_phdr_info *info, size_t size, void *arg)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	struct library *library = libraries;

	(void)size;
	(void)arg;
	while (library < libraries + count &&
	    library->map->l_addr != info->dlpi_addr)
		library++;
	if (library == libraries + count)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + part->p_vaddr;
		uintptr_t end = start + part->p_memsz + page - 1;

		if (part->p_type != PT_LOAD)
			continue;
		if (library->end == 0 || start < library->start)
			library->start = start & ~(page - 1);
		if (end > library->end)
			library->end = end & ~(page - 1);
	}
	return 0;
}

void
libraries_leave(const char *const *names, const char *const *more,
    enum libraries most_have)
{
	if (names == NULL || leaves || !libraries_can_leave())
		return;
	read_list();
	for (size_t i = 0; i < count; i++)
		libraries[i].in[LIBRARIES_ALL] = true;
	choose(LIBRARIES_SOME, names, NULL);
	choose(LIBRARIES_FEW, names, more);
	(void)dl_iterate_phdr(note_place, NULL);
	leaves = true;
	usual = most_have;
	libraries_give(usual);
}

void
libraries_give(enum libraries set)
{
	if (!leaves)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct library *library = &libraries[i];
		void *at;

		memcpy(&at, &library->start, sizeof(at));
		/* ENOMEM: there is a hole; the rest is done. */
		if (library->in[set] != library->in[given] &&
		    library->start != 0)
			(void)madvise(at, library->end - library->start,
			    library->in[set] ? MADV_DOFORK : MADV_DONTFORK);
	}
	given = set;
}

void
libraries_give_usual(void)
{
	libraries_give(usual);
}

bool
libraries_are_whole(void)
{
	return given == LIBRARIES_ALL;
}
