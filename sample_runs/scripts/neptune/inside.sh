set -eux
venv=$1 cases=$2 out=$3 exporter=${4:-}
hostname lab-03
mkdir -p "$out" /tmp/exporter; [ -z "$exporter" ] || mount --bind "$exporter" /tmp/exporter
mount -t tmpfs tmpfs /home/ana
mkdir -p /home/ana/project /home/ana/venv /home/ana/cases /home/ana/out
mount --bind "$venv" /home/ana/venv; mount --bind "$cases" /home/ana/cases; mount --bind "$out" /home/ana/out
for name in $(env | grep -E '^(PIP|GIT|PYENV|SSL|REQUESTS|CURL)_' | cut -d= -f1); do unset $name; done
export HOME=/home/ana USER=ana LOGNAME=ana PATH=/home/ana/venv/bin:/usr/bin:/bin TZ=Europe/Vienna LANG=C.UTF-8
# the kernel's name is the only word of the machine that the client would keep
mkdir /home/ana/site; echo 'import platform; platform.platform = lambda *_, **__: "Linux-6.1.0-x86_64-with-glibc2.36"' > /home/ana/site/sitecustomize.py
export PYTHONPATH=/home/ana/site
cd /home/ana/project; cp /home/ana/cases/offline.py train.py
keep() { mkdir -p "/home/ana/out/$1"; cp -r .neptune "/home/ana/out/$1/"; rm -rf .neptune; }
run() { python train.py "$@" || true; }
run digits 0.01 0 5; run digits 0.1 0 5; keep digits
run media 0.1 0 3; keep media
run failed 0.1 0 4; run killed 0.1 0 6; keep ended
python /home/ana/cases/export.py /tmp/exporter/src /home/ana/out
