/* check_index_rows.c - an index of the box with messages, for tests. */
#include "tests/check_index_rows.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/db.h"
#include "tests/check_box.h"

static const char mail[] = "Subject: x\n\ntext\n";
static const struct delivery envelope = { "a@x", "b@x", "", "", "", "", "",
	"" };

static sqlite3 *reader;

void
rows_deliver(struct index *index)
{
	box_deliver(index, mail, &envelope);
}

struct index *
rows_open(int count)
{
	struct index *index = index_open(&box);

	ck_assert_ptr_nonnull(index);
	for (int i = 0; i < count; i++)
		rows_deliver(index);
	return index;
}

off_t
rows_size(const char *path)
{
	struct stat st;

	ck_assert_msg(stat(path, &st) == 0, "%s", path);
	return st.st_size;
}

void
rows_stop_reading(void)
{
	sqlite3_close(reader);
	reader = NULL;
}

struct index *
rows_open_in_log(int count)
{
	struct index *index = rows_open(0);
	off_t size = rows_size(ROWS_INDEX);

	rows_stop_reading();
	reader = db_open(ROWS_INDEX, DB_READ, false);
	ck_assert_int_eq(db_exec(reader, "BEGIN; SELECT count(*) FROM message"),
	    0);
	for (int i = 0; i < count; i++)
		rows_deliver(index);
	ck_assert_int_eq(rows_size(ROWS_INDEX), size);
	return index;
}

const char *
rows_ask(const char *file, const char *sql)
{
	static char answer[256];
	sqlite3 *db = db_open(file, DB_WRITE, false);
	sqlite3_stmt *statement = db_prepare(db, sql);

	ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
	snprintf(answer, sizeof(answer), "%s", db_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return answer;
}

void
rows_assert_whole(int count)
{
	struct index *index = index_open(&box);

	ck_assert_ptr_nonnull(index);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), count);
	index_close(index);
	ck_assert_str_eq(rows_ask(ROWS_INDEX, "PRAGMA integrity_check"), "ok");
}

void
rows_wipe_page(const char *file, int number)
{
	static const char zeros[2048];
	int fd = open(file, O_RDWR | O_CLOEXEC);

	ck_assert_int_eq(pwrite(fd, zeros, sizeof(zeros),
			     (number - 1) * (off_t)sizeof(zeros)),
	    sizeof(zeros));
	close(fd);
}
