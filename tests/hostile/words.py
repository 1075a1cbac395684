# SPDX-License-Identifier: MIT
"""Words of an enemy in every place where a name can come in, and every writer read by a real parser of its format.

A word is 'plain' (which shows what the reports look like), or would be a command, an element, a link, a cell or a
steering byte, if a writer let it through as it is.  An enemy's word always has 'evil' where it would take effect.
"""
import html.parser
import json
import os
import re
import xml.etree.ElementTree

import elfs
from case import SCAN, TAG, TARGET, Case, put, raw_text
from zips import INFO, MODULE, Member, archive

WORDS = {
    "plain": "plain",
    "ansi": "\x1b[31mevil\x1b]0;evil\x07\x1b]8;;http://evil.example\x1b\\link",
    "c1": "\x9b31mevil\x85evil\x90",
    "bidi": "\u202eevil\u2066\u2069\u200f\u061c",
    "unseen": "ev\u200bil\ufeff\u2028evil\u2029\U000e0041",
    "no-utf8": b"\xff\xfeevil\xc0\xaf\xed\xa0\x80",
    "newline": "\nevil\n\revil",
    "command": "\n::error file=evil::evil",
    "command-behind-blanks": "  ::error::evil",
    "command-set-output": "::set-output name=evil::evil",
    "command-old": "##[error]evil##[add-path]evil",
    "command-percent": "%0A::error::evil%0D%25",
    "command-property": ",file=evil,line=1::evil",
    "cdata": "]]><evil/><![CDATA[",
    "element": "<evil onevil=1>evil</evil><script>evil()</script>",
    "attribute": "\" onevil='evil' x=\"",
    "attribute-single": "' onevil=evil x='",
    "reference": "&lt;evil&gt;&#10;&evil;",
    "comment": "--><evil/><!--",
    "style": "</style><evil>{}</script><evil>",
    "cell": "|evil|\\|evil",
    "code": "`evil```<evil>``",
    "link": "[evil](http://evil.example)![evil](//evil.example/x.png)",
    "autolink": "http://evil.example www.evil.example evil@evil.example @evil #1",
    "table": "\n| evil | evil |\n|---|---|\n| evil |",
    "heading": "\n# evil\n> evil\n- evil\n```\nevil",
    "formula": "=cmd|'/c evil'!A1",
    "formula-at": "@SUM(evil)+evil-evil",
    "shell": "$(evil)`evil`;evil&&evil|evil>evil",
    "dockerfile": "\nRUN evil\nFROM evil\\\n",
    "format": "%s%n%x{evil}{0}\\x1b\\u001b",
    "nul": "evil\0evil",
    "long": "evil" * 20000,
}

FILES = ("json", "sarif", "junit", "github", "gitlab", "markdown", "html", "summary", "text")


def as_bytes(word):
    return word if isinstance(word, bytes) else word.encode()


def as_name(word):
    """As the name of a file: no slash, no NUL, at most 200 bytes."""
    return as_bytes(word).replace(b"/", b"_").replace(b"\0", b"_")[:200]


def in_elf(word):
    return as_bytes(word).replace(b"\0", b"_")


def as_text(word):
    """Inside a TOML or a JSON string."""
    return json.dumps(as_bytes(word).decode(errors="replace"), ensure_ascii=False).replace("\x7f", "\\u007f")


def fill(word):
    """All places, in one folder."""
    name, raw, inside = as_name(word), as_bytes(word), in_elf(word)
    image = bytes(elfs.honest(needed=[b"lib" + inside + b".so", "libc.so.6"], words=inside).data)

    def make(folder):
        base = folder.encode()
        member = b"x/" + raw[:60000] + b".so"
        info = dict(INFO)
        info["x-1.0.dist-info/METADATA"] = b"Metadata-Version: 2.1\nName: x\nVersion: 1.0" + raw + b"\nRequires-Python: >=3" + raw + \
            b"\nRequires-Dist: y (" + raw + b")\nSummary: " + raw + b"\n"
        info["x-1.0.dist-info/RECORD"] = raw + b",sha256=x,1\n"
        info["x/a.py"] = b"import ctypes\nctypes.CDLL('libevil.so.6')\nimport nis\n"
        members = [Member(member, image), Member(b"x/" + raw[:60000] + b".py", info["x/a.py"]), Member(b"x-1.0.data/scripts/" + raw[:60000], b"#!/bin/" + inside + b"\n"),
                   *(Member(n.encode(), d) for n, d in info.items())]
        put(folder, f"x-1.0-{TAG}.whl", archive(members).data)
        put(base, b"w/y-1.0" + name[:80] + b"-cp312-cp312-" + name[:80] + b".whl", archive(members).data)
        put(base, name + b".whl", b"no zip")
        site = b"venv/lib/python3.12/site-packages/"
        put(base, b"venv/pyvenv.cfg", b"version = 3.12.0\nhome = " + raw + b"\n")
        put(base, site + b"x" + name + b".so", image)
        put(base, site + name + b"/" + name + b".so", MODULE[:300])
        put(base, site + name + b"/tool", b"#!/usr/bin/" + inside + b" x\n")
        os.chmod(os.path.join(base, site + name + b"/tool"), 0o755)
        put(base, site + b"z-1.0.dist-info/METADATA", b"Name: z\nVersion: " + raw + b"\n")
        put(base, site + b"z-1.0.dist-info/RECORD", raw + b",,\n" + name + b"/" + name + b".so,,\n")
        put(base, site + b"z-1.0.dist-info/direct_url.json", b'{"url": ' + as_text(word).encode() + b', "dir_info": {"editable": true}}')
        put(base, site + name + b"-2.dist-info/METADATA", b"Name: " + raw + b"\nVersion: 2\n")
        put(base, site + name + b"-2.dist-info/RECORD", b"")
        os.symlink(b"/usr", os.path.join(base, site, b"out" + name))
        text = as_text(word)
        put(folder, "uv.lock", f'version = 1\nrequires-python = ">=3.12"\n[[package]]\nname = {text}\nversion = "1"\nsource = {{ registry = {text} }}\n'
            f'[[package]]\nname = "p"\nversion = {text}\nsource = {{ registry = "https://x.example/simple" }}\n'
            f'wheels = [{{ url = {text}, hash = {text} }}]\n')
        put(folder, "poetry.lock", f'[[package]]\nname = "p"\nversion = {text}\nfiles = [{{file = {text}, hash = {text}}}]\n'
            '[metadata]\nlock-version = "2.0"\npython-versions = "*"\n')
        put(folder, "requirements.txt", b"p==1" + raw + b"\n" + raw + b"\n-r " + raw + b"\n--find-links " + raw + b"\nq @ https://x.example/" + raw + b"\n")
        put(folder, "Dockerfile", b"FROM python:3.12-slim\nARG A=" + raw.replace(b"\n", b" ") + b"\nRUN apt-get install -y " + raw.replace(b"\n", b" ") +
            b" && pip install " + raw.replace(b"\n", b" ") + b"\nCOPY " + raw.replace(b"\n", b" ") + b" /x\n")
        put(folder, "report.json", f'{{"version": "1", "install": [{{"metadata": {{"name": {text}, "version": {text}}}, "download_info": {{"url": {text}}}}}]}}')
        put(folder, "muslcheck.toml", f'[[waiver]]\nrule = "MC101"\ndist = {text}\nreason = {text}\nexpires = 2099-01-01\n')
        put(folder, "batch", json.dumps({"input": raw.decode(errors="replace"), "error": raw.decode(errors="replace"), "report": None}) + "\n")
    return make


def starts(word):
    name = as_name(word)
    needs = b"lib" if name.startswith(b"-") else b""

    def make(folder):
        put(folder.encode(), name + b"a.so", elfs.honest(needed=[needs + name + b"b.so"]).data)
        put(folder.encode(), needs + name + b"b.so", elfs.honest(words=in_elf(word)).data)
        put(folder.encode(), name + b"b.so", elfs.honest(words=in_elf(word)).data)
    return make


# ---- a real parser of each format ----

# What a page of ours is made of; a name that makes another is let through.
ELEMENTS = set("""a b body br button caption circle code dd defs details div dl dt em figcaption figure footer g h1 h2 h3 head header html input
    label li line link main meta nav ol option p path pre rect script section select span strong style summary svg table tbody td text th
    thead title tr ul""".split())
KEYS = set("""aria-hidden aria-label aria-labelledby aria-expanded aria-controls autocomplete charset class content cx cy d data-k data-r data-s
    data-v fill for height hidden href http-equiv id lang name open placeholder points preserveaspectratio r rel role rx scope spellcheck
    stroke tabindex title transform type value viewbox width x x1 x2 y y1 y2""".split())


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.strange, self.links = [], []

    def handle_starttag(self, tag, attrs):
        self.strange += [tag] * (tag not in ELEMENTS) + [f"{tag} {name}" for name, _ in attrs if name not in KEYS and not re.fullmatch("data-[a-z]", name)]
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def page_problem(text, places=("#", "https://", "data:")):
    page = Page()
    page.feed(text)
    page.close()
    bad = page.strange + [link for link in page.links if "evil" in link or not link.startswith(places)]
    return f"{bad[:3]} in the page" if bad else None


def strings_problem(value):
    if isinstance(value, str):
        return (raw_text(value.encode()) or "a line break") if "\n" in value or "\t" in value or raw_text(value.encode()) else None
    for item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        problem = strings_problem(item[1]) or (strings_problem(item[0]) if isinstance(item[0], str) else None)
        if problem:
            return problem
    return None


def json_problem(text):
    def unique(pairs):
        assert len(dict(pairs)) == len(pairs), "a key stands twice"
        return dict(pairs)
    return next(filter(None, (strings_problem(json.loads(line, object_pairs_hook=unique)) for line in text)), None)


XML = {"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "properties", "property", "system-out", "system-err"}
XML_KEYS = {"name", "tests", "failures", "errors", "skipped", "time", "classname", "file", "line", "message", "type", "value", "id", "timestamp", "hostname", "package"}


def junit_problem(text):
    for element in xml.etree.ElementTree.fromstring(text).iter():
        strange = ({element.tag} - XML) | (set(element.attrib) - XML_KEYS)
        if strange:
            return f"{strange} in the XML"
    return None


# runner's ActionCommand: "::" at a line's start but for blanks, "##[" anywhere.
COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)
ANNOTATION = re.compile(r"::(error|warning|notice) title=[^,:]*(,file=[^,:]*(,line=\d+)?)?::[^\n]*")


def github_problem(text):
    for line in text.splitlines():
        if not ANNOTATION.fullmatch(line) or "##[" in line:
            return f"no annotation of ours: {line[:200]!r}"
    return None


def markdown_problem(text):
    try:
        import markdown_it
    except ImportError:
        return markdown_scan(text)
    return page_problem(markdown_it.MarkdownIt("gfm-like" if has_linkify() else "commonmark").enable("table").render(text)) or markdown_scan(text)


def has_linkify():
    try:
        import linkify_it
        return bool(linkify_it)
    except ImportError:
        return False


def markdown_scan(text):
    """Code spans taken off, there is no element but ours, no link to elsewhere, and rows have the cells of their head."""
    cells = None
    for line in text.splitlines():
        bare = re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", lambda m: "" if "<" in m[2] or "[" in m[2] else m[2].replace("evil", ""), line)
        if re.search(r"<\s*/?\s*evil|<script|\]\(\s*(http|//)[^)]*evil|https?://[^ ]*evil|www\.[^ ]*evil|\w@evil|(?<![\w>])@evil", bare):
            return f"{line[:200]!r}"
        if line.startswith("|"):
            count = len(re.findall(r"(?<!\\)\|", line))
            if cells and count != cells:
                return f"{count} bars and not {cells}: {line[:200]!r}"
            cells = count
        else:
            cells = None
    return None


def dockerfile_problem(text):
    goes_on = False
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if not goes_on and not re.match(r"(FROM|RUN|COPY|WORKDIR|ENV|ARG|CMD|ENTRYPOINT|USER|EXPOSE|LABEL) ", line):
            return f"no instruction of ours: {line[:200]!r}"
        if re.search(r"evil", re.sub(r"'[^']*'", "", line)):
            return f"an enemy's word in an instruction: {line[:200]!r}"
        goes_on = line.endswith("\\")
    return None


def terminal_problem(text):
    found = COMMAND.search(text)
    return f"a command to a runner: {text[found.start():found.start() + 100]!r}" if found else None


PARSERS = {
    "json": lambda t: json_problem([t]), "sarif": lambda t: json_problem([t]), "gitlab": lambda t: json_problem([t]),
    "ndjson": lambda t: json_problem(t.splitlines()), "junit": junit_problem, "github": github_problem,
    "markdown": markdown_problem, "html": page_problem, "dockerfile": dockerfile_problem, "dockerfile-target": dockerfile_problem,
}


def problem_of_text(kind, data):
    problem = raw_text(data)
    if not problem and "\t" in data.decode() and kind not in ("html", "ldd"):
        problem = "a raw tab"
    try:
        problem = problem or (terminal_problem(data.decode()) if kind != "github" else None)
        problem = problem or PARSERS[kind](data.decode()) if kind in PARSERS and not problem else problem
    except (ValueError, AssertionError, xml.etree.ElementTree.ParseError) as why:
        problem = f"cannot be parsed: {why}"
    return f"{kind}: {problem}" if problem else None


def check_files(kinds):
    def check(run, folder):
        for kind in kinds:
            path = os.path.join(folder, "out." + kind)
            if not os.path.exists(path):
                return f"no {kind} written: {run.stderr.decode()[:200]}"
            with open(path, "rb") as f:
                problem = problem_of_text(kind, f.read())
            if problem:
                return problem
        problem = terminal_problem(run.stderr.decode())
        return f"stderr: {problem}" if problem else None
    return check


def check_stdout(kind):
    def check(run, _folder):
        return problem_of_text(kind, run.stdout) or problem_of_text("stderr", run.stderr)
    return check


def many(*paths, extra=()):
    args = ["--target", TARGET, "--offline", "-v", *extra]
    for kind in FILES:
        args += ["-o", f"{kind}=out.{kind}"]
    return [*args, "--", *paths]


def cases():
    with_links = ("--find-links", "w")
    for kind, word in WORDS.items():
        make, name = fill(word), os.fsdecode(as_name(word))
        wheel = f"x-1.0-{TAG}.whl"

        def case(what, args, check, stdin=b"", is_long=False):
            return Case(f"word-{kind}-{what}", make, args, None, check=check, stdin=stdin, is_long=is_long)

        yield case("files", many("--copy", "venv", wheel, "w", name + ".whl", "nowhere" + name), check_files(FILES))
        yield case("lists", many("uv.lock", "poetry.lock", "requirements.txt", "Dockerfile", "report.json", extra=("--no-waivers",)), check_files(FILES))
        yield case("links", many("venv", extra=with_links), check_files(FILES), is_long=True)
        yield case("ndjson", ["--format", "ndjson", "--target", TARGET, "-"], check_stdout("ndjson"),
                   "\n".join([wheel, "venv", "uv.lock", "nowhere"]).encode() + b"\n" + as_name(word).replace(b"\n", b"") + b".whl\n")
        for form in "dockerfile", "dockerfile-target":
            yield case(form, ["--format", form, "--target", TARGET, "--offline", *with_links, "--", "venv", "requirements.txt"], check_stdout(form))
        yield case("ldd", ["ldd", "--target", TARGET, "--", f"venv/lib/python3.12/site-packages/x{name}.so", "nowhere" + name], check_stdout("ldd"))
        # Known by its start, which a library of that name has in the list of what is loaded.
        yield Case(f"word-{kind}-ldd-start", starts(word), ["ldd", "--target", TARGET, "--", name + "a.so", name + "b.so"], None, check=check_stdout("ldd"))
        yield case("explain", ["explain", "--", name, "lib" + name + ".so.1"], check_stdout("explain"))
        yield case("report", ["report", "batch"], check_stdout("summary"))
        for option in "target", "against", "format", "fail-on", "shard", "python", "machine", "jobs", "color", "waivers", "baseline", "sysroot", "libc":
            yield case("option-" + option, [f"--{option}={name}", "venv"], check_stdout("stderr"), is_long=option != "target")
        yield case("option-none", ["--" + name, "venv"], check_stdout("stderr"))
        yield case("libc", ["libc", "--", name, "musl-1.2.5"], check_stdout("stderr"), is_long=True)
