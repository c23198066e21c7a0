/*
 * index_view.h - the list of messages, between its drawing and its keys.
 */
#ifndef MUA_INDEX_VIEW_H
#define MUA_INDEX_VIEW_H

#include "mua/view.h"

struct index_view {
	struct view view;
	size_t top; /* the first entry shown */
	int height; /* rows of the last drawing */
};

extern const struct key_table index_view_keys;

#endif
