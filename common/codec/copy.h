/* Moves parts of a picture within it, as a COPY section says. All of them read what stood there
 * before any was written. */
#pragma once

#include "common/codec/slice.h"

/* staging is a picture of the same size, whose content is lost. It is used where no order of
 * copying is right for all sources and targets. */
void codec_copy_apply(const struct codec_picture *picture, const struct codec_picture *staging,
	const struct codec_copies *copies);
