/* SPDX-License-Identifier: MIT */
/*
 * What the process that asks indexes and the one that judges hear from each other, when the other was taken
 * over.  The first byte: who listens; then messages, a byte for the kind (above 127: with a descriptor), two for
 * the size.
 */
#include "fuzz.h"

/* The helper is one function that never returns: its rooms are gone through from inside.  */
#include "../../src/index_helper.c"

static int ends[2]; /* ours, and the listener's */

/* Where a cache is said to be, a folder would be made: with the sandbox around it only where there is one.  */
static bool has_cache_dir(struct mc_str opened)
{
	static struct mc_wire wire;

	if (opened.len > sizeof(wire.bytes))
		return true;
	wire.is_wrong = false;
	wire.at = 0;
	wire.len = opened.len;
	if (opened.len)
		memcpy(wire.bytes, opened.ptr, opened.len);
	(void)mc_wire_text(&wire);
	return mc_wire_text(&wire).len;
}

/* Memory for more is refused by the machine at some point, and no sooner.  */
static bool is_of_many(uint8_t kind, struct mc_str content)
{
	uint64_t count = 0;

	if (kind == MC_WIRE_RUN && content.len >= sizeof(count))
		memcpy(&count, content.ptr, sizeof(count));
	return count > 1000;
}

/* All that is said lies in the socket before anybody listens; what does not go in is not said.  */
static void say(struct fuzz_input *input)
{
	static struct mc_wire wire;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	wire.fd = ends[0];
	while (input->nbytes) {
		uint8_t kind;
		struct mc_str content = fuzz_take(input, &kind);

		if (((kind & 127) == MC_WIRE_OPENED && has_cache_dir(content)) || is_of_many(kind & 127, content))
			continue;
		mc_wire_begin(&wire, kind & 127);
		if (content.len > sizeof(wire.bytes) - wire.len)
			content.len = sizeof(wire.bytes) - wire.len;
		if (content.len)
			memcpy(wire.bytes + wire.len, content.ptr, content.len);
		wire.len += content.len;
		if (!mc_wire_send(&wire, kind > 127 ? null : -1))
			break;
	}
	shutdown(ends[0], SHUT_WR);
	close(null);
}

/* ---- the judge listens ---- */

static size_t begun, done_count;

static enum mc_status give_file(void *state, struct mc_net_job *job)
{
	(void)state;
	begun++;
	job->fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return job->fd < 0 ? mc_net_fail(job, MC_ERR_IO, "no file") : MC_OK;
}

static enum mc_status see(void *state, struct mc_net_job *job)
{
	(void)state;
	done_count++;
	fuzz_touch(job->body);
	fuzz_touch(job->final_url);
	fuzz_touch(job->content_type);
	fuzz_touch(job->content_range);
	fuzz_touch(job->reply_etag);
	fuzz_touch(job->reply_modified);
	FUZZ_CHECK(job->body.len <= job->max_nbytes && strlen(job->sha256) < sizeof(job->sha256));
	FUZZ_CHECK(strlen(job->problem) < sizeof(job->problem));
	mc_close_fd(job->fd);
	job->fd = -1;
	return MC_OK;
}

static void ask(struct mc_index *index, bool has_files)
{
	struct mc_net_job jobs[3];
	const struct mc_net_calls calls = {has_files ? give_file : NULL, see, NULL};

	for (size_t i = 0; i < 3; i++)
		jobs[i] = (struct mc_net_job){.url = MC_STR("https://index.example/x"), .max_nbytes = 9000, .fd = -1};
	done_count = 0;
	FUZZ_CHECK(!mc_net_run(index->net, jobs, 3, &calls));
	FUZZ_CHECK(done_count == 3); /* each once, whatever is said */
}

static void judge(struct mc_arena *arena)
{
	static struct mc_wire wire;
	const struct mc_index_options options = {0};
	struct mc_index *index = NULL;
	struct mc_error err = MC_ERROR_INIT;

	wire.fd = ends[1];
	wire.passed_fd = -1;
	if (mc_index_open_remote(&wire, &options, arena, &index, &err)) {
		FUZZ_CHECK(err.status < 0 && err.text[0]);
	} else {
		for (size_t i = 0; i < index->config.urls_count; i++)
			fuzz_touch(index->indexes[i].text);
		ask(index, false);
		ask(index, true);
		mc_folder_close(&index->cache);
	}
	ends[1] = -1;
	mc_wire_close(&wire);
}

/* ---- the helper listens ---- */

/* As the net does, but that no server is asked.  */
static enum mc_status answer(struct mc_net *net, struct mc_net_job *jobs, size_t count, const struct mc_net_calls *calls)
{
	static char body[2 * MC_WIRE_BODY_NBYTES + 1];

	(void)net;
	for (size_t i = 0; i < count; i++) {
		if (calls->begin)
			MC_TRY(calls->begin(calls->state, &jobs[i]));
		fuzz_touch(jobs[i].url);
		jobs[i].nbytes = jobs[i].max_nbytes < sizeof(body) ? jobs[i].max_nbytes : sizeof(body);
		jobs[i].body = (struct mc_str){body, jobs[i].fd < 0 ? (size_t)jobs[i].nbytes : 0};
		MC_TRY(calls->done(calls->state, &jobs[i]));
	}
	return MC_OK;
}

static void no_close(struct mc_net *net) { (void)net; }

static void help(void)
{
	static struct mc_wire wire;
	static struct mc_net net = {answer, no_close};
	const struct mc_index_options options = {.is_offline = true};
	struct mc_index_config config = {.cache_dir = MC_STR("")};
	struct helper h = {.wire = &wire, .options = &options, .config = &config, .is_entered = true};
	bool goes_on = true;

	wire.fd = ends[1];
	wire.passed_fd = -1;
	mc_arena_init(&h.arena, NULL);
	while (goes_on) {
		goes_on = hear(&h);
		if (h.index)
			h.index->net = &net;
	}
	if (h.index)
		h.index->net = NULL;
	mc_index_close(h.index);
	mc_arena_clear(&h.arena);
	ends[1] = -1;
	mc_wire_close(&wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	struct fuzz_input input = {bytes, nbytes};
	bool is_judge = fuzz_byte(&input) & 1;
	struct mc_arena arena;

	setenv("HOME", fuzz_folder(), 1);
	setenv("XDG_CACHE_HOME", fuzz_folder(), 1);
	setenv("PIP_CONFIG_FILE", "/dev/null", 1);
	FUZZ_CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
	say(&input);
	mc_arena_init(&arena, NULL);
	if (is_judge)
		judge(&arena);
	else
		help();
	mc_arena_clear(&arena);
	close(ends[0]);
	return 0;
}
