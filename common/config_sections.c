/* config_sections.c - one row a kind of section that has a name. */
#include "common/config_sections.h"

#include <stdlib.h>
#include <string.h>

#include "common/config.h"

static const char *const sections[PART_COUNT] = {
	[PART_LISTENER] = "listen",
	[PART_ROUTE] = "route",
};

const char *
config_part_section(enum config_part part)
{
	return sections[part];
}

enum config_part
config_part_named(const char *section, const char **name)
{
	for (int part = 0; part < PART_COUNT; part++) {
		size_t length =
		    sections[part] == NULL ? 0 : strlen(sections[part]);

		if (length > 0 &&
		    strncmp(section, sections[part], length) == 0 &&
		    section[length] == ' ') {
			*name = section + length + 1;
			return (enum config_part)part;
		}
	}
	*name = section;
	return PART_WHOLE;
}

size_t
config_part_count(const struct config *config, enum config_part part)
{
	switch (part) {
	case PART_LISTENER:
		return config->listener_count;
	case PART_ROUTE:
		return config->route_count;
	default:
		return 1;
	}
}

void *
config_part_at(struct config *config, enum config_part part, size_t n)
{
	switch (part) {
	case PART_LISTENER:
		return &config->listeners[n];
	case PART_ROUTE:
		return &config->routes[n];
	default:
		return config;
	}
}

const void *
config_part_look(const struct config *config, enum config_part part, size_t n)
{
	switch (part) {
	case PART_LISTENER:
		return &config->listeners[n];
	case PART_ROUTE:
		return &config->routes[n];
	default:
		return config;
	}
}

const char *
config_part_name(const struct config *config, enum config_part part, size_t n)
{
	switch (part) {
	case PART_LISTENER:
		return config->listeners[n].name;
	case PART_ROUTE:
		return config->routes[n].name;
	default:
		return NULL;
	}
}

bool
config_is_section_name(const char *name)
{
	return *name != '\0' && strlen(name) <= 32 &&
	    name[strspn(name,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] == '\0';
}

static void
add_listener(struct config *config, const char *name)
{
	size_t n = config->listener_count++;

	config->listeners = xrealloc(config->listeners,
	    config->listener_count * sizeof(*config->listeners));
	config->listeners[n] = (struct listener){ .name = xstrdup(name) };
}

static void
add_route(struct config *config, const char *name)
{
	size_t n = config->route_count++;

	config->routes = xrealloc(config->routes,
	    config->route_count * sizeof(*config->routes));
	config->routes[n] = (struct route_rule){ .name = xstrdup(name) };
}

void
config_part_add(struct config *config, enum config_part part, const char *name)
{
	if (part == PART_LISTENER)
		add_listener(config, name);
	else
		add_route(config, name);
	config_set_fallbacks(part,
	    config_part_at(config, part, config_part_count(config, part) - 1));
}

void
config_clear_parts(struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		config_clear(PART_LISTENER, &config->listeners[i]);
		free(config->listeners[i].name);
	}
	for (size_t i = 0; i < config->route_count; i++) {
		config_clear(PART_ROUTE, &config->routes[i]);
		free(config->routes[i].name);
	}
	free(config->listeners);
	free(config->routes);
	config_clear(PART_WHOLE, config);
}
