set -eux
venv=$1 cases=$2 out=$3
hostname lab-03
mount -t tmpfs tmpfs /home/ana
mkdir -p /home/ana/project /home/ana/venv /home/ana/cases /home/ana/out /home/ana/tmp /home/ana/dpkg "$out"
mount --bind "$venv" /home/ana/venv; mount --bind "$cases" /home/ana/cases; mount --bind "$out" /home/ana/out
for name in $(env | grep -E '^(PIP|GIT|PYENV|SSL|REQUESTS|CURL)_' | cut -d= -f1); do unset $name; done
export HOME=/home/ana USER=ana LOGNAME=ana PATH=/home/ana/venv/bin:/usr/bin:/bin TZ=Europe/Vienna LANG=C.UTF-8
export COMET_OFFLINE_DIRECTORY=/home/ana/cometml TMPDIR=/home/ana/tmp MPLBACKEND=Agg COMET_DISABLE_ANNOUNCEMENT=1
# the kernel's name is the only word of the machine that the client would keep
mkdir -p /home/ana/site; echo 'import platform; platform.platform = lambda *_, **__: "Linux-6.1.0-x86_64-with-glibc2.36"; u = platform.uname(); v = type(u)(u.system, u.node, "6.1.0", "#1", u.machine); platform.uname = lambda: v' > /home/ana/site/sitecustomize.py
export PYTHONPATH=/home/ana/site
# the client lists the system's packages out of this folder: a short list takes its place
printf 'Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2\n\nPackage: git\nStatus: install ok installed\nVersion: 1:2.39.5\n' > /home/ana/dpkg/status
mount --bind /home/ana/dpkg /var/lib/dpkg
git config --global user.name "Ana Gruber"; git config --global user.email ana@example.org; git config --global init.defaultBranch main
cd /home/ana/project; git init -q; cp /home/ana/cases/train.py train.py
git add -A; GIT_AUTHOR_DATE=2026-03-01T09:00:00Z GIT_COMMITTER_DATE=2026-03-01T09:00:00Z git commit -qm "Train on wine"
git remote add origin https://git.example.org/ana/wine.git
echo "# lr is tuned by hand" >> train.py
keep() { mkdir -p "/home/ana/out/$1"; cp -r /home/ana/cometml/. "/home/ana/out/$1/"; rm -rf /home/ana/cometml; mkdir /home/ana/cometml; }
run() { python train.py "$@" || true; }
mkdir -p cometml /home/ana/cometml
run wine 0.01 0 5; run wine 0.1 0 5; run start 0.1 1 5; keep wine
run media 0.1 0 3; keep media
run failed 0.1 0 4; run more 0.1 0 2 "$(basename /home/ana/cometml/*.zip .zip)"; keep continued
rm -rf /home/ana/tmp/*; run killed 0.1 0 6; cp -r /home/ana/tmp/. /home/ana/cometml/; find /home/ana/cometml -mindepth 1 -type d ! -exec test -e {}/messages.json \; -exec rm -r {} + ; keep killed
