/* wlr-data-control as a table of common/clipboard/wayland_device.h, one for each selection. */
#pragma once

#include "common/clipboard/wayland_device.h"

/* The newest that is known here. PRIMARY came with 2. */
#define WLR_DATA_CONTROL_VERSION 2

extern const struct wayland_device_impl wlr_data_control_clipboard_impl,
	wlr_data_control_primary_impl;
