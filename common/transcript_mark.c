/* transcript_mark.c - a short queue: as many as are answered in one packet. */
#include "common/transcript_mark.h"

#include <string.h>

void
mark_add(struct mark_list *list, const struct mark *mark)
{
	buf_add(&list->marks, mark, sizeof(*mark));
}

struct mark
mark_find(struct mark_list *list, uint64_t at)
{
	struct mark mark = { .at = 0 };
	size_t used = 0;

	while (used < list->marks.size) {
		struct mark next;

		memcpy(&next, list->marks.data + used, sizeof(next));
		if (next.at > at)
			break;
		mark = next;
		used += sizeof(next);
	}
	/* The one that holds stays, for what follows. */
	if (used > sizeof(mark))
		buf_drop(&list->marks, used - sizeof(mark));
	return mark;
}

void
mark_clear(struct mark_list *list)
{
	buf_clear(&list->marks);
}
