/* What a confined process may try, each as a function that says what became of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum probe_outcome {
	PROBE_KILLED, /* SIGSYS */
	PROBE_EACCES,
	PROBE_ENOSYS,
	PROBE_WORKS,
};

struct probe_world; /* made before the filter is entered */

struct probe {
	const char *name;
	/* 0: it worked; -errno. Runs inside the filter. */
	int (*run)(struct probe_world *w);
	enum probe_outcome outcome;
	bool tunnel_may; /* the tunnel's filter lets it, whatever the others' do */
};

extern const struct probe probes[];
extern const size_t probe_count;

/* Descriptors, threads and the like that exist before lock-down. NULL: that failed. */
struct probe_world *probe_world_create(void);
