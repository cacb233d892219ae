#include "server/agent/wlr/output.h"

#include "common/base/log.h"

#include <stdio.h>
#include <string.h>
#include <xdg-output-client-protocol.h>

/* wl_output.done and scale came with 2, the name with 4. */
#define OUTPUT_VERSION_MIN 2
#define OUTPUT_VERSION     4
/* From 3 on wl_output.done ends what is told of a place, too. */
#define PLACES_VERSION 3

#define HEADLESS "HEADLESS-"

/* NULL: it has gone. */
static struct wlr_output *find(struct wlr_outputs *o, const struct wl_output *proxy)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->all[i].proxy == proxy)
			return &o->all[i];
	return NULL;
}

static void on_geometry(void *user, struct wl_output *proxy, int32_t x, int32_t y, int32_t width_mm,
	int32_t height_mm, int32_t subpixel, const char *make, const char *model, int32_t transform)
{
	struct wlr_output *o = find(user, proxy);

	/* Of compositors of this family the place is 0, 0 here. */
	(void)x;
	(void)y;
	(void)width_mm;
	(void)height_mm;
	(void)subpixel;
	(void)make;
	(void)model;
	if (o)
		o->transform = transform;
}

static void on_mode(void *user, struct wl_output *proxy, uint32_t flags, int32_t width_px,
	int32_t height_px, int32_t refresh)
{
	struct wlr_output *o = find(user, proxy);

	(void)refresh;
	if (!o || !(flags & WL_OUTPUT_MODE_CURRENT))
		return;
	o->width_px = (uint32_t)MAX(width_px, 0);
	o->height_px = (uint32_t)MAX(height_px, 0);
}

static void on_done(void *user, struct wl_output *proxy)
{
	struct wlr_outputs *o = user;

	(void)proxy;
	o->changed = true;
}

static void on_scale(void *user, struct wl_output *proxy, int32_t scale)
{
	struct wlr_output *o = find(user, proxy);

	if (o)
		o->scale = scale;
}

static void on_name(void *user, struct wl_output *proxy, const char *name)
{
	struct wlr_output *o = find(user, proxy);

	if (o && strlen(name) < sizeof(o->name))
		snprintf(o->name, sizeof(o->name), "%s", name);
}

static void on_description(void *user, struct wl_output *proxy, const char *description)
{
	(void)user;
	(void)proxy;
	(void)description;
}

static const struct wl_output_listener listener = {
	.geometry = on_geometry,
	.mode = on_mode,
	.done = on_done,
	.scale = on_scale,
	.name = on_name,
	.description = on_description,
};

/* --- places --- */

static struct wlr_output *find_placed(struct wlr_outputs *o, const struct zxdg_output_v1 *place)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->all[i].place == place)
			return &o->all[i];
	return NULL;
}

static void on_position(void *user, struct zxdg_output_v1 *place, int32_t x, int32_t y)
{
	struct wlr_output *o = find_placed(user, place);

	if (!o)
		return;
	o->x = x;
	o->y = y;
}

static void on_logical_size(void *user, struct zxdg_output_v1 *place, int32_t width, int32_t height)
{
	struct wlr_output *o = find_placed(user, place);

	(void)height;
	if (o)
		o->logical_width = MAX(width, 0);
}

static void on_placed(void *user, struct zxdg_output_v1 *place)
{
	(void)place;
	((struct wlr_outputs *)user)->changed = true;
}

static void on_place_name(void *user, struct zxdg_output_v1 *place, const char *name)
{
	(void)user;
	(void)place;
	(void)name;
}

static const struct zxdg_output_v1_listener place_listener = {
	.logical_position = on_position,
	.logical_size = on_logical_size,
	.done = on_placed,
	.name = on_place_name,
	.description = on_place_name,
};

static void ask_place(struct wlr_outputs *o, struct wlr_output *output)
{
	if (!o->places || output->place)
		return;
	output->place = zxdg_output_manager_v1_get_xdg_output(o->places, output->proxy);
	zxdg_output_v1_add_listener(output->place, &place_listener, o);
}

void wlr_outputs_add_places(
	struct wlr_outputs *o, struct wl_registry *registry, uint32_t global, uint32_t version)
{
	if (o->places)
		return;
	o->places = wl_registry_bind(registry, global, &zxdg_output_manager_v1_interface,
		MIN(version, (uint32_t)PLACES_VERSION));
	for (size_t i = 0; i < o->count; i++)
		ask_place(o, &o->all[i]);
}

/* --- coming and going --- */

static void drop(struct wlr_output *output)
{
	if (output->place)
		zxdg_output_v1_destroy(output->place);
	wl_output_destroy(output->proxy);
}

void wlr_outputs_add(
	struct wlr_outputs *o, struct wl_registry *registry, uint32_t global, uint32_t version)
{
	if (version < OUTPUT_VERSION_MIN || o->count == WLR_OUTPUTS_MAX) {
		log_warn("a screen of the compositor is left out: %s",
			version < OUTPUT_VERSION_MIN ? "it is described by an old protocol"
						     : "there are too many");
		return;
	}
	struct wlr_output *added = &o->all[o->count++];
	*added = (struct wlr_output){ .global = global, .scale = 1 };
	added->proxy = wl_registry_bind(
		registry, global, &wl_output_interface, MIN(version, (uint32_t)OUTPUT_VERSION));
	wl_output_add_listener(added->proxy, &listener, o);
	ask_place(o, added);
}

void wlr_outputs_remove(struct wlr_outputs *o, uint32_t global)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->all[i].global == global) {
			drop(&o->all[i]);
			memmove(&o->all[i], &o->all[i + 1], (--o->count - i) * sizeof(o->all[0]));
			o->changed = true;
			return;
		}
}

void wlr_outputs_finish(struct wlr_outputs *o)
{
	for (size_t i = 0; i < o->count; i++)
		drop(&o->all[i]);
	o->count = 0;
	if (o->places)
		zxdg_output_manager_v1_destroy(o->places);
	o->places = NULL;
}

bool wlr_outputs_have(const struct wlr_outputs *o, uint32_t global)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->all[i].global == global)
			return true;
	return false;
}

bool wlr_output_is_headless(const struct wlr_output *o)
{
	const char *number = o->name + strlen(HEADLESS);

	return strncmp(o->name, HEADLESS, strlen(HEADLESS)) == 0 && number[0] != '\0' &&
	       strspn(number, "0123456789") == strlen(number);
}
