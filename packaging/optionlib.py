# SPDX-License-Identifier: MIT
"""What the program says of its own options; for gen_man and gen_completions."""
import re
import subprocess
from typing import NamedTuple

# In the order of the man page; tests/lint/install.sh holds them against src/main.c.
COMMANDS = {
    "scan": "judge venvs, trees, wheels, lock files; the command where none is named",
    "ldd": "what the target's loader says to a file in its place",
    "explain": "a rule, a symbol, a library or a dist of a report",
    "report": "reports of before, put together",
    "targets": "the images that are known",
    "libc": "names that one libc has and another lacks",
}


class Option(NamedTuple):
    letter: str  # "j", or ""
    name: str
    argument: str  # " FILE", "[=LOADER]", or ""
    words: list  # all that the argument can be; empty: no such list
    help: str  # in one line


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def table(program):
    """The options of scan, and of report, which reads the same table."""
    rows = [line.split("\t") for line in output_of(program, "--help=table").splitlines()]
    return [Option(letter, name, argument, words.split(), text) for letter, name, argument, words, text in rows]


def options_of(program, command):
    """The same of any command; those with few options have them in their help alone."""
    known = {option.name: option for option in table(program)}
    if command in ("scan", "report"):
        return list(known.values())
    found = []
    for match in re.finditer(r"^  --([a-z-]+)( [^ ]+)?   +(.*(?:\n {8,}.*)*)", output_of(program, command, "--help"), re.M):
        name, argument, text = match.groups(default="")
        words = known[name].words if name in known else []
        found.append(Option("", name, argument, words, re.sub(r"\s+", " ", text)))
    return found + [known["help"]]
