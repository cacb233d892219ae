/* Linux: TCP_INFO (tcp(7)), which of Multipath TCP tells of the first subflow; and MPTCP_INFO. */
#include "common/base/net_path.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define SOL_MPTCP_NUMBER  284 /* include/linux/socket.h of the kernel */
#define MPTCP_INFO_NUMBER 1   /* linux/mptcp.h, whose struct mptcp_info grows with each kernel */

int net_path_measure(int fd, struct net_path *out)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info)); /* an older kernel fills less */
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return -ENOTSUP;
	out->rtt_us = info.tcpi_rtt;
	out->unacked = info.tcpi_unacked;
	out->ack_ms = info.tcpi_last_ack_recv;
	out->sent = info.tcpi_data_segs_out;
	out->again = info.tcpi_total_retrans;
	out->got = info.tcpi_data_segs_in;
	out->out_of_order = info.tcpi_rcv_ooopack;
	return 0;
}

int net_path_spare(int fd)
{
	uint8_t info[256]; /* its first byte: mptcpi_subflows, beside the first one */
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_MPTCP_NUMBER, MPTCP_INFO_NUMBER, info, &len) < 0 || len < 1)
		return -ENOTSUP;
	return info[0];
}
