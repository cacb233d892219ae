/* High-resolution wheel to the notches that X11's core protocol knows: what is left of a notch is
 * kept. */
#pragma once

#define WHEEL_NOTCH 120 /* as libinput, Windows and evdev's REL_WHEEL_HI_RES have it */

struct wheel {
	int rest_x, rest_y; /* -119 .. 119 */
};

/* Adds delta to *rest and takes whole notches out of it: their count, with sign. A turn back drops
 * what was left. */
int wheel_notches(int *rest, int delta);
