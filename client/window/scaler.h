/*
 * Draws a part of the shared picture to another one, scaled: copied at 1:1, repeated at whole
 * factors, averaged over the covered area when smaller, linear otherwise. farseat, when it has no
 * GPU to do it; reads pixels that farseat-link may be changing: at worst they look torn.
 */
#pragma once

#include "client/window/area.h"

#include <stddef.h>
#include <stdint.h>

struct scaler;

/* A scaler that holds the tables for one pair of sizes; -ENOMEM. destroy takes NULL. */
int scaler_create(struct scaler **out) MUST_CHECK;
void scaler_destroy(struct scaler *s);

struct scaler_picture {
	const uint8_t *pixels; /* B G R X */
	size_t stride_bytes;
	int width_px, height_px;
};

/*
 * from    the whole picture; borrowed.
 * to      pixels of the window, B G R X, at (0, 0) of the window's coordinates.
 * target  where the whole picture lies in the window.
 * clip    the window's pixels to draw: must lie within target and within the window.
 *
 * 0, or -ENOMEM.
 */
int scaler_draw(struct scaler *s, const struct scaler_picture *from, uint8_t *to,
	size_t to_stride_bytes, struct area target, struct area clip) MUST_CHECK;
