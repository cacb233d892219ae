/* All sets of records, and room for a record of any of them. */
#pragma once

#include "common/ipc/records_agent.h"
#include "common/ipc/records_files.h"
#include "common/ipc/records_link.h"
#include "common/ipc/records_signer.h"
#include "common/ipc/records_sound.h"
#include "common/ipc/records_tunnel.h"
#include "common/ipc/records_view.h"
#include "common/ipc/records_worker.h"

union any_record {
	enum record_type type;
	struct worker_record worker;
	struct signer_record signer;
	struct agent_record agent;
	struct view_record view;
	struct link_record link;
	struct tunnel_record tunnel;
	struct files_record files;
	struct sound_record sound;
	struct sound_wire_record sound_wire;
};

static const struct record_set *const record_sets[] = { &worker_records, &signer_records,
	&agent_records, &view_records, &link_records, &tunnel_records, &files_records,
	&sound_records, &sound_wire_records };
