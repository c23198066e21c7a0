/* downgrade_qp.c - RFC 2045 6.7, an atom of one or three characters a time. */
#include "smtpd/downgrade_qp.h"

#include <stdbool.h>
#include <string.h>

enum { LINE_MAX_CHARS = 76 };

/* Appends an atom; LAST is whether the line ends behind it. */
static void
add_atom(struct buf *to, size_t *column, const char *atom, bool last)
{
	size_t size = strlen(atom);
	size_t limit = last ? LINE_MAX_CHARS : LINE_MAX_CHARS - 1;

	if (*column + size > limit) {
		buf_addstr(to, "=\n");
		*column = 0;
		/* No line that is ours may look like a boundary. */
		if (*atom == '-') {
			atom = "=2D";
			size = 3;
		}
	}
	buf_add(to, atom, size);
	*column += size;
}

static void
add_byte(struct buf *to, size_t *column, unsigned char c, bool last)
{
	static const char digits[] = "0123456789ABCDEF";
	const char atom[] = { '=', digits[c >> 4U], digits[c & 15U], '\0' };

	add_atom(to, column, atom, last);
}

static bool
is_plain(unsigned char c)
{
	return (c > ' ' && c < 0x7f && c != '=') || c == ' ' || c == '\t';
}

void
qp_encode_line(const char *line, size_t size, struct buf *to)
{
	size_t column = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)line[i];
		bool last = i + 1 == size;
		const char atom[] = { (char)c, '\0' };
		bool encode = !is_plain(c) ||
		    (last && (c == ' ' || c == '\t')) ||
		    (i == 0 && c == 'F' && size >= 5 &&
			memcmp(line, "From ", 5) == 0) ||
		    (i == 0 && c == '.' && size == 1);

		if (encode)
			add_byte(to, &column, c, last);
		else
			add_atom(to, &column, atom, last);
	}
}

/* No byte of quoted-printable. */
static bool
must_go(char c)
{
	return (c & 0x80) != 0 || c == '\0';
}

void
qp_mend_line(const char *line, size_t size, struct buf *to)
{
	size_t column = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)line[i];
		char atom[] = { (char)c, '\0', '\0', '\0' };

		/* A soft line break, or an encoded byte: as it is. */
		if (c == '=' && i + 1 == size) {
			buf_addchar(to, '=');
			return;
		}
		if (c == '=' && i + 2 < size && !must_go(line[i + 1]) &&
		    !must_go(line[i + 2])) {
			atom[1] = line[++i];
			atom[2] = line[++i];
		}
		/* A '=' alone would make text of the code behind it. */
		bool lost = c == '=' && atom[1] == '\0' &&
		    (i + 2 < size || must_go(line[i + 1]));

		if (must_go((char)c) || lost)
			add_byte(to, &column, c, i + 1 == size);
		else
			add_atom(to, &column, atom, i + 1 == size);
	}
}
