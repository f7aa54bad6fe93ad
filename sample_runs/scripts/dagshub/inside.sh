set -eux
venv=$1 cases=$2 out=$3
hostname lab-03
mount -t tmpfs tmpfs /home/ana
mkdir -p /home/ana/project /home/ana/venv /home/ana/cases /home/ana/out "$out"
mount --bind "$venv" /home/ana/venv; mount --bind "$cases" /home/ana/cases; mount --bind "$out" /home/ana/out
export HOME=/home/ana USER=ana LOGNAME=ana PATH=/home/ana/venv/bin:/usr/bin:/bin TZ=Europe/Vienna
cases=/home/ana/cases out=/home/ana/out
git config --global user.name "Ana Gruber"; git config --global user.email ana@example.org; git config --global init.defaultBranch main
cd /home/ana/project
rm -rf $out/alone; mkdir $out/alone
python $cases/log.py plain 0.05 12
python $cases/log.py odd 0.1 4 odd
python $cases/log.py killed 0.1 130 kill || true
python $cases/log.py short 0.1 6 kill || true
cp -r plain odd killed short $out/alone
rm -rf /home/ana/project; mkdir /home/ana/project; cd /home/ana/project; git init -q
when() { export GIT_AUTHOR_DATE="2026-03-0$1T10:00:00+01:00" GIT_COMMITTER_DATE="2026-03-0$1T10:00:00+01:00"; }
when 1; echo "# Digits" > README.md; git add -A; git commit -qm "Begin"
when 2; python $cases/log.py . 0.05 8; git add -A; git commit -qm "First training"; git tag v1
when 3; echo more >> README.md; git add -A; git commit -qm "Words only"
when 4; python $cases/log.py . 0.2 8; git add -A; git commit -qm "Four times the step

It learns faster."
git checkout -q -b small; when 5; python $cases/log.py . 0.01 8; git add -A; git commit -qm "A fifth of the step"; git checkout -q main
git gc -q
when 6; python $cases/log.py . 0.5 8; git add -A; git commit -qm "Ten times the step"
git log --all --format='%H|%an|%cI|%D|%s' -- metrics.csv params.yml > $out/history.log
rm -rf $out/history; mkdir $out/history; cp -r .git $out/history/repo.git
cd $out/history/repo.git; rm -rf hooks index ORIG_HEAD COMMIT_EDITMSG info branches description; find . -name '*.rev' -delete; touch refs/.gitkeep
