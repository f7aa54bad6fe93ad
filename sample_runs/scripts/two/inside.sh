set -eux
venv=$1 cases=$2 out=$3
hostname lab-03
mount -t tmpfs tmpfs /home/ana
mkdir -p /home/ana/project /home/ana/venv /home/ana/cases /home/ana/out /home/ana/site "$out"
mount --bind "$venv" /home/ana/venv; mount --bind "$cases" /home/ana/cases; mount --bind "$out" /home/ana/out
for name in $(env | grep -E '^(PIP|GIT|PYENV|SSL|REQUESTS|CURL)_' | cut -d= -f1); do unset $name; done
export HOME=/home/ana USER=ana LOGNAME=ana PATH=/home/ana/venv/bin:/usr/bin:/bin TZ=Europe/Vienna LANG=C.UTF-8
export WANDB_SILENT=true MLFLOW_ALLOW_FILE_STORE=true PYTHONDONTWRITEBYTECODE=1
echo 'import platform; platform.platform = lambda *_, **__: "Linux-6.1.0-x86_64-with-glibc2.36"' > /home/ana/site/sitecustomize.py
export PYTHONPATH=/home/ana/site
for case in wandb dvclive mlflow; do
  rm -rf /home/ana/project; mkdir /home/ana/project; cd /home/ana/project; cp /home/ana/cases/train.py .
  python train.py $case; rm -rf train.py tb-0 tb-1
  find . \( -name 'debug*.log' -o -name '*.pid' \) -delete; find . -type l -delete; find . -type d -empty -delete
  mkdir -p /home/ana/out/$case; cp -r . /home/ana/out/$case/
done
