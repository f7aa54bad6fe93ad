#!/bin/sh
# sh make.sh VENV CASES OUT; a host name and a home of its own, so that none of ours is in the files. Needs root for unshare.
set -eu
mkdir -p /home/ana
exec unshare -u -m sh "$2/inside.sh" "$1" "$2" "$3"
