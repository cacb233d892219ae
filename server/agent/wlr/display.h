/* The display of a Wayland session whose compositor is of the wlroots family: sway, labwc, river. */
#pragma once

#include "server/agent/display.h"

extern const struct display_impl wlr_display_impl;
