#include "common/cli/completion.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Words to be typed as they stand are written small: "control|view", "fit|1:1|auto", "check". */
static bool is_literal(const char *placeholder)
{
	for (const char *c = placeholder; *c; c++)
		if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) &&
			!strchr("|:-", *c))
			return false;
	return placeholder[0] != '\0';
}

static const char *list_of(const struct program_spec *p, const struct command_spec *command)
{
	for (const struct names_spec *n = p->names; n && n->list; n++)
		if (!n->command || (command && strcmp(n->command, command->name) == 0))
			return n->list;
	return NULL;
}

struct completion_value completion_value_of(const char *placeholder)
{
	struct completion_value v = { .kind = COMPLETION_NOTHING };

	if (is_literal(placeholder)) {
		v.kind = COMPLETION_WORDS;
		snprintf(v.text, sizeof(v.text), "%s", placeholder);
		for (char *c = v.text; *c; c++)
			if (*c == '|')
				*c = ' ';
	} else if (starts_with(placeholder, "FILE")) {
		v.kind = COMPLETION_FILES;
	} else if (starts_with(placeholder, "DIR")) {
		v.kind = COMPLETION_FOLDERS;
	} else if (starts_with(placeholder, "CMD")) {
		v.kind = COMPLETION_COMMANDS;
	}
	return v;
}

/* The next word of a line of usage, without brackets and dots; false: there is none. */
static bool next_word(const char **at, char *out, size_t size, bool *repeats)
{
	*at += strspn(*at, " ");
	size_t len = strcspn(*at, " ");
	if (len == 0)
		return false;
	const char *word = *at;
	*at += len;
	while (len > 0 && word[0] == '[') {
		word++;
		len--;
	}
	while (len > 0 && word[len - 1] == ']')
		len--;
	*repeats = len >= 3 && strncmp(word + len - 3, "...", 3) == 0;
	if (*repeats)
		len -= 3;
	snprintf(out, size, "%.*s", (int)len, word);
	return true;
}

/* NULL: the placeholder says it. */
static const char *words_of(
	const struct program_spec *p, const struct command_spec *command, int index)
{
	for (const struct words_spec *w = p->words; command && w && w->command; w++)
		if (w->index == index && strcmp(w->command, command->name) == 0)
			return w->words;
	return NULL;
}

bool completion_argument(const struct program_spec *program, const struct command_spec *command,
	int index, struct completion_value *out)
{
	const char *at = command ? command->arguments : program->arguments;
	char word[COMPLETION_TEXT_MAX_BYTES];
	bool repeats = false;
	int found = 0;

	while (at && next_word(&at, word, sizeof(word), &repeats)) {
		if (strcmp(word, "|") == 0)
			break; /* another way to write it: the first one is completed */
		if (starts_with(word, "--")) {
			if (!next_word(&at, word, sizeof(word), &repeats))
				break;
			continue;
		}
		if (found++ < index)
			continue;
		*out = completion_value_of(word);
		out->repeats = repeats;
		const char *words = words_of(program, command, index);
		if (words) {
			out->kind = COMPLETION_WORDS;
			snprintf(out->text, sizeof(out->text), "%s", words);
		}
		const char *list = strcmp(word, "NAME") == 0 ? list_of(program, command) : NULL;
		if (list) {
			out->kind = COMPLETION_NAMES;
			snprintf(out->text, sizeof(out->text), "%s", list);
		}
		return true;
	}
	return false;
}

const struct command_spec *completion_fallback(const struct program_spec *program)
{
	for (const struct command_spec *c = program->commands; c && c->name && program->fallback;
		c++)
		if (strcmp(c->name, program->fallback) == 0)
			return c;
	return NULL;
}

void completion_quote(const char *text, const char *special)
{
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'') {
			fputs("'\\''", stdout);
			continue;
		}
		if (strchr(special, *text))
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

static int print_patterns(
	const char *command, const struct option_spec *list, int printed, const char *divider)
{
	for (; list && list->name; list++) {
		if (!list->value)
			continue;
		printf("%s'%s --%s'", printed++ ? divider : "", command, list->name);
		if (list->letter)
			printf("%s'%s -%c'", divider, command, list->letter);
	}
	return printed;
}

int completion_value_patterns(const struct program_spec *program, const char *divider)
{
	int printed = print_patterns("", program->options, 0, divider);

	for (const struct command_spec *c = program->commands; c && c->name; c++) {
		if (c->hidden)
			continue;
		printed = print_patterns(c->name, c->options, printed, divider);
		printed = print_patterns(c->name, program->options, printed, divider);
	}
	return printed;
}

int completion_print(const struct program_spec *program, const char *shell)
{
	static const struct {
		const char *name;
		void (*print)(const struct program_spec *program);
	} shells[] = {
		{ "bash", completion_bash },
		{ "zsh", completion_zsh },
		{ "fish", completion_fish },
	};

	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (strcmp(shells[i].name, shell) == 0) {
			shells[i].print(program);
			return 0;
		}
	}
	return -EINVAL;
}
