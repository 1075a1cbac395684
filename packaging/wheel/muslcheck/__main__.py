# SPDX-License-Identifier: MIT
"""python -m muslcheck: the program, in the place of this process."""
import os
import sys

from . import program

if __name__ == "__main__":
    _path = program()
    os.execv(_path, ["muslcheck", *sys.argv[1:]])
