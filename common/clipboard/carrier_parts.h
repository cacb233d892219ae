/* Inside common/clipboard: the two halves of a carrier. carrier_sending.c has what leaves,
 * carrier_taking.c what arrives. */
#pragma once

#include "common/clipboard/carrier.h"

/* -EPROTO, and its reason is kept. */
int carrier_broken(struct carrier *c, const char *what);
/* DATA without bytes, or STOP, to one of the two. */
void carrier_answer(
	struct carrier *c, bool to_peer, uint32_t ask, enum wire_clipboard_status status);
void carrier_stop(struct carrier *c, bool to_peer, uint32_t ask);

/* selection: of the offer that it is about; -1: there is none. */
int sending_ask(struct carrier *c, const struct wire_clipboard_ask *m, int selection);
int sending_more(struct carrier *c, const struct wire_clipboard_more *m);
void sending_stop(struct carrier *c, uint32_t ask);
int sending_data(struct carrier *c, const struct wire_clipboard_data *m);
void sending_apply_rules(struct carrier *c);
void sending_local_gone(struct carrier *c);
void sending_forget(struct carrier_sending *s);

int taking_ask(struct carrier *c, const struct wire_message *m, int selection);
void taking_more(struct carrier *c, const struct wire_message *m);
void taking_stop(struct carrier *c, uint32_t ask);
int taking_data(struct carrier *c, const struct wire_message *m);
void taking_apply_rules(struct carrier *c);
void taking_local_gone(struct carrier *c);
void taking_forget(struct carrier_taking *t);
