/* SPDX-License-Identifier: MIT */
/*
 * index_wire.h - what the process that judges and the one that asks indexes say to each other.
 * Private to the index room.
 *
 * A message is one packet: a kind, then numbers and texts in an order that both know.  Neither
 * believes the other: what is longer, shorter or of another kind than expected ends it all.
 *
 *	judge to helper          helper to judge
 *	OPEN   options           OPENED  what the judge may know of the configuration
 *	                         REFUSED why not
 *	RUN    how many jobs
 *	JOB    a request, each
 *	                         BEGIN   whose turn it is, of jobs that want a file
 *	FILE   it, or refused
 *	                         DONE    what came of a job
 *	                         BODY    pieces of what did not go into a file
 *	                         END     how much was asked
 */
#ifndef MC_INDEX_WIRE_H
#define MC_INDEX_WIRE_H

#include "index_impl.h"

/* Of a message; below what a socket takes at once by default.  */
#define MC_WIRE_NBYTES_MAX ((size_t)96 * 1024)
#define MC_WIRE_BODY_NBYTES ((size_t)64 * 1024)
/* Of all indexes and folders; pip has no bound.  */
#define MC_WIRE_COUNT_MAX 1000

enum mc_wire_kind {
	MC_WIRE_OPEN = 1,
	MC_WIRE_OPENED,
	MC_WIRE_REFUSED,
	MC_WIRE_RUN,
	MC_WIRE_JOB,
	MC_WIRE_BEGIN,
	MC_WIRE_FILE,
	MC_WIRE_DONE,
	MC_WIRE_BODY,
	MC_WIRE_END,
};

struct mc_wire {
	int fd;        /* one end of a pair of SOCK_SEQPACKET; -1: it is over */
	int passed_fd; /* that came with the last message; -1: none.  Whoever takes it sets -1.  */
	size_t len, at;
	bool is_wrong; /* the message that is put together or taken apart */
	uint8_t bytes[MC_WIRE_NBYTES_MAX];
};

void mc_wire_begin(struct mc_wire *wire, enum mc_wire_kind kind);
void mc_wire_put_number(struct mc_wire *wire, uint64_t number);
void mc_wire_put_text(struct mc_wire *wire, struct mc_str text);

/* With 'fd' unless it is -1.  False when the other is gone, or it is too long.  */
bool mc_wire_send(struct mc_wire *wire, int fd);

/* The next one; 0 when the other is gone.  */
enum mc_wire_kind mc_wire_receive(struct mc_wire *wire);

/* 0 and "" once something is wrong; a text is in the message until the next one.  */
uint64_t mc_wire_number(struct mc_wire *wire);
struct mc_str mc_wire_text(struct mc_wire *wire);

/* All of it was taken, and was right.  */
bool mc_wire_is_whole(const struct mc_wire *wire);

void mc_wire_close(struct mc_wire *wire);

/* ---- the judge's end ---- */

/* Of this process; NULL: it makes its requests itself.  */
extern struct mc_wire *mc_index_wire;

/* mc_index_open() by the helper.  */
enum mc_status mc_index_open_remote(struct mc_wire *wire, const struct mc_index_options *options,
				    struct mc_arena *arena, struct mc_index **index_out,
				    struct mc_error *err) MC_MUST_CHECK;

#endif /* MC_INDEX_WIRE_H */
