set -eux
venv=$1 cases=$2 out=$3
hostname lab-03
mount -t tmpfs tmpfs /home/ana
mkdir -p /home/ana/project /home/ana/venv /home/ana/cases /home/ana/out "$out"
mount --bind "$venv" /home/ana/venv; mount --bind "$cases" /home/ana/cases; mount --bind "$out" /home/ana/out
for name in $(env | grep -E '^(PIP|GIT|PYENV|SSL|REQUESTS|CURL)_' | cut -d= -f1); do unset $name; done
export HOME=/home/ana USER=ana LOGNAME=ana PATH=/home/ana/venv/bin:/usr/bin:/bin TZ=Europe/Vienna LANG=C.UTF-8
export CLEARML_CACHE_DIR=/home/ana/cache MPLBACKEND=Agg
git config --global user.name "Ana Gruber"; git config --global user.email ana@example.org; git config --global init.defaultBranch main
# events are written by the training's own process: a process forked beside scikit-learn's threads may wait for ever
echo 'sdk { development { report_use_subprocess: false } }' > /home/ana/clearml.conf
cd /home/ana/project; git init -q; cp /home/ana/cases/train.py train.py; printf 'numpy\nscikit-learn\nclearml\n' > requirements.txt
git add -A; GIT_AUTHOR_DATE=2026-03-01T09:00:00Z GIT_COMMITTER_DATE=2026-03-01T09:00:00Z git commit -qm "Train on digits"
git remote add origin https://git.example.org/ana/digits.git
echo "# lr is tuned by hand" >> train.py
keep() { mkdir -p "/home/ana/out/$1"; cp -r /home/ana/cache/offline/. "/home/ana/out/$1/"; rm -rf /home/ana/cache; }
run() { python train.py "$@" || true; }
run digits 0.01 0 6; run digits 0.1 0 6; run digits 0.1 1 6; keep digits
(cd /home/ana/out/digits; set -- offline-*.zip; rm -r "${1%.zip}")   # one is kept as its zip alone, one as both, one as its folder alone
(cd /home/ana/out/digits; set -- offline-*.zip; rm "$3")
run media 0.1 0 3; keep media
run failed 0.1 0 4; run killed 0.1 0 8; run short 0.1 0 2; keep ended
rm -f /home/ana/out/ended/*.zip; find /home/ana/out -name '*.lock' -delete
