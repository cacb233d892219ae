#include "client/window/canvas.h"

#include "common/base/log.h"
#include "common/base/utf8.h"

#include <SDL_ttf.h>
#include <errno.h>
#include <fontconfig/fontconfig.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct canvas {
	TTF_Font *fonts[TEXT_STYLES]; /* owned; NULL: none found */
	double scale;
	bool ttf;
};

static const struct style {
	const char *pattern; /* fontconfig's */
	int size_px; /* at scale 1; SDL_ttf counts 72 points to the inch, so they are pixels */
} styles[TEXT_STYLES] = {
	[TEXT_SMALL] = { "sans-serif", 13 },
	[TEXT_NORMAL] = { "sans-serif", 16 },
	[TEXT_TITLE] = { "sans-serif:bold", 22 },
	[TEXT_MONO] = { "monospace", 13 },
};

/* Opens the file that fontconfig says is nearest to the pattern. */
static TTF_Font *find_font(FcConfig *config, const char *pattern, int size_px)
{
	TTF_Font *font = NULL;
	FcChar8 *file = NULL;
	FcResult result;
	FcPattern *wanted = FcNameParse((const FcChar8 *)pattern);

	if (!wanted)
		return NULL;
	FcConfigSubstitute(config, wanted, FcMatchPattern);
	FcDefaultSubstitute(wanted);
	FcPattern *found = FcFontMatch(config, wanted, &result);
	if (found && FcPatternGetString(found, FC_FILE, 0, &file) == FcResultMatch)
		font = TTF_OpenFont((const char *)file, size_px);
	if (found)
		FcPatternDestroy(found);
	FcPatternDestroy(wanted);
	return font;
}

int canvas_px(const struct canvas *c, int length)
{
	int px = (int)lround(length * c->scale);

	return px == 0 && length > 0 ? 1 : px;
}

bool canvas_set_scale(struct canvas *c, double scale)
{
	if (fabs(scale - c->scale) < 0.01)
		return false;
	c->scale = scale;
	for (size_t i = 0; i < TEXT_STYLES; i++)
		if (c->fonts[i])
			TTF_SetFontSize(c->fonts[i], canvas_px(c, styles[i].size_px));
	return true;
}

int canvas_create(struct canvas **out, double scale)
{
	struct canvas *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	*out = c;
	c->scale = scale;
	c->ttf = TTF_Init() == 0;
	FcConfig *config = c->ttf ? FcInitLoadConfigAndFonts() : NULL;
	for (size_t i = 0; config && i < TEXT_STYLES; i++) {
		c->fonts[i] = find_font(config, styles[i].pattern, canvas_px(c, styles[i].size_px));
		if (c->fonts[i])
			TTF_SetFontHinting(c->fonts[i], TTF_HINTING_LIGHT);
	}
	if (config)
		FcConfigDestroy(config);
	if (!c->fonts[TEXT_NORMAL])
		log_warn(
			"no font found: install one, for instance fonts-dejavu-core, to see texts in the window");
	return 0;
}

void canvas_destroy(struct canvas *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < TEXT_STYLES; i++)
		if (c->fonts[i])
			TTF_CloseFont(c->fonts[i]);
	if (c->ttf)
		TTF_Quit();
	free(c);
}

SDL_Surface *canvas_surface(int width, int height)
{
	SDL_Surface *s =
		SDL_CreateRGBSurfaceWithFormat(0, width, height, 32, SDL_PIXELFORMAT_ARGB8888);

	if (s)
		SDL_SetSurfaceBlendMode(s, SDL_BLENDMODE_BLEND);
	return s;
}

static uint32_t mapped(const SDL_Surface *s, uint32_t colour, uint8_t alpha)
{
	return SDL_MapRGBA(
		s->format, (uint8_t)(colour >> 16), (uint8_t)(colour >> 8), (uint8_t)colour, alpha);
}

void canvas_fill(SDL_Surface *s, struct area a, uint32_t colour)
{
	SDL_Rect r = { a.x, a.y, a.width, a.height };

	SDL_FillRect(s, &r, mapped(s, colour, 255));
}

/* How far a rounded edge is set in at this row of the corner. */
static int inset(int radius, int row)
{
	int in = 0;
	int dy = 2 * (radius - row) - 1;

	while (in < radius) {
		int dx = 2 * (radius - in) - 1;
		if (dx * dx + dy * dy <= 4 * radius * radius)
			break;
		in++;
	}
	return in;
}

void canvas_round(SDL_Surface *s, struct area a, int radius, uint32_t colour, uint8_t alpha)
{
	uint32_t value = mapped(s, colour, alpha);

	for (int y = 0; y < a.height; y++) {
		int from_edge = MIN(y, a.height - 1 - y);
		int in = from_edge < radius ? inset(radius, from_edge) : 0;
		SDL_Rect row = { a.x + in, a.y + y, a.width - 2 * in, 1 };
		SDL_FillRect(s, &row, value);
	}
}

int canvas_line_height(const struct canvas *c, enum text_style style)
{
	return c->fonts[style] ? TTF_FontLineSkip(c->fonts[style])
			       : canvas_px(c, styles[style].size_px * 5 / 4);
}

int canvas_text_width(const struct canvas *c, enum text_style style, const char *text)
{
	int width = 0;

	if (!c->fonts[style] || TTF_SizeUTF8(c->fonts[style], text, &width, NULL) < 0)
		return (int)strlen(text) * canvas_px(c, styles[style].size_px) / 2;
	return width;
}

/* Writes as much of text as fits max_width, with an ellipsis, to out. */
static void cut_text(const struct canvas *c, enum text_style style, const char *text, int max_width,
	char *out, size_t size)
{
	size_t len = strlen(text);

	snprintf(out, size, "%s", text);
	while (len > 0 && canvas_text_width(c, style, out) > max_width) {
		len = utf8_without_last(text, len);
		snprintf(out, size, "%.*s\xe2\x80\xa6", (int)len, text);
	}
}

int canvas_text(const struct canvas *c, SDL_Surface *s, int x, int y, enum text_style style,
	uint32_t colour, const char *text, int max_width)
{
	char cut[512];
	SDL_Color ink = { (uint8_t)(colour >> 16), (uint8_t)(colour >> 8), (uint8_t)colour, 255 };

	if (!c->fonts[style] || !*text)
		return 0;
	cut_text(c, style, text, max_width > 0 ? max_width : INT32_MAX, cut, sizeof(cut));
	SDL_Surface *line = TTF_RenderUTF8_Blended(c->fonts[style], cut, ink);
	if (!line)
		return 0;
	SDL_Rect to = { x, y, 0, 0 };
	int width = line->w;
	SDL_BlitSurface(line, NULL, s, &to);
	SDL_FreeSurface(line);
	return width;
}

/* Length of the part of text that fits width, up to a space; at least one word, however long. */
static size_t line_len(const struct canvas *c, enum text_style style, const char *text, int width)
{
	size_t fits = 0, at = 0;
	char line[512];

	while (text[at]) {
		size_t next = at + strspn(text + at, " ");
		next += strcspn(text + next, " ");
		snprintf(line, sizeof(line), "%.*s", (int)MIN(next, sizeof(line) - 1), text);
		if (fits > 0 && canvas_text_width(c, style, line) > width)
			break;
		fits = at = next;
	}
	return fits;
}

int canvas_paragraph(const struct canvas *c, SDL_Surface *s, int x, int y, int width,
	enum text_style style, uint32_t colour, const char *text)
{
	int height = 0;
	char line[512];

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t len = line_len(c, style, text, width);
		snprintf(line, sizeof(line), "%.*s", (int)MIN(len, sizeof(line) - 1), text);
		if (s)
			canvas_text(c, s, x, y + height, style, colour, line, width);
		height += canvas_line_height(c, style);
		text += len;
	}
	return height;
}
