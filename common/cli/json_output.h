/*
 * The one shape of what commands print for programs (--json): a single object on standard output
 * that begins with "version"; lists are arrays inside of it; where the exit status is not 0, it has
 * "error". farseat(1) and farseatctl(8) describe it for people.
 */
#pragma once

#include "common/base/macros.h"

#include <jansson.h>
#include <stdbool.h>

/* Rises when a member goes or changes its meaning; new members come without it. */
#define JSON_OUTPUT_VERSION 1

/*
 * Prints the document with these members, and frees object; with "error" where a complaint was kept
 * before. Returns an exit status: EXIT_FAILED where object is NULL (no memory) or standard output is
 * closed. Once a process.
 */
int json_output_print(json_t *object) MUST_CHECK;

/* One line of many: a list that has no end, or events. Each is a document without an error; where the
 * command fails in the end, json_output_end prints one more line. Borrowed. */
int json_output_line(const json_t *object) MUST_CHECK;

/* Standard output carries something else by request: json_output_end prints nothing then. */
void json_output_leave_out(void);

/* The end of a command that was asked for JSON: a document where it has printed none. Returns the exit
 * status. */
int json_output_end(int status) MUST_CHECK;
