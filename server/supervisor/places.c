#include "server/supervisor/places.h"

#include "common/base/log.h"
#include "server/supervisor/supervisor.h"

#include <string.h>

/* How many sessions the device has, and which is the oldest; NULL: none. */
static unsigned sessions_of(
	const struct supervisor *s, const struct registry_device *d, struct worker_child **oldest)
{
	unsigned count = 0;

	*oldest = NULL;
	for (struct worker_child *w = s->workers.first; w; w = w->next) {
		if (w->phase != WORKER_SESSION || strcmp(w->device_id, d->id) != 0)
			continue;
		count++;
		if (!*oldest || w->begun_ms < (*oldest)->begun_ms)
			*oldest = w;
	}
	return count;
}

const char *places_take(struct supervisor *s, const struct registry_device *d)
{
	const unsigned places = s->settings.limits.sessions;
	const bool may_type = settings_caps(&s->settings, d->caps) & WIRE_CAP_INPUT;
	const unsigned open_to_it = may_type || places == 1 ? places : places - 1;
	const unsigned all = worker_child_sessions(s->workers.first);
	struct worker_child *oldest;

	if (sessions_of(s, d, &oldest) < PLACES_OF_DEVICE_MAX && all < open_to_it)
		return NULL;
	if (!oldest)
		return all < places
			       ? "too many sessions at once: the last place is kept for a device that may type"
			       : "too many sessions at once";
	log_info("%s (%s): its oldest session makes room for a new one of the same device",
		oldest->device, oldest->peer);
	workers_end(oldest, WIRE_BYE_DISCONNECTED,
		"a newer session of this laptop has taken the place of this one");
	return NULL;
}
