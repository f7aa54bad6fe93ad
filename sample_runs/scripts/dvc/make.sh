#!/bin/sh
# sh make.sh VENV CASES OUT: CASES = this folder; needs root for the name of the host and a home of its own. Writes OUT/<case>.
set -eu
exec unshare -u -m sh "$2/inside.sh" "$1" "$2" "$3"
