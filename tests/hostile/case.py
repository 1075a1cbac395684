# SPDX-License-Identifier: MIT
"""A hostile case: what makes its files, how the program is called there, and what it must answer."""
import dataclasses
import json
import os
import re
import typing

TARGET = "python:3.12-alpine3.22"
SCAN = ["--format", "json", "--target", TARGET]
TAG = "cp312-cp312-musllinux_1_2_x86_64"
WHEEL = f"x-1.0-{TAG}.whl"


@dataclasses.dataclass
class Case:
    name: str
    make: typing.Callable[[str], None]  # fills the folder that the program runs in
    args: list
    exit: typing.Optional[int] = 1  # None: any of 0, 1, 2
    rule: str = ""                # a finding of that rule is there
    says: str = ""                # a finding's message, or a line of stderr, matches
    stdin: bytes = b""
    as_nobody: bool = False       # root is refused nothing
    needs_root: bool = False      # to make its files
    is_long: bool = False         # left out of the short set
    meanwhile: typing.Optional[typing.Callable] = None  # is called with the folder until the program ends
    times: int = 1                # to run it
    check: typing.Optional[typing.Callable] = None      # None, or what is wrong with the Run and the folder


@dataclasses.dataclass
class Batch:
    """Many small inputs for one process; when it fails at one, each is asked alone."""
    name: str
    items: typing.Callable[[], typing.Iterable]  # (name, bytes): a wheel, or a file of a folder of its own
    wanted: typing.Callable[[str], str]          # name: the outcome it must have, see outcome()
    file: str = "x.so"
    peer: typing.Optional[typing.Callable] = None  # (name, outcome, path): what is wrong by somebody else's word
    is_long: bool = False


@dataclasses.dataclass
class Run:
    code: int
    stdout: bytes
    stderr: bytes
    peak_kb: int
    cpu_s: float


SANITIZER = re.compile(rb"ERROR: \w+Sanitizer|: runtime error: |WARNING: ThreadSanitizer")
# Control characters but line ends and tabs, what turns, hides or ends a line of text, and tags.
RAW = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")


def raw_text(data):
    """None, or what in it could steer a terminal."""
    try:
        text = data.decode()
    except UnicodeDecodeError as why:
        return f"no UTF-8: {why}"
    found = RAW.search(text)
    return f"raw {found.group()!r} in {text[max(0, found.start() - 60):found.end() + 20]!r}" if found else None


def findings(report):
    """What stands against the target."""
    return [f for f in report["findings"] if f["image"] == report["target"]["image"] and f["severity"] == "error"]


def outcome(line):
    """Of a line of NDJSON: alpine, the rules that stand against it, or error."""
    if not line["report"]:
        return "error"
    report = line["report"]
    rules = "+".join(sorted({f["rule"] for f in findings(report)}))
    if report["advice"] == "alpine":
        return "alpine" if not rules else "alpine in spite of " + rules
    return rules or report["advice"]


def problem_of_any(run):
    """What no run may do, whatever it is given."""
    if SANITIZER.search(run.stderr):
        return run.stderr.decode(errors="replace")[-2000:]
    if run.code not in (0, 1, 2):
        return f"exit code {run.code}"
    for what, data in ("stdout", run.stdout), ("stderr", run.stderr):
        problem = raw_text(data)
        if problem:
            return f"{what}: {problem}"
    if b"out of memory" in run.stderr + run.stdout:
        return "out of memory, which it was not"
    lines = run.stderr.decode().splitlines()
    strays = [line for line in lines if not line.startswith(("muslcheck: ", "Try 'muslcheck"))]
    if strays:
        return f"a line of stderr is no message: {strays[0]!r}"
    return None


def problem_of(case, run, folder):
    problem = problem_of_any(run)
    if problem:
        return problem
    if case.exit is not None and run.code != case.exit:
        return f"exit code {run.code} and not {case.exit}: {run.stderr.decode()[:300]}{told(run)}"
    if run.code == 2 and not run.stderr and "ndjson" not in case.args and "-" not in case.args:
        return "exit code 2, and no word why"
    report = None
    if "json" in case.args and run.code != 2:
        report = json.loads(run.stdout)
        if (report["advice"] == "alpine") != (run.code == 0):
            return f"advice {report['advice']}, exit code {run.code}"
    texts = run.stderr.decode().splitlines()
    if report:
        texts += [f["message"] for f in report["findings"]] + [report["reason"]]
        rules = {f["rule"] for f in findings(report)}
        if case.rule and case.rule not in rules:
            return f"no {case.rule} but {sorted(rules)}"
    elif "json" not in case.args:
        texts += run.stdout.decode().splitlines()
    if case.says and not any(re.search(case.says, text) for text in texts):
        return f"nothing says {case.says!r}: {texts[:4]}"
    return case.check(run, folder) if case.check else None


def told(run):
    try:
        report = json.loads(run.stdout)
        return " | ".join(f"{f['rule']} {f['message']}" for f in report["findings"])[:600]
    except (ValueError, KeyError):
        return run.stdout.decode(errors="replace")[:300]


class Table:
    """Outcomes that are written down: a name before its last '=', a tab, then OUTCOME: values; ..."""

    def __init__(self, path):
        self.path, self.by_name = path, {}
        if not os.path.exists(path):
            return
        with open(path, encoding="utf-8") as f:
            for line in f:
                if line.startswith("#"):
                    continue
                field, rest = line.rstrip("\n").split("\t")
                for part in rest.split("; "):
                    what, values = part.split(": ")
                    for value in values.split():
                        self.by_name[f"{field}={value}"] = what

    def __call__(self, name):
        return self.by_name.get(name, "nothing: make hostile UPDATE=1 writes what it is now")

    def write(self, outcomes, remark):
        fields = {}
        for name, what in outcomes.items():
            field, value = name.rsplit("=", 1)
            fields.setdefault(field, {}).setdefault(what, []).append(value)
        with open(self.path, "w", encoding="utf-8") as f:
            f.write(remark)
            for field, parts in fields.items():
                f.write(field + "\t" + "; ".join(f"{what}: {' '.join(v)}" for what, v in parts.items()) + "\n")


def put(folder, path, data=b""):
    """Write a file and the folders above it."""
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data.encode() if isinstance(data, str) else data)
    return path


def putting(files):
    """A maker of such files: {path: content}."""
    def make(folder):
        for path, data in files.items():
            put(folder, path, data)
    return make
