/* Every limit of the protocol, by name (PROTOCOL.md, section 13). A peer that goes over one is
 * ended. */
#pragma once

/* A frame header and its payload fit one TLS record of 16 KiB. */
#define WIRE_HEADER_BYTES      4
#define WIRE_MESSAGE_MAX_BYTES 16384
#define WIRE_PAYLOAD_MAX_BYTES (WIRE_MESSAGE_MAX_BYTES - WIRE_HEADER_BYTES)

#define WIRE_VERSION 1

/* Text fields with their end: names that people give, programs' versions; reasons. */
#define WIRE_NAME_MAX_BYTES   128
#define WIRE_REASON_MAX_BYTES 256

/* Picture bytes in one FRAME message, after its own fields. */
#define WIRE_SLICE_PART_MAX_BYTES 16000

/* A slice's size and the screen: as in common/codec/codec.h (compared in a unit test). */
#define WIRE_SLICE_MAX_BYTES (1024U * 1024)
#define WIRE_SIDE_MAX_PX     16384
#define WIRE_AREA_MAX_PX     (64U * 1024 * 1024)

#define WIRE_CURSOR_SIDE_MAX_PX 256 /* X servers' and GPUs' largest cursor */
/* Shapes that both ends keep. Animated cursors have up to 60 pictures; 64 of 128x128 are 4 MiB. */
#define WIRE_CURSOR_SLOTS         64
#define WIRE_CURSOR_SLOT_MAX_PX   16384 /* a larger shape is not kept */
#define WIRE_TEXT_INPUT_MAX_BYTES 128
#define WIRE_WHEEL_MAX            12000 /* 100 notches of 120 at once */

/*
 * What a client may type: a KEY counts 1, a TEXT its bytes (typing.h). So much at once, a file that
 * a script types, and from then on so much a second: a person reaches 50 with every key repeating.
 */
#define WIRE_TYPED_BURST 65536
#define WIRE_TYPED_PER_S 4000

/* Clipboard. Text, HTML and RTF: a book has 1 MiB. Pictures: a screen of 4K in photographs has 25. */
#define WIRE_CLIPBOARD_TEXT_MAX_BYTES (16U << 20)
#define WIRE_CLIPBOARD_PNG_MAX_BYTES  (64U << 20)
#define WIRE_CLIPBOARD_PNG_MAX_PX     WIRE_AREA_MAX_PX
#define WIRE_CLIPBOARD_PART_MAX_BYTES 16000
/* What may be under way for one question: an end with more room need not say so. */
#define WIRE_CLIPBOARD_WINDOW_MAX_BYTES (1024U * 1024)
/* Ours, for a question that is asked while none is open: 12 MB/s at 40 ms there and back. */
#define WIRE_CLIPBOARD_WINDOW_BYTES (512U * 1024)
/* And for one that is asked while others are, as clipboard managers do, who want all at once: so all
 * that may come fits a queue between two of our processes, whichever of them stands still. */
#define WIRE_CLIPBOARD_SMALL_WINDOW_BYTES (64U * 1024)
/* Questions that one end may have open: each kind of each selection. */
#define WIRE_CLIPBOARD_ASKS_MAX 8
/* What may be under way for all of them. */
#define WIRE_CLIPBOARD_WINDOWS_BYTES                                                               \
	(WIRE_CLIPBOARD_WINDOW_BYTES +                                                             \
		(WIRE_CLIPBOARD_ASKS_MAX - 1) * WIRE_CLIPBOARD_SMALL_WINDOW_BYTES)
/* Ours say that more may come when so much was taken, two whole parts: the other end measures the link
 * by it. */
#define WIRE_CLIPBOARD_MORE_BYTES (2 * WIRE_CLIPBOARD_PART_MAX_BYTES)

/* Sound. Opus' own rate; a frame of 20 ms at 128 kbit/s has 320 bytes, so the limit is far off. */
#define WIRE_SOUND_RATE_HZ          48000
#define WIRE_SOUND_PACKET_MAX_BYTES 1000

/* Files. The path is the kernel's (PATH_MAX with its end), a name a file system's; the depth is more
 * than a tree of sources has. */
#define WIRE_FILE_PATH_MAX_BYTES 4095
#define WIRE_FILE_NAME_MAX_BYTES 255
#define WIRE_FILE_DEPTH_MAX      64
#define WIRE_FILE_PART_MAX_BYTES 16000
#define WIRE_FILE_MAX_BYTES      (1ULL << 42) /* 4 TiB; ext4 has 16 */
/* A file is resumed by blocks. Hashes of so many of them, 64 GiB, are kept: 1 MiB of memory. */
#define WIRE_FILE_BLOCK_BYTES      (1U << 20)
#define WIRE_FILE_HAVE_MAX_BLOCKS  65536U
#define WIRE_FILE_HAVE_PART_BLOCKS 1000U
#define WIRE_FILE_TRANSFERS_MAX    4 /* of one session at once */

#define WIRE_CSR_MAX_BYTES  2048
#define WIRE_CERT_MAX_BYTES 2048

/* From accept to WELCOME or ENROLLED (PROTOCOL.md, section 2). */
#define WIRE_AUTH_TIMEOUT_MS 10000
/* An end that has sent nothing for so long sends a heartbeat; a connection on which nothing was
 * heard for so long is dead. */
#define WIRE_HEARTBEAT_MS 1500
#define WIRE_SILENCE_MS   5000
