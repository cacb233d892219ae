/* CLIPBOARD: wl_data_device of the core protocol. Drags are SDL's. */
#include "client/window/wayland_protocols.h"

#include <wayland-client.h>

static void on_name(void *user, struct wl_data_offer *offer, const char *name)
{
	wayland_device_named(user, offer, name);
}

static void on_source_actions(void *user, struct wl_data_offer *offer, uint32_t actions)
{
	(void)user, (void)offer, (void)actions;
}

static void on_offer_action(void *user, struct wl_data_offer *offer, uint32_t action)
{
	(void)user, (void)offer, (void)action;
}

static const struct wl_data_offer_listener offer_listener = {
	.offer = on_name, .source_actions = on_source_actions, .action = on_offer_action
};

static void on_offer(void *user, struct wl_data_device *device, struct wl_data_offer *offer)
{
	(void)device;
	wayland_device_offered(user, offer);
}

static void on_enter(void *user, struct wl_data_device *device, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y, struct wl_data_offer *offer)
{
	(void)user, (void)device, (void)serial, (void)surface, (void)x, (void)y, (void)offer;
}

static void on_leave(void *user, struct wl_data_device *device)
{
	(void)user, (void)device;
}

static void on_motion(
	void *user, struct wl_data_device *device, uint32_t ms, wl_fixed_t x, wl_fixed_t y)
{
	(void)user, (void)device, (void)ms, (void)x, (void)y;
}

static void on_drop(void *user, struct wl_data_device *device)
{
	(void)user, (void)device;
}

static void on_selection(void *user, struct wl_data_device *device, struct wl_data_offer *offer)
{
	(void)device;
	wayland_device_selected(user, offer);
}

static const struct wl_data_device_listener device_listener = {
	.data_offer = on_offer,
	.enter = on_enter,
	.leave = on_leave,
	.motion = on_motion,
	.drop = on_drop,
	.selection = on_selection,
};

static void on_target(void *user, struct wl_data_source *source, const char *name)
{
	(void)user, (void)source, (void)name;
}

static void on_send(void *user, struct wl_data_source *source, const char *name, int32_t fd)
{
	wayland_device_asked(user, source, name, fd);
}

static void on_cancelled(void *user, struct wl_data_source *source)
{
	wayland_device_cancelled(user, source);
}

static void on_dropped(void *user, struct wl_data_source *source)
{
	(void)user, (void)source;
}

static void on_finished(void *user, struct wl_data_source *source)
{
	(void)user, (void)source;
}

static void on_action(void *user, struct wl_data_source *source, uint32_t action)
{
	(void)user, (void)source, (void)action;
}

static const struct wl_data_source_listener source_listener = {
	.target = on_target,
	.send = on_send,
	.cancelled = on_cancelled,
	.dnd_drop_performed = on_dropped,
	.dnd_finished = on_finished,
	.action = on_action,
};

static void *open_device(struct wayland_device *d, struct wl_seat *seat)
{
	struct wl_data_device *device = wl_data_device_manager_get_data_device(d->manager, seat);

	if (device)
		wl_data_device_add_listener(device, &device_listener, d);
	return device;
}

static void close_device(void *device)
{
	if (wl_data_device_get_version(device) >= WL_DATA_DEVICE_RELEASE_SINCE_VERSION)
		wl_data_device_release(device);
	else
		wl_data_device_destroy(device);
}

static void *new_source(struct wayland_device *d)
{
	struct wl_data_source *source = wl_data_device_manager_create_data_source(d->manager);

	if (source)
		wl_data_source_add_listener(source, &source_listener, d);
	return source;
}

static void name_source(void *source, const char *name)
{
	wl_data_source_offer(source, name);
}

static void destroy_source(void *source)
{
	wl_data_source_destroy(source);
}

static void select_source(void *device, void *source, uint32_t serial)
{
	wl_data_device_set_selection(device, source, serial);
}

static void listen_to_offer(struct wayland_device *d, void *offer)
{
	wl_data_offer_add_listener(offer, &offer_listener, d);
}

static void receive(void *offer, const char *name, int fd)
{
	wl_data_offer_receive(offer, name, fd);
}

static void destroy_offer(void *offer)
{
	wl_data_offer_destroy(offer);
}

static void destroy_manager(void *manager)
{
	wl_data_device_manager_destroy(manager);
}

const struct wayland_device_impl wayland_data_impl = {
	.open = open_device,
	.close = close_device,
	.source_new = new_source,
	.source_name = name_source,
	.source_destroy = destroy_source,
	.select = select_source,
	.offer_listen = listen_to_offer,
	.offer_receive = receive,
	.offer_destroy = destroy_offer,
	.manager_destroy = destroy_manager,
};
