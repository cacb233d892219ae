/* SDL's video, started as windows of ours need it. farseat. */
#pragma once

#include "common/base/macros.h"

/*
 * Starts it with our hints, and takes over the signals that end us. -EIO: there is no display that
 * somebody can see; why is said on stderr.
 */
int video_start(void) MUST_CHECK;
