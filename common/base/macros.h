/*
 * What every file may use: compiler attributes and small arithmetic.
 *
 * Return convention of the whole project: 0 is success, negative is -errno, positive only for
 * outcomes that the function's comment lists. Our words: -EPROTO the peer broke the protocol,
 * -EBADMSG authentication or MAC failed, -EPERM not allowed in this phase, -E2BIG over a limit,
 * -EAGAIN would block.
 */
#pragma once

#include <stddef.h>

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN          __attribute__((noreturn))

/* A number that a macro names, as text. */
#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)

/* 1 in builds with a sanitizer, which looks into its own process. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
