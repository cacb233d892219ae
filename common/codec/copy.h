/* Moves parts of a picture within it, as a COPY section says: all of them read what stood there
 * before any was written. */
#pragma once

#include "common/codec/slice.h"

/* staging: a picture of the same size whose content is lost, for where source and target overlap in
 * ways that order can't heal. */
void codec_copy_apply(const struct codec_picture *picture, const struct codec_picture *staging,
	const struct codec_copies *copies);
