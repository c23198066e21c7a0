/*
 * query.c - a query as it is typed, made a tree.
 *
 *   any    = all *( ( "or" / "|" ) all )
 *   all    = 1*( [ "and" ] factor )
 *   factor = *( "not" / "-" / "!" ) ( "(" any ")" / term )
 *   term   = [ NAME ":" ] ( word / DQUOTE words DQUOTE )
 *
 * What is NAME:VALUE is read by query_field.c.  A name is of letters, and
 * something stands behind its colon that is no "/": http://x is a word.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "maildir/query_field.h"

struct parser {
	struct query *query;
	const char *at;
	int depth; /* of brackets */
	struct query_fault fault;
};

/* Children in the order they came. */
struct children {
	struct query_term *first;
	struct query_term **last;
	size_t count;
};

static void
free_terms(struct query_term *term)
{
	while (term != NULL) {
		struct query_term *next = term->next;

		free_terms(term->child);
		phrase_clear(&term->phrase);
		free(term->text);
		free(term);
		term = next;
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_blanks(struct parser *parser)
{
	while (is_blank(*parser->at))
		parser->at++;
}

static bool
ends_word(const struct parser *parser, char c)
{
	return c == '\0' || is_blank(c) || (c == ')' && parser->depth > 0);
}

/* Whether WORD stands here by itself; skips it then. */
static bool
skip_word(struct parser *parser, const char *word)
{
	size_t length = strlen(word);

	skip_blanks(parser);
	if (strncasecmp(parser->at, word, length) != 0 ||
	    !(ends_word(parser, parser->at[length]) ||
		parser->at[length] == '('))
		return false;
	parser->at += length;
	return true;
}

/* What stands in quotes here, or up to the end of the word. */
static bool
take_text(struct parser *parser, struct buf *text, bool *quoted_out)
{
	*quoted_out = *parser->at == '"';
	if (!*quoted_out) {
		while (!ends_word(parser, *parser->at))
			buf_addchar(text, *parser->at++);
		return true;
	}
	parser->at++;
	while (*parser->at != '"' && *parser->at != '\0')
		buf_addchar(text, *parser->at++);
	if (*parser->at == '\0')
		return query_refuse(&parser->fault,
		    "A quotation mark at the end is missing.");
	parser->at++;
	return true;
}

/* The length of the name of a field here, 0 without. */
static size_t
name_length(const struct parser *parser)
{
	size_t n = 0;

	while (isalpha((unsigned char)parser->at[n]))
		n++;
	return parser->at[n] == ':' && parser->at[n + 1] != '/' ? n : 0;
}

static struct query_term *
new_term(struct parser *parser, enum query_kind kind)
{
	struct query_term *term;

	if (parser->query->terms >= QUERY_TERMS_MAX) {
		query_refuse(&parser->fault, "That is too much to look for.");
		return NULL;
	}
	term = xcalloc(1, sizeof(*term));
	term->kind = kind;
	term->number = parser->query->terms++;
	return term;
}

static bool
fill_term(struct parser *parser, struct query_term *term)
{
	size_t length = name_length(parser);
	char *name = xasprintf("%.*s", (int)length, parser->at);
	struct query_value value = { .name = name };
	struct buf text = BUF_INIT;
	bool good;

	if (length > 0)
		parser->at += length + 1;
	good = take_text(parser, &text, &value.quoted);
	value.text = text.data;
	if (good && length > 0)
		good = query_set_field(parser->query, term, &value,
		    &parser->fault);
	else if (good)
		good = query_set_words(parser->query, term, ANYWHERE,
		    value.text, value.quoted, &parser->fault);
	buf_clear(&text);
	free(name);
	return good;
}

static struct query_term *
parse_term(struct parser *parser)
{
	struct query_term *term = new_term(parser, QUERY_WORDS);

	if (term == NULL || fill_term(parser, term))
		return term;
	free_terms(term);
	return NULL;
}

static void
add_child(struct children *children, struct query_term *term)
{
	if (children->count++ == 0)
		children->last = &children->first;
	*children->last = term;
	children->last = &term->next;
}

/* One child stands for itself. */
static struct query_term *
join(struct parser *parser, enum query_kind kind, struct children *children)
{
	struct query_term *term = children->first;

	if (children->count < 2)
		return term;
	term = new_term(parser, kind);
	if (term == NULL)
		free_terms(children->first);
	else
		term->child = children->first;
	return term;
}

/* The grammar is recursive. */
static struct query_term *parse_any(struct parser *parser);

/* Behind the opening bracket. */
static struct query_term *
parse_brackets(struct parser *parser)
{
	struct query_term *term;

	if (parser->depth == QUERY_DEPTH_MAX) {
		query_refuse(&parser->fault, "That are too many brackets.");
		return NULL;
	}
	parser->depth++;
	term = parse_any(parser);
	skip_blanks(parser);
	parser->depth--;
	if (term != NULL && *parser->at != ')') {
		query_refuse(&parser->fault, "A closing bracket is missing.");
		free_terms(term);
		return NULL;
	}
	parser->at += *parser->at == ')';
	return term;
}

static bool
skip_negation(struct parser *parser)
{
	if (skip_word(parser, "not"))
		return true;
	if (*parser->at != '-' && *parser->at != '!')
		return false;
	parser->at++;
	return true;
}

/* Whether an "or", a closing bracket or the end is next. */
static bool
ends_all(struct parser *parser)
{
	const char *at;
	bool ends;

	skip_blanks(parser);
	at = parser->at;
	ends = *at == '\0' || (*at == ')' && parser->depth > 0) ||
	    skip_word(parser, "or") || skip_word(parser, "|");
	parser->at = at;
	return ends;
}

static struct query_term *
parse_factor(struct parser *parser)
{
	struct children inner = { .count = 0 };
	struct query_term *term;
	bool negated = false;

	while (skip_negation(parser))
		negated = !negated;
	if (ends_all(parser) || skip_word(parser, "and")) {
		query_refuse(&parser->fault,
		    "Something to look for is missing.");
		return NULL;
	}
	if (*parser->at == '(') {
		parser->at++;
		term = parse_brackets(parser);
	} else {
		term = parse_term(parser);
	}
	if (term == NULL || !negated)
		return term;
	add_child(&inner, term);
	term = new_term(parser, QUERY_NOT);
	if (term == NULL)
		free_terms(inner.first);
	else
		term->child = inner.first;
	return term;
}

/* Terms as long as PARSE finds them and MORE says that one follows. */
static struct query_term *
parse_list(struct parser *parser, enum query_kind kind,
    struct query_term *(*parse)(struct parser *), bool (*more)(struct parser *))
{
	struct children children = { .count = 0 };

	do {
		struct query_term *term = parse(parser);

		if (term == NULL) {
			free_terms(children.first);
			return NULL;
		}
		add_child(&children, term);
	} while (more(parser));
	return join(parser, kind, &children);
}

static bool
more_factors(struct parser *parser)
{
	return !ends_all(parser) &&
	    (skip_word(parser, "and") || *parser->at != '\0');
}

static struct query_term *
parse_all(struct parser *parser)
{
	return parse_list(parser, QUERY_AND, parse_factor, more_factors);
}

static bool
more_alternatives(struct parser *parser)
{
	return skip_word(parser, "or") || skip_word(parser, "|");
}

static struct query_term *
parse_any(struct parser *parser)
{
	return parse_list(parser, QUERY_OR, parse_all, more_alternatives);
}

struct query *
query_parse(const char *text, char *why, size_t size)
{
	struct query *query = xcalloc(1, sizeof(*query));
	struct parser parser = {
		.query = query,
		.at = text,
		.fault = { why, size },
	};

	query->breaker = word_breaker_new();
	skip_blanks(&parser);
	if (*parser.at == '\0')
		return query;
	query->root = parse_any(&parser);
	if (query->root != NULL)
		return query;
	query_free(query);
	return NULL;
}

void
query_free(struct query *query)
{
	if (query == NULL)
		return;
	free_terms(query->root);
	word_breaker_free(query->breaker);
	free(query);
}

static bool
reads_text(const struct query_term *term)
{
	for (; term != NULL; term = term->next)
		if ((term->kind == QUERY_WORDS &&
			(term->places & IN_TEXT) != 0) ||
		    reads_text(term->child))
			return true;
	return false;
}

bool
query_reads_text(const struct query *query)
{
	return reads_text(query->root);
}
