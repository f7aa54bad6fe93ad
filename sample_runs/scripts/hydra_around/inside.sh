set -eux
venv=$1 cases=$2 out=$3
mkdir -p "$out"
hostname lab-03
mount -t tmpfs tmpfs /home/ana
mkdir -p /home/ana/project /home/ana/out /home/ana/site
mount --bind "$out" /home/ana/out
cp "$cases/train.py" /home/ana/project/
for name in $(env | grep -E '^(PIP|GIT|PYENV|SSL|REQUESTS|CURL)_' | cut -d= -f1); do unset $name; done
export HOME=/home/ana USER=ana LOGNAME=ana TZ=Europe/Vienna LANG=C.UTF-8 MLFLOW_ALLOW_FILE_STORE=true PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp
cd /home/ana/project
for case in lightning tensorboard mlflow several; do
  "$venv/bin/python" train.py case=$case hydra.run.dir=outputs/$case/2026-11-24/17-00-00
done
find outputs -type d -empty -delete
cp -r outputs/* /home/ana/out/
