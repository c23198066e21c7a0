/*
 * cursor.c - where a cursor may be, and what must be on the screen for it.
 */
#include "mua/cursor.h"

size_t
cursor_move(size_t current, long steps, size_t count)
{
	if (count == 0)
		return 0;
	if (steps < 0)
		return (size_t)-steps > current ? 0 : current - (size_t)-steps;
	if (current >= count || (size_t)steps >= count - current)
		return count - 1;
	return current + (size_t)steps;
}

size_t
cursor_top(size_t top, size_t current, size_t count, int height)
{
	size_t rows = height > 0 ? (size_t)height : 1;

	if (top + rows > count)
		top = count > rows ? count - rows : 0;
	if (current < top)
		return current;
	if (current >= top + rows)
		return current - rows + 1;
	return top;
}
