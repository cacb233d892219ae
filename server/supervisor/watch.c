/* farseatctl changes the registry and then tells the daemon. This notices changes without that
 * word: a crash in between, or a restored backup. */
#include "server/supervisor/supervisor.h"

#include "common/base/log.h"

#include <string.h>

/* Several events belong to one change; farseatctl's own message usually comes earlier. */
#define SETTLE_MS 100

static void on_settled(uv_timer_t *timer)
{
	int ended = supervisor_reload(timer->data);

	if (ended > 0)
		log_info("the registry has changed: %d ended", ended);
}

static void on_event(uv_fs_event_t *watch, const char *name, int events, int status)
{
	struct supervisor *s = watch->data;

	(void)events;
	/* The folder is watched, since the file is replaced; its name is that of the registry. */
	if (status == 0 && name &&
		(strcmp(name, "registry.json") == 0 || strcmp(name, "registry.journal") == 0))
		uv_timer_start(&s->watch.settled, on_settled, SETTLE_MS, 0);
}

void watch_open(struct supervisor *s)
{
	char folder[PATH_MAX];
	int r = registry_path(folder);

	if (r == 0) {
		*strrchr(folder, '/') = '\0';
		uv_timer_init(&s->loop, &s->watch.settled);
		uv_fs_event_init(&s->loop, &s->watch.events);
		s->watch.events.data = s;
		s->watch.settled.data = s;
		s->watch.open = true;
		r = uv_fs_event_start(&s->watch.events, on_event, folder, 0);
	}
	if (r < 0)
		log_warn("the registry's folder cannot be watched: %s", uv_strerror(r));
}

void watch_close(struct supervisor *s)
{
	if (!s->watch.open)
		return;
	s->watch.open = false;
	uv_close((uv_handle_t *)&s->watch.events, NULL);
	uv_close((uv_handle_t *)&s->watch.settled, NULL);
}
