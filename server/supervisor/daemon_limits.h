/* Every limit of the daemon, by name (security.md, section 4: floods and slow clients). */
#pragma once

#define LIMIT_PREAUTH_MAX 64 /* connections before authorisation */
#define LIMIT_PREAUTH_DROP_FROM                                                                    \
	32 /* from here on some are dropped at random, more the nearer to the maximum (as sshd's   \
	      MaxStartups) */
#define LIMIT_SESSIONS_MAX       32    /* authorised ones */
#define LIMIT_AUTH_MS            10000 /* from accept to authorised */
#define LIMIT_SOURCE_PREAUTH_MAX 8     /* before authorisation, from one source */
#define LIMIT_SOURCE_RATE                                                                          \
	10 /* new ones a second from one source, and as many at once after a rest */
#define LIMIT_SOURCES_MAX                                                                          \
	1024              /* sources remembered; the one that is quiet longest is forgotten        \
			   */
#define LIMIT_END_MS 1000 /* from END to SIGKILL */
#define LIMIT_AGENT_ATTEMPT_MS                                                                     \
	250 /* first restart of an agent that died; doubles to LIMIT_AGENT_ATTEMPT_MAX_MS */
#define LIMIT_AGENT_ATTEMPT_MAX_MS  8000
#define LIMIT_AGENT_STEADY_MS       5000   /* lived so long: the next death is a new story */
#define LIMIT_RELAY_ATTEMPT_MS      180000 /* names, TCP, SSH: each has its own limit below it */
#define LIMIT_RELAY_RETRY_MS        1000   /* after the reverse tunnel ended; doubles to */
#define LIMIT_RELAY_RETRY_MAX_MS    60000
#define LIMIT_RELAY_STEADY_MS       30000 /* stood so long: the next end is a new story */
#define LIMIT_CONTROL_CLIENTS       16
#define LIMIT_CONTROL_REQUEST_BYTES 4096
#define LIMIT_DEADLINE_CHECK_MS     1000 /* handshakes that take too long, certificates that expire */
#define LIMIT_TICKET_KEY_MS         (6U * 3600 * 1000)
#define LIMIT_TICKET_LIFETIME_S     (12U * 3600)
