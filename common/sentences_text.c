/*
 * sentences_text.c - explain.ini, in the program.
 *
 * The assembler copies it, byte for byte; the path is that from the top of the
 * source tree, where make runs.  The Makefile says that this object depends on
 * that file.
 */
#include "common/sentences.h"

#include <stdint.h>

__asm__(".pushsection .rodata\n"
	"explain_ini:\n"
	".incbin \"common/explain.ini\"\n"
	"explain_ini_end:\n"
	".balign 8\n"
	"explain_ini_size:\n"
	".quad explain_ini_end - explain_ini\n"
	".popsection\n");

extern const char explain_ini[];
extern const uint64_t explain_ini_size;

struct sentences_source
sentences_built_in(void)
{
	return (struct sentences_source){
		.name = "explain.ini",
		.text = explain_ini,
		.size = explain_ini_size,
	};
}
