/* The two protocols by which a window with the focus reaches the clipboard on Wayland. farseat. */
#pragma once

#include "common/clipboard/wayland_device.h"

extern const struct wayland_device_impl wayland_data_impl, wayland_primary_impl;
