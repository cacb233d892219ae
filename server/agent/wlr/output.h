/* The outputs of a compositor, as it tells of them: where they are, how large, and of what kind. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-client.h>

#define WLR_OUTPUTS_MAX 8 /* more monitors than one graphics card has */
/* Of a name that is kept, as "HEADLESS-1"; a longer one is no headless output's. */
#define WLR_OUTPUT_NAME_BYTES 24

/* A monitor, or a headless output. */
struct wlr_output {
	uint32_t global;              /* its name in the registry, which no later one gets */
	struct wl_output *proxy;      /* owned */
	struct zxdg_output_v1 *place; /* owned; NULL: nobody tells */
	/* Where it is in the compositor's layout, and how wide there, in logical pixels; width 0: not
	 * told. */
	int32_t x, y, logical_width;
	int32_t scale;
	int32_t transform;                /* enum wl_output_transform */
	uint32_t width_px, height_px;     /* as the monitor has them: before it was turned */
	char name[WLR_OUTPUT_NAME_BYTES]; /* empty: not told, or too long */
};

struct wlr_outputs {
	struct zxdg_output_manager_v1 *places; /* owned; NULL: the compositor has none */
	struct wlr_output all[WLR_OUTPUTS_MAX];
	size_t count;
	bool changed; /* set here, cleared by whoever acts on it */
};

/* The registry has one. What is too much or too old is left out, and said. The outputs may not move
 * until they are finished. */
void wlr_outputs_add(
	struct wlr_outputs *o, struct wl_registry *registry, uint32_t global, uint32_t version);
/* The registry has what tells of places. */
void wlr_outputs_add_places(
	struct wlr_outputs *o, struct wl_registry *registry, uint32_t global, uint32_t version);
/* One of the registry has gone; nothing where it was no output. */
void wlr_outputs_remove(struct wlr_outputs *o, uint32_t global);
/* Lets go of all. A zeroed one is fine. */
void wlr_outputs_finish(struct wlr_outputs *o);

/* Whether that output is still there: whoever keeps a copy of it asks before its proxy is used. */
bool wlr_outputs_have(const struct wlr_outputs *o, uint32_t global);

/* Whether it is one without a monitor, whose size is anybody's to choose: by its name, which
 * compositors of this family give to no other ("HEADLESS-1"). */
bool wlr_output_is_headless(const struct wlr_output *o);
