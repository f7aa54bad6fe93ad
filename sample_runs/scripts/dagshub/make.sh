#!/bin/sh
# sh make.sh VENV CASES OUT; as for the DVC samples: a host name and a home of its own, so that none of ours is in the files.
set -eu
exec unshare -u -m sh "$2/inside.sh" "$1" "$2" "$3"
