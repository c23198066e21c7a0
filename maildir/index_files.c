/* index_files.c - lists of the files of a Maildir, for the index. */
#include "maildir/index_files.h"

#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "maildir/maildir_name.h"

void
index_files_add(struct index_files *files, bool in_new, const char *name)
{
	if (files->count == files->room) {
		files->room = files->room == 0 ? 64 : files->room * 2;
		files->list =
		    xrealloc(files->list, files->room * sizeof(files->list[0]));
	}
	files->list[files->count++] = (struct index_file){
		.name = xstrdup(name),
		.in_new = in_new,
	};
}

void
index_files_clear(struct index_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->list[i].name);
	free(files->list);
	memset(files, 0, sizeof(*files));
}

static int
by_base(const void *a, const void *b)
{
	const struct index_file *first = a;
	const struct index_file *second = b;
	int order = maildir_name_compare(first->name, second->name);

	/* Of two with one base, that in cur/ comes first and counts. */
	return order != 0 ? order : first->in_new - second->in_new;
}

static int
by_arrival(const void *a, const void *b)
{
	const struct index_file *first = a;
	const struct index_file *second = b;

	if (first->arrival != second->arrival)
		return first->arrival < second->arrival ? -1 : 1;
	return strcmp(first->name, second->name);
}

static void
sort_by(struct index_files *files, int (*order)(const void *, const void *))
{
	if (files->count > 1)
		qsort(files->list, files->count, sizeof(files->list[0]), order);
}

void
index_files_settle(struct index_files *seen)
{
	size_t kept = 0;

	sort_by(seen, by_base);
	for (size_t i = 0; i < seen->count; i++) {
		if (kept > 0 &&
		    maildir_name_equal(seen->list[i].name,
			seen->list[kept - 1].name))
			free(seen->list[i].name);
		else
			seen->list[kept++] = seen->list[i];
	}
	seen->count = kept;
}

void
index_files_sort(struct index_files *files)
{
	sort_by(files, by_arrival);
}
