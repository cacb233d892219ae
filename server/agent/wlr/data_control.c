#include "server/agent/wlr/data_control.h"

#include <data-control-client-protocol.h>
#include <wayland-client.h>

/* Each selection has a device of its own, which hears of both: what is the other's is let go. */

static void on_name(void *user, struct zwlr_data_control_offer_v1 *offer, const char *name)
{
	wayland_device_named(user, offer, name);
}

static const struct zwlr_data_control_offer_v1_listener offer_listener = { .offer = on_name };

static void on_offer(void *user, struct zwlr_data_control_device_v1 *device,
	struct zwlr_data_control_offer_v1 *offer)
{
	(void)device;
	wayland_device_offered(user, offer);
}

static void take_selection(
	struct wayland_device *d, void *offer, enum clipboard_selection selection)
{
	if (d->selection == selection)
		wayland_device_selected(d, offer);
	else
		wayland_device_passed(d, offer);
}

static void on_selection(void *user, struct zwlr_data_control_device_v1 *device,
	struct zwlr_data_control_offer_v1 *offer)
{
	(void)device;
	take_selection(user, offer, CLIPBOARD_CLIPBOARD);
}

static void on_primary(void *user, struct zwlr_data_control_device_v1 *device,
	struct zwlr_data_control_offer_v1 *offer)
{
	(void)device;
	take_selection(user, offer, CLIPBOARD_PRIMARY);
}

/* The seat has gone: nothing is selected there any more. */
static void on_finished(void *user, struct zwlr_data_control_device_v1 *device)
{
	(void)device;
	wayland_device_selected(user, NULL);
}

static const struct zwlr_data_control_device_v1_listener device_listener = {
	.data_offer = on_offer,
	.selection = on_selection,
	.finished = on_finished,
	.primary_selection = on_primary,
};

static void on_send(
	void *user, struct zwlr_data_control_source_v1 *source, const char *name, int32_t fd)
{
	wayland_device_asked(user, source, name, fd);
}

static void on_cancelled(void *user, struct zwlr_data_control_source_v1 *source)
{
	wayland_device_cancelled(user, source);
}

static const struct zwlr_data_control_source_v1_listener source_listener = { .send = on_send,
	.cancelled = on_cancelled };

static void *open_device(struct wayland_device *d, struct wl_seat *seat)
{
	struct zwlr_data_control_device_v1 *device =
		zwlr_data_control_manager_v1_get_data_device(d->manager, seat);

	if (device)
		zwlr_data_control_device_v1_add_listener(device, &device_listener, d);
	return device;
}

static void close_device(void *device)
{
	zwlr_data_control_device_v1_destroy(device);
}

static void *new_source(struct wayland_device *d)
{
	struct zwlr_data_control_source_v1 *source =
		zwlr_data_control_manager_v1_create_data_source(d->manager);

	if (source)
		zwlr_data_control_source_v1_add_listener(source, &source_listener, d);
	return source;
}

static void name_source(void *source, const char *name)
{
	zwlr_data_control_source_v1_offer(source, name);
}

static void destroy_source(void *source)
{
	zwlr_data_control_source_v1_destroy(source);
}

/* Whoever may use this protocol needs no serial to prove a gesture. */
static void select_clipboard(void *device, void *source, uint32_t serial)
{
	(void)serial;
	zwlr_data_control_device_v1_set_selection(device, source);
}

static void select_primary(void *device, void *source, uint32_t serial)
{
	(void)serial;
	zwlr_data_control_device_v1_set_primary_selection(device, source);
}

static void listen_to_offer(struct wayland_device *d, void *offer)
{
	zwlr_data_control_offer_v1_add_listener(offer, &offer_listener, d);
}

static void receive(void *offer, const char *name, int fd)
{
	zwlr_data_control_offer_v1_receive(offer, name, fd);
}

static void destroy_offer(void *offer)
{
	zwlr_data_control_offer_v1_destroy(offer);
}

static void destroy_manager(void *manager)
{
	zwlr_data_control_manager_v1_destroy(manager);
}

#define DEVICE_IMPL(SELECT)                                                                        \
	{                                                                                          \
		.open = open_device, .close = close_device, .source_new = new_source,              \
		.source_name = name_source, .source_destroy = destroy_source, .select = (SELECT),  \
		.offer_listen = listen_to_offer, .offer_receive = receive,                         \
		.offer_destroy = destroy_offer, .manager_destroy = destroy_manager,                \
	}

const struct wayland_device_impl wlr_data_control_clipboard_impl = DEVICE_IMPL(select_clipboard);
const struct wayland_device_impl wlr_data_control_primary_impl = DEVICE_IMPL(select_primary);
