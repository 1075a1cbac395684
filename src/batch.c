/* SPDX-License-Identifier: MIT */
/*
 * Threads take inputs in turn; a line waits in its slot until those before it are written.
 * There are a few slots a thread: who is too far ahead waits, so that nothing piles up behind
 * one large input.
 */
#include "muslcheck/batch.h"

#include "archive_walk.h"
#include "refusal.h"
#include "twins.h"
#include "zip_archive.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOBS_MAX = 64, SLOTS_PER_JOB = 8 };

struct slot {
	char *text; /* NULL: not done */
	size_t len;
};

struct batch {
	struct mc_inputs *inputs;
	const struct mc_scan_options *options;
	const struct mc_batch_change *change; /* NULL: none */
	struct mc_twins *twins;
	FILE *out;
	struct mc_batch_counts *counts;

	pthread_mutex_t reading; /* of the inputs */
	size_t taken;
	bool is_at_end;

	pthread_mutex_t writing; /* of what follows */
	pthread_cond_t written;
	struct slot slots[JOBS_MAX * SLOTS_PER_JOB];
	size_t slots_count, next; /* the line that is written next */
	enum mc_status status; /* the first failure ends it all */
	struct mc_error err;

	pthread_mutex_t index; /* one at a time asks an index */
};

/* What is said of one input while it is judged: the first trouble stands in its line.  */
struct input {
	struct mc_error why;
	bool has_trouble;
};

static void note_trouble(void *state, const struct mc_error *why)
{
	struct input *input = state;

	if (!input->has_trouble)
		input->why = *why;
	input->has_trouble = true;
}

static void fail(struct batch *b, const struct mc_error *why)
{
	pthread_mutex_lock(&b->writing);
	if (!b->status) {
		b->status = why->status;
		b->err = *why;
	}
	pthread_cond_broadcast(&b->written);
	pthread_mutex_unlock(&b->writing);
}

/* ---- one input ---- */

/* A wheel is judged by what is in it; of all others an index may be asked.  */
static bool may_ask_index(const struct batch *b, const char *path)
{
	if (b->options->question == MC_SCAN_COPY)
		return false;
	return b->options->question == MC_SCAN_REINSTALL || !mc_str_ends(mc_str_of(path), MC_STR(".whl"));
}

static enum mc_status judge(struct batch *b, const char *path, struct mc_source_reader *reader, struct input *input,
			    struct mc_report_line *line, struct mc_scan **scan_out)
{
	struct mc_scan_options options = *b->options;
	struct mc_error err = MC_ERROR_INIT;
	bool is_alone = may_ask_index(b, path);

	options.jobs = 1;
	options.reader = reader;
	options.twins = b->twins;
	options.complain = note_trouble;
	options.show_progress = NULL;
	options.state = input;
	if (is_alone)
		pthread_mutex_lock(&b->index);
	if (mc_scan_open(&options, &path, 1, scan_out, &err) < 0)
		note_trouble(input, &err);
	if (is_alone)
		pthread_mutex_unlock(&b->index);
	if (err.status == MC_ERR_NOMEM)
		return MC_ERR_NOMEM;
	if (*scan_out)
		line->survey = mc_scan_survey(*scan_out);
	return MC_OK;
}

static enum mc_status make_line(struct batch *b, struct mc_arena *arena, const char *path, const struct mc_error *why,
				struct mc_source_reader *reader, struct slot *slot, struct mc_batch_counts *counts,
				struct mc_error *err)
{
	struct input input = {.has_trouble = why->status < 0, .why = *why};
	struct mc_report_line line = {.input = path};
	struct mc_scan *scan = NULL;
	enum mc_status status = MC_OK;
	FILE *memory;

	if (!input.has_trouble)
		status = judge(b, path, reader, &input, &line, &scan);
	if (!status && line.survey && b->change)
		status = b->change->apply(b->change->state, arena, &line.survey, err);
	if (!status && !(memory = open_memstream(&slot->text, &slot->len)))
		status = MC_ERR_NOMEM;
	if (!status) {
		line.error = input.has_trouble ? &input.why : NULL;
		status = mc_report_write_line(&line, memory, err);
		if ((fclose(memory) || !slot->text) && !status)
			status = MC_ERR_NOMEM;
		if (!status)
			status = mc_refusal_take(err);
	}
	counts->errors += input.has_trouble;
	if (!input.has_trouble && line.survey) {
		counts->alpine += line.survey->advice == MC_ADVICE_ALPINE;
		counts->slim += line.survey->advice == MC_ADVICE_SLIM;
	}
	mc_scan_close(scan);
	return status == MC_ERR_NOMEM ? mc_no_memory(err) : status;
}

/* ---- signals ---- */

/*
 * No signal cuts a line in two.  It ends the process whichever thread takes it, also one that writes
 * meanwhile; so none that judges takes any, and one thread waits for them and has its way when no line
 * is being written.  Without other threads the one there is holds them back while it writes.
 */
struct watch {
	struct batch *batch;
	sigset_t signals, before;
	atomic_bool is_over;
	bool is_started;
	pthread_t thread;
};

enum { SIGNAL_OF_THE_END = SIGURG }; /* which nothing else here asks for */

static void *wait_for_signals(void *state)
{
	struct watch *w = state;
	sigset_t one;
	int number;

	while (!sigwait(&w->signals, &number)) {
		if (number == SIGNAL_OF_THE_END) {
			if (atomic_load(&w->is_over))
				break;
			continue;
		}
		sigemptyset(&one);
		sigaddset(&one, number);
		pthread_mutex_lock(&w->batch->writing);
		/* To the process, in which no other thread takes it: musl's raise() is a call that the sandbox refuses.  */
		pthread_sigmask(SIG_UNBLOCK, &one, NULL);
		kill(getpid(), number);
		/* It was ignored, or somebody's handler came back.  */
		pthread_sigmask(SIG_BLOCK, &one, NULL);
		pthread_mutex_unlock(&w->batch->writing);
	}
	return NULL;
}

static void start_watch(struct watch *w, struct batch *b)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGNAL_OF_THE_END};

	w->batch = b;
	atomic_init(&w->is_over, false);
	sigemptyset(&w->signals);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&w->signals, signals[i]);
	pthread_sigmask(SIG_BLOCK, &w->signals, &w->before);
	w->is_started = !pthread_create(&w->thread, NULL, wait_for_signals, w);
	if (!w->is_started)
		pthread_sigmask(SIG_SETMASK, &w->before, NULL);
}

static void end_watch(struct watch *w)
{
	if (!w->is_started)
		return;
	atomic_store(&w->is_over, true);
	kill(getpid(), SIGNAL_OF_THE_END);
	pthread_join(w->thread, NULL);
	pthread_sigmask(SIG_SETMASK, &w->before, NULL);
}

/* ---- in their order ---- */

static bool write_whole(FILE *out, const struct slot *slot)
{
	sigset_t all, before;
	bool is_written;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	is_written = fwrite(slot->text, 1, slot->len, out) == slot->len && !fflush(out);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return is_written;
}

/* Keep the line of that number, and write all that is due.  */
static void hand_in(struct batch *b, size_t number, const struct slot *line, const struct mc_batch_counts *counts)
{
	pthread_mutex_lock(&b->writing);
	b->slots[number % b->slots_count] = *line;
	b->counts->alpine += counts->alpine;
	b->counts->slim += counts->slim;
	b->counts->errors += counts->errors;
	for (struct slot *due; (due = &b->slots[b->next % b->slots_count])->text; b->next++) {
		if (!b->status && !write_whole(b->out, due))
			b->status = mc_fail(&b->err, MC_ERR_IO, NULL, "cannot write a line");
		free(due->text);
		due->text = NULL;
	}
	pthread_cond_broadcast(&b->written);
	pthread_mutex_unlock(&b->writing);
}

/* Wait until there is a slot for that number; false when all is to end.  */
static bool wait_for_slot(struct batch *b, size_t number)
{
	bool goes_on;

	pthread_mutex_lock(&b->writing);
	while (!b->status && number - b->next >= b->slots_count)
		pthread_cond_wait(&b->written, &b->writing);
	goes_on = !b->status;
	pthread_mutex_unlock(&b->writing);
	return goes_on;
}

static bool take_input(struct batch *b, struct mc_arena *arena, size_t *number_out, struct mc_str *path_out,
		       struct mc_error *why)
{
	enum mc_status status = MC_END;

	pthread_mutex_lock(&b->reading);
	if (!b->is_at_end)
		status = mc_inputs_next(b->inputs, arena, path_out, why);
	if (mc_refusal_take(why)) /* an input may be lost */
		status = why->status;
	b->is_at_end = status && status != MC_ERR_FORMAT;
	*number_out = b->taken;
	b->taken += !b->is_at_end;
	pthread_mutex_unlock(&b->reading);
	if (status == MC_ERR_IO || status == MC_ERR_NOMEM)
		fail(b, why);
	return !status || status == MC_ERR_FORMAT;
}

static void *work(void *state)
{
	struct batch *b = state;
	struct mc_source_reader *reader;
	struct mc_arena arena;
	struct mc_mark start;
	struct mc_str path = {"", 0};
	size_t number;

	mc_arena_init(&arena, NULL);
	reader = mc_source_reader_open(&arena);
	start = mc_arena_mark(&arena);
	for (;; mc_arena_rewind(&arena, start)) {
		struct mc_error why = MC_ERROR_INIT, err = MC_ERROR_INIT;
		struct mc_batch_counts counts = {0};
		struct slot line = {NULL, 0};

		if (!take_input(b, &arena, &number, &path, &why))
			break;
		if (make_line(b, &arena, path.ptr, &why, reader, &line, &counts, &err)) {
			free(line.text);
			fail(b, &err);
			break;
		}
		if (!wait_for_slot(b, number)) {
			free(line.text);
			break;
		}
		hand_in(b, number, &line, &counts);
	}
	mc_source_reader_close(reader);
	mc_arena_clear(&arena);
	return NULL;
}

enum mc_status mc_batch_run(struct mc_inputs *inputs, const struct mc_scan_options *options, unsigned jobs,
			    const struct mc_batch_change *change, FILE *out, struct mc_batch_counts *counts_out,
			    struct mc_error *err)
{
	struct batch b = {.inputs = inputs, .options = options, .change = change, .out = out, .counts = counts_out,
			  .reading = PTHREAD_MUTEX_INITIALIZER, .writing = PTHREAD_MUTEX_INITIALIZER,
			  .index = PTHREAD_MUTEX_INITIALIZER, .written = PTHREAD_COND_INITIALIZER};
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[JOBS_MAX];
	struct watch watch = {.is_started = false};
	struct mc_arena arena;
	size_t started = 0;

	*counts_out = (struct mc_batch_counts){0};
	if (!jobs)
		jobs = online > 0 ? (unsigned)online : 1;
	if (jobs > JOBS_MAX)
		jobs = JOBS_MAX;
	MC_TRY(mc_elf_startup(err));
	b.slots_count = (size_t)jobs * SLOTS_PER_JOB;
	mc_arena_init(&arena, NULL);
	b.twins = mc_twins_open(&arena);
	if (jobs > 1) {
		mc_zip_prepare();
		mc_archive_prepare();
		start_watch(&watch, &b);
	}
	while (started + 1 < jobs && !pthread_create(&threads[started], NULL, work, &b))
		started++;
	work(&b);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	end_watch(&watch);
	mc_twins_close(b.twins);
	mc_arena_clear(&arena);
	for (size_t i = 0; i < b.slots_count; i++)
		free(b.slots[i].text);
	if (b.status)
		*err = b.err;
	return b.status;
}
