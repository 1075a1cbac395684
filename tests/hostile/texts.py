# SPDX-License-Identifier: MIT
"""Garbage where a text is expected: METADATA, RECORD, WHEEL, lock files, JSON, Dockerfiles."""
import json
import random

from case import SCAN, TARGET, WHEEL, Case, put
from trees import dist
from zips import INFO, MODULE, NATIVE, Member, archive

dice = random.Random(7)
NOISE = bytes(dice.randrange(256) for _ in range(1 << 16))

GARBAGE = {
    "empty": b"",
    "nul": b"\0",
    "nuls": bytes(5000),
    "noise": NOISE,
    "noise-in-lines": b"\n".join(NOISE[i:i + 40] for i in range(0, 20000, 40)),
    "no-utf8": b"\xff\xfe\xc0\xaf\xed\xa0\x80",
    "utf-16": "Name: x\nVersion: 1.0\n".encode("utf-16"),
    "escapes": b"\x1b]0;x\x07\x1b[31m\n::error::x\n\xe2\x80\xae\n",
    "quote": b'"',
    "semicolon": b";\n",
    "half": b'[[package]]\nname = "x\n',
    "huge-number": b"[a]\nb = " + b"9" * 400 + b"\n",
    "json-huge-number": b'{"version": 1' + b"0" * 400 + b"}",
    "json-of-else": b'[1, "a", null, {"b": []}]',
    "json-of-wrong-types": b'{"metadata": 1, "packages": {}, "installed": [1, null, {"metadata": []}], "install": [{}], "default": [], "package": 7, "version": []}',
    "toml-of-wrong-types": b'package = [1, "a", [], {name = 1, version = [], wheels = {}, files = 3}]\npackages = "x"\nproject = 1\nversion = []\n',
    "duplicates": b'{"a": 1, "a": 2}',
    "long-line": b"x" * (4 << 20),
    "many-lines": b"a\n" * 200000,
    "deep-brackets": b"a = " + b"[" * 200000,
    "deep-json": b'{"a":' * 200000,
    "deep-tables": b"[" + b".".join([b"a"] * 50000) + b"]\nb = 1\n",
    "many-keys": b"".join(b"k%d = 1\n" % i for i in range(100000)),
}

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt", "pyproject.toml", "report.json", "Dockerfile")

# Read to the end, and nothing is asked for in them: an error, since there is nothing to judge.
EMPTY = {"requirements.txt": {"empty"}, "pyproject.toml": {"empty", "toml-of-wrong-types", "many-keys"}}


# Of these the short set has every file; of the rest only requirements.txt, uv.lock and METADATA.
SHORT = {"empty", "nuls", "noise", "escapes", "deep-json", "json-of-wrong-types", "toml-of-wrong-types"}


def lock(name, kind, data):
    """A file that cannot be read is unknown, and told on stderr too."""
    is_empty = kind in EMPTY.get(name, ())
    return Case(f"text-{name}-{kind}", lambda folder: put(folder, name, data), [*SCAN, "--offline", name], 2 if is_empty else 1,
                "" if is_empty else "MC100", f"muslcheck: {name}: ")


def doubled(folder):
    dist = {"name": "x", "version": "1", "path": "x", "verdict": "breaks"}
    report = {"schema": 1, "target": {"image": TARGET}, "dists": [dist] * 100000, "findings": []}
    put(folder, "lines.ndjson", json.dumps({"input": "x", "error": None, "report": report}))


def cases():
    for one in every():
        one.is_long = not (any(one.name.endswith("-" + kind) for kind in SHORT) or
                           one.name.startswith(("text-requirements.txt", "text-uv.lock", "text-wheel-METADATA")))
        yield one


# Each hides what it installs from who looks at the first word of a command.
HIDDEN = {
    "eval": "RUN eval pip install numpy",
    "wrapper": "RUN with-proxy pip install numpy",
    "su": "RUN su - app -c 'pip install numpy'",
    "find": "RUN find . -name x -exec pip install numpy \\;",
    "python": "RUN python -c 'import os; os.system(\"pip install numpy\")'",
    "shells": """RUN sh -c "sh -c \\"sh -c \\\\\\"sh -c 'sh -c pip\\ install\\ numpy'\\\\\\"\\"" """,
    "no-shell": 'SHELL ["pwsh", "-c"]\nRUN pip install numpy',
    "shell-in-conda": 'SHELL ["conda", "run", "-n", "e", "/bin/bash", "-c"]\nRUN pip install numpy',
    "heredoc": "RUN <<EOF\n#!/usr/bin/env python3\nimport os\nos.system('pip install numpy')\nEOF",
}


def packages(count, more=""):
    return "".join(f'[[packages]]\nname = "p{i}"\nversion = "1"\n{more.format(i)}' for i in range(count))


def every():
    for name, text in HIDDEN.items():
        yield Case("text-Dockerfile-hides-" + name, lambda folder, text=text: (
            put(folder, WHEEL, archive([Member(n.encode(), d) for n, d in INFO.items()]).data),
            put(folder, "Dockerfile", "FROM python:3.12-slim\nRUN pip install x\n" + text + "\n")),
                   ["--target", TARGET, "--find-links", ".", "Dockerfile"], 1)
    wheels = 'wheels = [{{name = "p{0}-1-py3-none-any.whl", url = "https://x.invalid/p{0}-1-py3-none-any.whl", hashes = {{}}}}]\n'
    for name, text, says in ("many-wheels", packages(60000, wheels), "60000"), ("many-packages", packages(160000), "too many packages"):
        yield Case("text-pylock.toml-" + name, lambda folder, text=text: put(folder, "pylock.toml", 'lock-version = "1.0"\ncreated-by = "x"\n' + text),
                   ["--target", TARGET, "--find-links", ".", "pylock.toml"], 0 if name == "many-wheels" else 1, says=says)
    for name in LOCKS:
        for kind, data in GARBAGE.items():
            yield lock(name, kind, data)
    for name in "METADATA", "WHEEL", "RECORD":
        for kind, data in GARBAGE.items():
            # Of an installed dist the folder's name is known, and its files are judged whoever owns them.
            def make(folder, name=name, data=data):
                put(folder, "t/x.so", MODULE)
                put(folder, "t/bad.so", MODULE[:700])
                dist(folder + "/t", **{name: data})
            yield Case(f"text-{name}-{kind}", make, [*SCAN, "t"], 1, "MC100", "cut short")
            if name == "RECORD":
                continue

            def pack(folder, name=name, data=data):
                info = {**INFO, f"x-1.0.dist-info/{name}": data}
                put(folder, WHEEL, archive([Member(NATIVE.encode(), MODULE), *(Member(n.encode(), d) for n, d in info.items())]).data)
            yield Case(f"text-wheel-{name}-{kind}", pack, [*SCAN, WHEEL], 1, "MC100", f"{name}.* pip refuses it|limit|declared|bomb")
    for name in "direct_url.json", "entry_points.txt", "INSTALLER":
        for kind in "noise", "deep-json", "json-of-wrong-types", "escapes":
            def make(folder, name=name, kind=kind):
                put(folder, "t/x.so", MODULE)
                dist(folder + "/t", **{name: GARBAGE[kind]})
            # pip passes over a direct_url.json that is none, and nobody over here reads the others.
            yield Case(f"text-{name}-{kind}", make, [*SCAN, "t"], 0)
    for kind, data in GARBAGE.items():
        for name in "pyvenv.cfg", "y.pth", "y.py":
            def make(folder, name=name, data=data):
                put(folder, "t/x.so", MODULE)
                put(folder, "t/" + name, data)
            yield Case(f"text-{name}-{kind}", make, [*SCAN, "t"], 0)
        yield Case(f"text-waivers-{kind}", lambda folder, data=data: (put(folder, "t/x.so", MODULE), put(folder, "w.toml", data)),
                   [*SCAN, "--waivers", "w.toml", "t"], 0 if kind in ("empty", ) else 2)
        yield Case(f"text-baseline-{kind}", lambda folder, data=data: (put(folder, "t/x.so", MODULE), put(folder, "base", data)),
                   [*SCAN, "--baseline", "base", "t"], 2, says="no baseline")
        yield Case(f"text-ndjson-{kind}", lambda folder, data=data: put(folder, "lines.ndjson", data), ["report", "lines.ndjson"], 2)
        yield Case(f"text-list-{kind}", lambda folder: None, ["--target", TARGET, "-"], 0 if kind in ("empty", "nul", "nuls") else 2, stdin=data)
        yield Case(f"text-tar-{kind}", lambda folder, data=data: put(folder, "image.tar", data), [*SCAN, "image.tar"], 1, "MC100")
    fine = {"name": "x", "version": "1", "path": "x", "verdict": "runs", "against": "runs"}
    line = json.dumps({"input": "x", "error": None, "report": {"schema": 1, "target": {"image": TARGET}, "dists": [fine], "findings": []}})
    yield Case("text-ndjson-whole", lambda folder: put(folder, "l", line + "\n"), ["report", "l"], 0)
    yield Case("text-ndjson-cut", lambda folder: put(folder, "l", line + "\n" + line.replace("x", "y")[:50]), ["report", "--format", "json", "l"], 1, says="an input is missing")
    yield Case("text-ndjson-a-dist-100000-times", doubled, ["report", "lines.ndjson"], 1)
    deep = {"a": []}
    for _ in range(400):
        deep = {"a": [deep]}
    yield Case("text-ndjson-report-of-else", lambda folder: put(folder, "l", json.dumps({"input": "\x1b[31m", "error": None, "report": deep})), ["report", "l"], 2)
