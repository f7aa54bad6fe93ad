#!/bin/sh
# ray_make.sh PYTHON OUT: the samples of Ray Tune (ray 2.60.0). Its files hold absolute paths and the machine's name, so it
# runs as another machine (as root, for unshare) in a folder of its own.
set -e
export python=$1 train="$(cd "$(dirname "$0")" && pwd)/ray_tune.py" RAY_USAGE_STATS_ENABLED=0 RAY_DISABLE_IMPORT_WARNING=1
mkdir -p /srv/ray "$2" && cp "$train" /srv/ray
unshare --uts sh -c 'hostname lab-03 && cd /srv/ray && $python ray_tune.py /srv/ray/results'
# where the interpreter lies on the machine is no part of a sample: same length, so that pickles stay whole
grep -rl /tmp/ /srv/ray/results | xargs sed -i "s#/tmp/#/srv/#g"
grep -rl 2f746d702f /srv/ray/results | xargs -r sed -i s/2f746d702f/2f7372762f/g
grep -rl /root/ /srv/ray/results | xargs -r sed -i "s#/root/#/home/#g"
cp -r /srv/ray/results/* "$2" && rm -r /srv/ray
