#include "server/supervisor/worker_child.h"

#include <stdio.h>

const char *worker_child_name(const struct worker_child *w, const struct registry *registry,
	char out[static WORKER_CHILD_NAME_MAX_BYTES])
{
	const struct registry_device *d = registry_find_any(registry, w->fingerprint);
	const struct registry_invitation *i =
		d ? NULL : registry_find_invitation(registry, w->fingerprint);

	if (w->device[0] != '\0')
		snprintf(out, WORKER_CHILD_NAME_MAX_BYTES, "%s (%s)", w->device, w->peer);
	else if (d || i)
		snprintf(out, WORKER_CHILD_NAME_MAX_BYTES, "%s with the %s %s", w->peer,
			d ? "certificate of" : "invitation for", d ? d->name : i->name);
	else
		snprintf(out, WORKER_CHILD_NAME_MAX_BYTES, "%s", w->peer);
	return out;
}

unsigned worker_child_sessions(const struct worker_child *first)
{
	unsigned count = 0;

	for (const struct worker_child *w = first; w; w = w->next)
		count += w->phase == WORKER_SESSION;
	return count;
}
