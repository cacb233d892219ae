#include "server/agent/wlr/arrow.h"

#include <string.h>

#define WIDTH_PX    12
#define HEIGHT_PX   19
#define PIXEL_BYTES 4

/* #: black; .: white */
static const char rows[HEIGHT_PX][WIDTH_PX + 1] = {
	"#           ",
	"##          ",
	"#.#         ",
	"#..#        ",
	"#...#       ",
	"#....#      ",
	"#.....#     ",
	"#......#    ",
	"#.......#   ",
	"#........#  ",
	"#.........# ",
	"#......#####",
	"#...#..#    ",
	"#..##..#    ",
	"#.#  #..#   ",
	"##   #..#   ",
	"#     #..#  ",
	"      #..#  ",
	"       ##   ",
};

int wlr_arrow_draw(struct display_pointer *p)
{
	static const uint8_t black[PIXEL_BYTES] = { 0, 0, 0, 255 };
	static const uint8_t white[PIXEL_BYTES] = { 255, 255, 255, 255 };

	int r = ipc_memory_create(
		&p->image, "farseat-cursor", (size_t)WIDTH_PX * HEIGHT_PX * PIXEL_BYTES);
	if (r < 0)
		return r;
	for (size_t y = 0; y < HEIGHT_PX; y++)
		for (size_t x = 0; x < WIDTH_PX; x++)
			if (rows[y][x] != ' ')
				memcpy(p->image.bytes + (y * WIDTH_PX + x) * PIXEL_BYTES,
					rows[y][x] == '#' ? black : white, PIXEL_BYTES);
	p->shape = (struct record_cursor){ .width_px = WIDTH_PX, .height_px = HEIGHT_PX };
	return 0;
}
