/* What kind of session the settings ask for. */
#pragma once

#include "server/registry/settings.h"

/*
 * Whether it is a Wayland compositor's, which farseat-agent-wayland shows: one that is named, or a
 * virtual one whose command is a compositor of the wlroots family. That is told by the command's first
 * word, which is the compositor's name or path, or sets one of the variables of wlroots (WLR_...).
 */
bool settings_is_wayland(const struct settings *s);
