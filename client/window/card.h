/*
 * The keys of the card that stands instead of the session: which button they press, and from when.
 * farseat.
 */
#pragma once

#include <SDL_keycode.h>
#include <stdbool.h>
#include <stdint.h>

/* A card that came while somebody was typing must not take the next Escape or Return, which was
 * meant for the session. For so long no button is drawn as chosen, and no key is taken. */
#define CARD_DEAF_MS 1000

struct card {
	uint64_t listens_ms; /* when it takes keys; 0: there is no card */
	int button_count;
	int selected; /* which button Enter presses; what the mouse points at, too; -1: none */
};

enum card_answer { CARD_NOTHING, CARD_GIVE_UP, CARD_PRESS };

/*
 * The card stands, with so many buttons. over_session: it came over a session that had the keys; counts at
 * the moment at which the card comes. The first button is chosen; where one goes, none is: Enter that was
 * meant for "Try now" must not press the "Give up" that took its place.
 */
void card_show(struct card *c, int button_count, bool over_session, uint64_t now_ms);
void card_hide(struct card *c);

/* The button that is drawn as chosen; -1 where keys are not taken yet, or none is. */
int card_chosen(const struct card *c, uint64_t now_ms);
/* When that changes by itself; 0: it does not. */
uint64_t card_due_ms(const struct card *c, uint64_t now_ms);

/* A key that was pressed. CARD_PRESS: the button "selected" is pressed. */
enum card_answer card_key(struct card *c, SDL_Keycode key, uint64_t now_ms);
