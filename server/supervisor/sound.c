#include "server/supervisor/sound.h"

#include "server/supervisor/child_log.h"
#include "server/supervisor/supervisor.h"

#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int on_log(void *owner, const void *body, int *fd)
{
	const struct sound_child *c = owner;
	char who[REGISTRY_NAME_MAX_BYTES + 16];

	(void)fd;
	snprintf(who, sizeof(who), "sound (%s)", c->device);
	child_log(who, body);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	const struct sound_child *c = owner;

	(void)record;
	child_refused(&c->child, what);
}

static const struct dispatch_rule rules[] = { { RECORD_LOG, DISPATCH_ALWAYS, on_log, 0 } };

static const struct dispatch dispatch = {
	.records = &sound_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.refuse = refuse,
};

static void on_ended(struct child *c, int status)
{
	struct sound_child *s = c->owner;
	char text[128];

	s->running = false;
	if (status != 0 && !s->supervisor->stopping)
		log_warn("%s: farseat-sound %s", s->device,
			process_status_text(status, text, sizeof(text)));
}

static struct sound_child *free_place(struct supervisor *s)
{
	for (size_t i = 0; i < STARTER_SOUND_MAX; i++)
		if (!s->sounds[i].running)
			return &s->sounds[i];
	return NULL;
}

static void send_config(struct sound_child *c)
{
	struct sound_record record = { .type = RECORD_SOUND_CONFIG };
	struct record_sound_config *config = &record.sound_config;
	char path[PATH_MAX];

	/* A virtual session's own server (server/agent/sound_server.h); else the user's. */
	if (c->supervisor->settings.virtual_width_px > 0 &&
		path_of(PATH_RUNTIME, RECORD_SOUND_SOCKET, path) == 0 &&
		strlen(path) < sizeof(config->server))
		memcpy(config->server, path, strlen(path) + 1);
	child_send(&c->child, &record, -1);
}

static int start(struct sound_child *c, const struct worker_child *w, int wire_fd)
{
	struct supervisor *s = w->supervisor;
	const struct child_spec spec = {
		.program = "farseat-sound",
		.dispatch = &dispatch,
		.extra_fd = wire_fd,
		.by = &s->starters,
		.kind = (enum starter_kind)(STARTER_SOUND + (c - s->sounds)),
	};

	memset(c, 0, sizeof(*c));
	c->supervisor = s;
	c->child.owner = c;
	c->worker = w->id;
	memcpy(c->device, w->device, sizeof(c->device));
	int r = child_start(&c->child, &s->loop, &spec, on_ended);
	c->running = r == 0;
	return r;
}

enum wire_sound_stop_reason sound_begin(struct worker_child *w, int *channel)
{
	int pair[2] = { -1, -1 };

	if (!(w->caps & WIRE_CAP_SOUND))
		return WIRE_SOUND_NOT_ALLOWED;
	sound_end(w);
	struct sound_child *c = free_place(w->supervisor);
	int r = c ? ipc_pair(pair) : -EBUSY;
	if (r == 0)
		r = start(c, w, pair[0]);
	fd_close(&pair[0]);
	if (r < 0) {
		log_warn("%s (%s): no sound: cannot start farseat-sound: %s", w->device, w->peer,
			strerror(-r));
		fd_close(&pair[1]);
		return WIRE_SOUND_NONE;
	}
	send_config(c);
	*channel = pair[1];
	return WIRE_SOUND_SILENT;
}

void sound_end(const struct worker_child *w)
{
	struct sound_child *all = w->supervisor->sounds;

	for (size_t i = 0; i < STARTER_SOUND_MAX; i++)
		if (all[i].running && all[i].worker == w->id)
			child_end(&all[i].child, 0);
}

void sound_stop(struct supervisor *s)
{
	for (size_t i = 0; i < STARTER_SOUND_MAX; i++)
		if (s->sounds[i].running)
			child_close(&s->sounds[i].child);
}
