/*
 * Which ways the clipboard goes, as the person at the laptop chose for a workstation: --clipboard,
 * `clipboard =` in workstation.conf, and the window's menu. What the workstation allows is its own
 * matter (capabilities). farseat.
 */
#pragma once

enum clipboard_mode {
	CLIPBOARD_BOTH, /* as long as nobody chose */
	CLIPBOARD_TO,   /* from this laptop to the workstation */
	CLIPBOARD_FROM, /* from the workstation to this laptop */
	CLIPBOARD_OFF,
	CLIPBOARD_MODES,
};

/* "both", "to", "from", "off": enum clipboard_mode; -1 for another word. */
int clipboard_mode_parse(const char *word);
const char *clipboard_mode_name(enum clipboard_mode mode);
