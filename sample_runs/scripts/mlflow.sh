#!/bin/sh
# mlflow.sh CLIENTS OUT: writes every store of sample_runs/mlflow. CLIENTS holds the venvs mlflow3, mlflow222, mlflow130
# (pip install mlflow==3.17.2 | mlflow-skinny==2.22.5 scikit-learn pandas pillow matplotlib sqlalchemy alembic |
#  mlflow-skinny==1.30.1 scikit-learn 'sqlalchemy<2' 'alembic<2' 'numpy<2' 'pandas<2.2'). Needs root for the names.
set -e
here=$(cd "$(dirname "$0")" && pwd)
[ -n "$INSIDE" ] || exec unshare -u -m env INSIDE=1 "$0" "$(realpath "$1")" "$(realpath "$2")"
mkdir -p /home/ana && mount -t tmpfs none /home/ana && hostname lab-03
export HOME=/home/ana USER=ana LOGNAME=ana MLFLOW_ALLOW_FILE_STORE=true MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true
export GIT_CONFIG_NOSYSTEM=1 PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
unset PYTHONPATH
run() {  # run NAME VENV URI SIZE
    rm -rf /home/ana/project && mkdir -p /home/ana/project && cd /home/ana/project
    cp "$here/mlflow_train.py" train.py
    git init -q -b main . && git add train.py
    git -c user.name=Ana -c user.email=ana@example.org commit -q -m "Train on digits"
    mkdir -p /home/ana/venv && mount --bind "$1/$2" /home/ana/venv
    MLFLOW_TRACKING_URI=$3 /home/ana/venv/bin/python train.py "$4" 2>/home/ana/log || { tail -20 /home/ana/log; exit 1; }
    umount /home/ana/venv && rm -rf .git train.py
}
out() {  # out FOLDER: what the run left, as it is
    rm -rf "$2/$1" && mkdir -p "$2/$1" && cp -a . "$2/$1/"
}
run "$1" mlflow3 "./mlruns" full && out filestore "$2"
run "$1" mlflow3 "sqlite:///mlflow.db" full && out sqlite "$2"
run "$1" mlflow222 "./mlruns" small && out mlruns-2.22 "$2"
run "$1" mlflow130 "./mlruns" small && out mlruns-1.30 "$2"
run "$1" mlflow130 "sqlite:///mlflow.db" small && out sqlite-1.30 "$2"
