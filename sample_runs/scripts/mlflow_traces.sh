#!/bin/sh
# mlflow_traces.sh CLIENTS OUT: writes sample_runs/mlflow/sqlite-2.14. CLIENTS holds the venv mlflow214
# (pip install mlflow==2.14.3 'sqlalchemy<2.1' opentelemetry-sdk==1.25.0 'setuptools<80'). Needs root for the names.
set -e
here=$(cd "$(dirname "$0")" && pwd)
[ -n "$INSIDE" ] || exec unshare -u -m env INSIDE=1 "$0" "$(realpath "$1")" "$(realpath "$2")"
mkdir -p /home/ana && mount -t tmpfs none /home/ana && hostname lab-03
export HOME=/home/ana USER=ana LOGNAME=ana PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
unset PYTHONPATH
mkdir -p /home/ana/project /home/ana/venv && cd /home/ana/project
mount --bind "$1/mlflow214" /home/ana/venv
cp "$here/mlflow_traces.py" train.py
/home/ana/venv/bin/python train.py 2>/home/ana/log || { tail -20 /home/ana/log; exit 1; }
rm train.py
rm -rf "$2/sqlite-2.14" && mkdir -p "$2/sqlite-2.14" && cp -a . "$2/sqlite-2.14/"
