/* SPDX-License-Identifier: MIT */
/*
 * A survey as one HTML page that needs nothing but itself: no script to be read, no network, and
 * a policy in it that forbids both but for its own.  What comes from files is text everywhere.
 */
#include "report_html.h"

#include "report_escape.h"
#include "report_parts.h"
#include "report_place.h"

/* ---- words ---- */

void mc_html_put(struct mc_html *h, struct mc_str text)
{
	mc_put_xml(h->out, text);
}

void mc_html_word(struct mc_html *h, const char *text)
{
	mc_put_xml(h->out, mc_str_of(text));
}

void mc_html_code(struct mc_html *h, struct mc_str text)
{
	fputs("<code>", h->out);
	mc_html_put(h, text);
	fputs("</code>", h->out);
}

void mc_html_rule(struct mc_html *h, const struct mc_rule_info *rule)
{
	struct mc_mark mark = mc_arena_mark(&h->arena);

	if (h->style->docs_url) {
		fputs("<a href=\"", h->out);
		mc_html_put(h, mc_page_url(&h->arena, h->style->docs_url, rule));
		fputs("\">", h->out);
	}
	fputs(rule->code, h->out);
	if (h->style->docs_url)
		fputs("</a>", h->out);
	mc_arena_rewind(&h->arena, mark);
}

/* The shape before the word is the style's; the word says it all.  */
void mc_html_badge(struct mc_html *h, enum mc_verdict verdict)
{
	const char *name = mc_verdict_name(verdict);

	fprintf(h->out, "<span class=\"badge v-%s\">%s</span>", name, name);
}

void mc_html_count(struct mc_html *h, size_t count, const char *what)
{
	fprintf(h->out, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

void mc_html_dist(struct mc_html *h, const struct mc_dist *dist)
{
	if (!dist->name.len) {
		fputs("files that no dist claims", h->out);
		return;
	}
	mc_html_put(h, dist->name);
	if (!dist->version.len)
		return;
	fputs(" <span class=\"version\">", h->out);
	mc_html_put(h, dist->version);
	fputs("</span>", h->out);
}

const char *mc_html_verdict_words(enum mc_verdict verdict)
{
	switch (verdict) {
	case MC_VERDICT_PURE: return "nothing native in it";
	case MC_VERDICT_RUNS: return "loads as it is";
	case MC_VERDICT_SWAP: return "a wheel of the same version loads";
	case MC_VERDICT_NEEDS_PACKAGES: return "loads after apk add";
	case MC_VERDICT_TAG_ONLY: return "would load, but for its tag or file name";
	case MC_VERDICT_DOWNGRADE: return "pip would take an older version";
	case MC_VERDICT_BUILDS: return "must be built from source";
	case MC_VERDICT_BLOCKED: return "nothing that pip could install";
	case MC_VERDICT_BREAKS: return "does not load";
	case MC_VERDICT_UNKNOWN: return "could not be judged";
	case MC_VERDICTS_COUNT: break;
	}
	return "";
}

/* ---- the head ---- */

static void put_lines(struct mc_html *h, const char *const *lines)
{
	for (; *lines; lines++)
		fputs(*lines, h->out);
}

static void put_head(struct mc_html *h)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"",
	      h->out);
	mc_html_word(h, mc_html_policy);
	fputs("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
	      "<link rel=\"icon\" href=\"data:,\">\n",
	      h->out);
	fprintf(h->out, "<title>%s: ", mc_advice_name(h->survey->advice));
	mc_html_put(h, h->survey->reason);
	fputs(" - muslcheck</title>\n<style>", h->out);
	put_lines(h, mc_html_style);
	fputs("</style>\n</head>\n", h->out);
}

/* ---- the advice ---- */

static void put_fact(struct mc_html *h, const char *name)
{
	fprintf(h->out, "<div><dt>%s</dt><dd>", name);
}

static void end_fact(struct mc_html *h)
{
	fputs("</dd></div>\n", h->out);
}

static void put_asked(struct mc_html *h, const struct mc_asked *asked)
{
	fputs("what pip would install there (reinstall), by ", h->out);
	mc_html_code(h, asked->source);
	if (asked->is_offline)
		fputs(", no server asked", h->out);
	if (asked->projects) {
		fputs(", ", h->out);
		mc_html_count(h, asked->projects, "project");
		fputs(" asked for", h->out);
	}
	if (asked->failed)
		fprintf(h->out, ", %zu without an answer", asked->failed);
	fputs(", ", h->out);
	mc_html_count(h, asked->wheels, "wheel");
	fputs(" read", h->out);
	if (asked->by_names)
		fprintf(h->out, ", of %zu the list of files", asked->by_names);
	if (asked->by_tag)
		fprintf(h->out, ", %zu judged by the tag alone", asked->by_tag);
	if (asked->unfollowed)
		fprintf(h->out, "; what %zu of them require is not followed", asked->unfollowed);
	if (asked->folders) {
		fputs("; of ", h->out);
		mc_html_count(h, asked->folders, "project");
		fputs(" in a folder what is required, not the code", h->out);
	}
	if (asked->newest)
		fprintf(h->out, "; %zu asked for without a version: the newest of today", asked->newest);
}

static void put_proof(struct mc_html *h, const struct mc_proof *proof)
{
	put_fact(h, "Proof");
	if (!proof->files) {
		fputs("not confirmed: no loader could be run on any file", h->out);
	} else {
		mc_html_put(h, proof->loader);
		fputs(", run on ", h->out);
		mc_html_count(h, proof->files, "file");
		if (proof->differ)
			fprintf(h->out, ", says something else to %zu", proof->differ);
		fprintf(h->out, "; %zu confirmed, %zu not shown by it, %zu contradicted",
			proof->counts[MC_PROOF_CONFIRMED], proof->counts[MC_PROOF_UNSHOWN],
			proof->counts[MC_PROOF_CONTRADICTED]);
	}
	end_fact(h);
}

/* How much is excused stands on every page, and what is wrong with the waivers.  */
static void put_excuses(struct mc_html *h)
{
	struct mc_str waived = mc_waived_text(&h->arena, h->survey->excuses), known = mc_known_text(&h->arena, h->survey->excuses);

	if (!h->survey->excuses)
		return;
	put_fact(h, "Excused");
	mc_html_put(h, waived);
	if (waived.len && known.len)
		fputc(' ', h->out);
	mc_html_put(h, known);
	end_fact(h);
}

static void put_facts(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;

	fputs("<dl class=\"facts\">\n", h->out);
	put_fact(h, "Target");
	mc_html_code(h, mc_str_of(s->target.name));
	end_fact(h);
	put_fact(h, "Held against");
	mc_html_code(h, mc_str_of(s->against.name));
	end_fact(h);
	put_fact(h, "Judged");
	mc_html_count(h, s->dists_count, "dist");
	fputs(": ", h->out);
	if (s->question == MC_QUESTION_COPY)
		fputs("these very files (copy), not what pip would install there instead", h->out);
	else
		put_asked(h, &s->asked);
	end_fact(h);
	if (s->proof)
		put_proof(h, s->proof);
	put_excuses(h);
	fputs("</dl>\n", h->out);
}

static void put_advice(struct mc_html *h)
{
	bool is_alpine = h->survey->advice == MC_ADVICE_ALPINE;

	fprintf(h->out,
		"<header class=\"wrap\">\n<p class=\"brand\"><b>muslcheck</b> report</p>\n"
		"<div class=\"advice %s\">\n<p class=\"kicker\">The advice</p>\n<h1>%s</h1>\n<p class=\"reason\">",
		mc_advice_name(h->survey->advice), is_alpine ? "Go to alpine" : "Stay on slim");
	mc_html_put(h, h->survey->reason);
	fputs(".</p>\n", h->out);
	put_facts(h);
	if (h->style->is_partial)
		fputs("<p class=\"notice\"><b>Not all of it:</b> a path could not be opened; this is about the others.</p>\n",
		      h->out);
	fputs("</div>\n</header>\n", h->out);
}

static void put_link(struct mc_html *h, bool is_there, const char *id, const char *name)
{
	if (is_there)
		fprintf(h->out, "<li><a href=\"#%s\">%s</a></li>\n", id, name);
}

static void put_nav_numbers(struct mc_html *h)
{
	put_link(h, h->has_rules, "rules", "Rules");
	put_link(h, h->has_missing, "missing", "Missing");
	put_link(h, h->names_count, "names", "Against each");
	put_link(h, h->has_behaviour, "behaviour", "Behaviour");
}

/* In the order of the parts.  */
static void put_nav(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;

	fputs("<nav class=\"wrap\" aria-label=\"Parts of the report\"><ul>\n", h->out);
	put_link(h, true, "overview", "Overview");
	put_link(h, s->dockerfiles_count, "dockerfiles", "Dockerfiles");
	if (h->is_batch)
		put_nav_numbers(h);
	put_link(h, s->dists_count, "dists", "Dists");
	put_link(h, s->dists_count, "findings", "Findings");
	if (!h->is_batch)
		put_nav_numbers(h);
	put_link(h, s->excuses && s->excuses->waivers_count, "waivers", "Waivers");
	fputs("</ul></nav>\n", h->out);
}

/* ---- what to write ---- */

static void put_packages(struct mc_html *h, const struct mc_package_need *packages, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fputs(" \\\n    ", h->out);
		mc_html_word(h, packages[i].package);
	}
	if (count)
		fputc('\n', h->out);
}

static void put_install(struct mc_html *h)
{
	struct mc_install install;

	if (!mc_install_of(h->survey, &install))
		return;
	fprintf(h->out,
		"<section class=\"card\" aria-labelledby=\"h-write\">\n<h3 id=\"h-write\">What to write%s</h3>\n"
		"<div class=\"copyable\"><button type=\"button\" class=\"copy\" hidden>Copy</button>\n"
		"<pre tabindex=\"0\" aria-labelledby=\"h-write\"><code>FROM ",
		install.is_alpine ? "" : " for slim");
	mc_html_word(h, install.image->name);
	fputc('\n', h->out);
	if (install.packages_count)
		fputs(install.is_alpine ? "RUN apk add --no-cache"
				: "RUN apt-get update &amp;&amp; apt-get install -y --no-install-recommends",
		      h->out);
	put_packages(h, install.packages, install.packages_count);
	if (install.is_whole)
		fputs("RUN pip install --no-cache-dir -r requirements.txt\n", h->out);
	fputs("</code></pre></div>\n<p class=\"soft\"><code>muslcheck --dockerfile</code> writes the whole file.</p>\n"
	      "</section>\n",
	      h->out);
}

/* Which lines of a Dockerfile to change.  */
static void put_dockerfile(struct mc_html *h, const struct mc_docker_changes *changes)
{
	fputs("<section class=\"card\">\n<h3>", h->out);
	mc_html_code(h, mc_str_of(changes->path));
	fprintf(h->out, ": %s</h3>\n", changes->count ? "what to change" : "nothing to change");
	if (changes->count)
		fputs("<table class=\"stack\">\n<caption class=\"unseen\">Lines to change</caption>\n<thead><tr>"
		      "<th scope=\"col\">Line</th><th scope=\"col\">Is</th><th scope=\"col\">Becomes</th>"
		      "<th scope=\"col\">Why</th></tr></thead>\n<tbody>\n",
		      h->out);
	for (size_t i = 0; i < changes->count; i++) {
		const struct mc_docker_change *c = &changes->items[i];

		fprintf(h->out, "<tr><th scope=\"row\" class=\"num\">%u</th><td>", c->line);
		if (c->is.len)
			mc_html_code(h, c->is);
		else
			fputs("(behind it)", h->out);
		fputs("</td><td>", h->out);
		if (c->becomes.len)
			mc_html_code(h, c->becomes);
		fputs("</td><td>", h->out);
		mc_html_put(h, c->why);
		fputs("</td></tr>\n", h->out);
	}
	fputs(changes->count ? "</tbody>\n</table>\n</section>\n" : "</section>\n", h->out);
}

static void put_dockerfiles(struct mc_html *h)
{
	if (!h->survey->dockerfiles_count)
		return;
	fputs("<section id=\"dockerfiles\" aria-labelledby=\"h-dockerfiles\">\n"
	      "<h2 id=\"h-dockerfiles\">Dockerfiles</h2>\n",
	      h->out);
	for (size_t i = 0; i < h->survey->dockerfiles_count; i++)
		put_dockerfile(h, &h->survey->dockerfiles[i]);
	fputs("</section>\n", h->out);
}

/* ---- what it takes ---- */

static void put_piece(struct mc_html *h, const char *name, double at, double width)
{
	if (width > 0)
		fprintf(h->out, "<rect class=\"z-%s\" x=\"%.2f\" width=\"%.2f\" height=\"10\"/>", name, at, width);
}

static void put_size(struct mc_html *h, const char *name, const char *image, const struct mc_size *size, double largest)
{
	double base = (double)size->image_kb * 1e3, dists = (double)size->dists_nbytes,
	       packages = (double)size->packages_kb * 1e3, scale = largest > 0 ? 100 / largest : 0;

	fprintf(h->out, "<div class=\"size\">\n<p><b>%s</b> <span class=\"total\">%.0f MB</span> <code>", name,
		(double)mc_size_total(size) / 1e6);
	mc_html_word(h, image);
	fputs("</code></p>\n<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
	      h->out);
	put_piece(h, "image", 0, base * scale);
	put_piece(h, "dists", base * scale, dists * scale);
	put_piece(h, "packages", (base + dists) * scale, packages * scale);
	fprintf(h->out, "</svg>\n<p class=\"parts\"><span class=\"key z-image\">image %s%.0f</span>",
		size->is_image_near ? "~" : "", base / 1e6);
	if (dists > 0)
		fprintf(h->out, " <span class=\"key z-dists\">dists %.1f</span>", dists / 1e6);
	if (packages > 0)
		fprintf(h->out, " <span class=\"key z-packages\">packages %.1f</span>", packages / 1e6);
	fputs("</p>\n</div>\n", h->out);
}

static void put_saving(struct mc_html *h, double now, double then)
{
	const struct mc_survey *s = h->survey;
	const struct mc_sizes *z = &s->sizes;
	size_t packages = z->target.packages_unknown + z->against.packages_unknown;

	fputs("<p class=\"soft\">", h->out);
	if (now < then)
		fprintf(h->out, "Alpine would take %.0f MB more.", (then - now) / 1e6);
	else
		fprintf(h->out, "Alpine %s <b>%.0f MB (%.0f %%)</b>.",
			s->advice == MC_ADVICE_ALPINE ? "saves" : "would save", (now - then) / 1e6,
			(now - then) * 100 / now);
	if (now >= then && (now - then) * 5 < now)
		fputs(" That is little: slim is the default for production.", h->out);
	if (z->dists_unknown) {
		fputs(" In neither: ", h->out);
		mc_html_count(h, z->dists_unknown, "dist");
		fputs(" of unknown size.", h->out);
	}
	if (packages) {
		fputs(" Not in it: ", h->out);
		mc_html_count(h, packages, "package");
		fputs(" of unknown size.", h->out);
	}
	if (z->target.is_image_near || z->against.is_image_near)
		fputs(" ~: as measured of the nearest image.", h->out);
	fputs("</p>\n", h->out);
}

static void put_sizes(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;
	const struct mc_sizes *z = &s->sizes;
	double now = (double)mc_size_total(&z->against), then = (double)mc_size_total(&z->target);

	if (!mc_has_sizes(s))
		return;
	fputs("<section class=\"card\" aria-labelledby=\"h-sizes\">\n<h3 id=\"h-sizes\">What it takes</h3>\n"
	      "<p class=\"soft\">Unpacked, in MB of 1000 kB</p>\n",
	      h->out);
	put_size(h, "slim", s->against.name, &z->against, now > then ? now : then);
	put_size(h, "alpine", s->target.name, &z->target, now > then ? now : then);
	put_saving(h, now, then);
	fputs("</section>\n", h->out);
}

/* ---- the page ---- */

static void put_overview(struct mc_html *h)
{
	fputs("<section id=\"overview\" aria-labelledby=\"h-overview\">\n<h2 id=\"h-overview\">Overview</h2>\n"
	      "<div class=\"grid\">\n",
	      h->out);
	mc_html_verdicts(h);
	put_install(h);
	put_sizes(h);
	fputs("</div>\n</section>\n", h->out);
}

static void put_foot(struct mc_html *h)
{
	fputs("<footer class=\"wrap\">\n<p>muslcheck " MC_VERSION ". ", h->out);
	fputs("<code>muslcheck explain MC101</code> says more of a rule; <code>--format json</code> has all findings. "
	      "This page loads nothing and sends nothing.</p>\n</footer>\n<script>",
	      h->out);
	put_lines(h, mc_html_script);
	fputs("</script>\n</body>\n</html>\n", h->out);
}

static void look_ahead(struct mc_html *h)
{
	const struct mc_survey *s = h->survey;

	for (size_t i = 0; i < s->findings_count; i++) {
		const struct mc_finding *f = &s->findings[i];

		h->has_behaviour |= mc_rule_is_behaviour(f->rule) && mc_is_told(s, f);
		h->has_rules |= mc_is_counted(f);
		h->has_missing |= mc_is_counted(f) && (f->rule == MC_RULE_SYMBOL || f->rule == MC_RULE_LIBRARY ||
						     f->rule == MC_RULE_GLIBC_LIBRARY);
	}
}

static enum mc_status put_numbers(struct mc_html *h)
{
	MC_TRY(mc_html_rules(h));
	MC_TRY(mc_html_missing(h));
	mc_html_names(h);
	return mc_html_behaviour(h);
}

static enum mc_status put_page(struct mc_html *h)
{
	h->is_batch = h->style->is_batch || h->survey->dists_count >= MC_HTML_BATCH;
	look_ahead(h);
	if (h->is_batch)
		MC_TRY(mc_html_take_names(h));
	MC_TRY(mc_html_sort_objects(h));
	put_head(h);
	fputs("<body>\n<a class=\"skip\" href=\"#main\">To the report</a>\n", h->out);
	put_advice(h);
	put_nav(h);
	fputs("<main id=\"main\" class=\"wrap\">\n", h->out);
	put_overview(h);
	put_dockerfiles(h);
	/* Of many dists nobody reads the names first.  */
	if (h->is_batch)
		MC_TRY(put_numbers(h));
	MC_TRY(mc_html_dists(h));
	if (!h->is_batch)
		MC_TRY(put_numbers(h));
	mc_html_waivers(h);
	fputs("</main>\n", h->out);
	put_foot(h);
	return MC_OK;
}

static enum mc_status write_html(const struct mc_survey *survey, const struct mc_report_style *style, FILE *out,
				 struct mc_error *err)
{
	struct mc_html html = {.survey = survey, .style = style, .out = out};
	enum mc_status status;

	mc_arena_init(&html.arena, NULL);
	status = put_page(&html);
	mc_arena_clear(&html.arena);
	return mc_report_end(out, status, err);
}

const struct mc_report_format mc_report_html = {"html", write_html};
