#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs.sh - links between pages lead somewhere; every rule has a whole page; the index of the rules is made of
their pages; what muslcheck prints is shown in fences that tests/run-docs runs, and nowhere else."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PAGES = ["README.md", *sorted(glob.glob("docs/*.md") + glob.glob("docs/rules/*.md") + glob.glob("*/README.md"))]
fail = 0


def complain(text):
    global fail
    fail = 1
    print("lint: " + text, file=sys.stderr)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def without_fences(text):
    return re.sub(r"^([ \t]*)```.*?^\1```[ \t]*$", "", text, flags=re.M | re.S)


def anchors(path):
    """Of the headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", without_fences(read(path)), re.M)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", head).lower()).replace(" ", "-") for head in heads}


def check_links(path):
    text = re.sub(r"`[^`\n]*`", "", without_fences(read(path)))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        goal = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
        if not os.path.exists(goal):
            complain(f"{path}: {target} leads nowhere")
        elif anchor and goal.endswith(".md") and anchor not in anchors(goal):
            complain(f"{path}: {target}: no such heading")
    return {os.path.normpath(os.path.join(os.path.dirname(path), target.partition("#")[0]))
            for target in re.findall(r"\]\(([^)\s:]+)\)", text)}


def check_fences(path):
    lines, kind, mark = read(path).split("\n"), None, ""
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("```"):
            kind = None if kind is not None else (line.strip("` "), mark)
        elif kind is not None and kind[0] != "console" and re.match(r"\$ (build/\S*/)?muslcheck", line):
            complain(f"{path}:{number}: a command and its output stand in a fence called console, so that they are run")
        mark = line


def check_rules():
    rules = re.findall(r'\{"(MC\d+)", "([^"]*)", "([^"]*)"\}', read("src/rules.c"))
    pages = {os.path.basename(path)[:-len(".md")] for path in glob.glob("docs/rules/*.md")}
    for code in pages ^ {code for code, _, _ in rules}:
        complain(f"{code}: a page without a rule, or a rule without a page")
    for code, name, title in rules:
        if code not in pages:
            continue
        text = read(f"docs/rules/{code}.md")
        head = re.match(r"# (\S+) (\S+)\n\n(.*)\.\n", text)
        if not head or head.groups()[:2] != (code, name) or head[3].lower() != title.lower():
            complain(f"docs/rules/{code}.md: its first lines are not '# {code} {name}' and '{title}.' as in src/rules.c")
        for heading in ("Why", "How it looks", "Waiving it"):
            if f"\n## {heading}\n" not in text:
                complain(f"docs/rules/{code}.md: no '{heading}'")
        if "```console\n" not in text:
            complain(f"docs/rules/{code}.md: no example that is run")
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "rules.md")
        shutil.copy("docs/rules.md", copy)
        subprocess.run(["probe/gen_rules", "docs/rules", copy], check=True)
        if read(copy) != read("docs/rules.md"):
            complain("docs/rules.md: its table is not that of the pages: make docs-check writes it")


linked = set()
for page in PAGES:
    linked |= check_links(page)
    if page == "README.md" or page.startswith("docs/"):
        check_fences(page)
for page in PAGES:
    if page.startswith("docs/") and page not in linked:
        complain(f"{page}: no page links to it")
check_rules()
sys.exit(fail)
