/* The X11 display: an X server that is there (Xorg, Xvnc, XWayland with a root window), or one of
 * our own (server.h). */
#pragma once

#include "server/agent/display.h"

extern const struct display_impl x11_display_impl;
