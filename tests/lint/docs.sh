#!/bin/sh
# docs.sh - links between pages, the rules' pages and their index, and that what is shown is run.
exec "$(dirname "$0")/check_docs"
