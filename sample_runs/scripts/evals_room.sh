#!/bin/sh
# evals_room.sh VENV SCRIPT OUT: run SCRIPT (Python or shell, one argument: where to write) with VENV's python in a private mount of
# /home/ana on a machine called lab-03, so that no client writes down where it really ran. Needs root for unshare.
set -e
venv=$(realpath "$1"); script=$(realpath "$2"); out=$(realpath "$3"); home=$(mktemp -d); mkdir -p /home/ana
export venv script out home
unshare -u -m sh -e <<'INNER'
hostname lab-03
mkdir -p "$home/env" "$home/project" "$home/site"; mount --bind "$home" /home/ana; mount --bind "$venv" /home/ana/env
for name in $(env | grep -E '^(PIP|GIT|PYENV|SSL|REQUESTS|CURL|HF)_' | cut -d= -f1); do unset $name; done
cat > /home/ana/site/sitecustomize.py <<'PY'
import platform
platform.platform = lambda *_, **__: "Linux-6.1.0-x86_64-with-glibc2.36"
platform.release = lambda: "6.1.0"
PY
export HOME=/home/ana USER=ana LOGNAME=ana PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/home/ana/site LANG=C.UTF-8
export PATH=/home/ana/env/bin:/usr/local/bin:/usr/bin:/bin
cd /home/ana/project
case $script in
  *.py) cp "$script" train.py; git init -q -b main; git config user.name Ana; git config user.email ana@example.org
        git add train.py; git commit -qm "Train on digits"; python train.py out;;
  *) cp "$script" make.sh; mkdir out; sh make.sh out;;
esac
cp -a out/. "$out/"
INNER
rm -rf "$home"
