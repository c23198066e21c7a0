/* check_list_stage.c - a mailbox of five letters, and typing on its list. */
#include "tests/check_list_stage.h"

#include <stdio.h>
#include <string.h>

#include "tests/check_folder.h"

void
five_letters(void)
{
	folder_enter();
	stage_box();
	stage_letter("1795313601.M1P1Q1.desk:2,S", "Eve <eve@e.example>",
	    "plan");
	stage_letter("1795313602.M1P1Q1.desk:2,FS", "Bob <bob@b.example>",
	    "lunch");
	stage_letter("1795313603.M1P1Q1.desk", "Alice <alice@a.example>",
	    "report");
	stage_letter("1795313604.M1P1Q1.desk:2,RS", "Eve <eve@e.example>",
	    "answer");
	stage_letter("1795313605.M1P1Q1.desk", "Carol <carol@c.example>",
	    "budget");
}

bool
type(const int *keys, const char *text, const int *more)
{
	int all[200];
	size_t n = 0;

	while (*keys != 0)
		all[n++] = *keys++;
	while (*text != '\0')
		all[n++] = (unsigned char)*text++;
	all[n++] = K_RETURN;
	while (*more != 0)
		all[n++] = *more++;
	all[n] = 0;
	return stage_run("box", 12, 80, all);
}

const char *
subjects(void)
{
	static char text[400];

	text[0] = '\0';
	for (int row = 1; row < 10; row++) {
		const char *line = stage_row(row);
		const char *last;
		size_t size = strlen(line);

		while (size > 0 && line[size - 1] == ' ')
			size--;
		if (size == 0)
			break;
		last = line + size;
		while (last > line && last[-1] != ' ')
			last--;
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%.*s", text[0] == '\0' ? "" : " ",
		    (int)(line + size - last), last);
	}
	return text;
}
