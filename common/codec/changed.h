/* The list of what a slice changed: merged into fewer, larger rectangles when it is full. */
#pragma once

#include "common/codec/codec.h"

void codec_changed_add(struct codec_changed *c, struct codec_rect rect);
