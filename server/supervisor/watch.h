/* Watches the registry's file for changes that nobody tells the daemon about. */
#pragma once

#include <stdbool.h>
#include <uv.h>

struct supervisor;

struct registry_watch {
	uv_fs_event_t events;
	uv_timer_t settled;
	bool open;
};

void watch_open(struct supervisor *s);
void watch_close(struct supervisor *s);
