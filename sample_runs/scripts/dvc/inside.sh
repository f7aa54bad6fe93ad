set -eux
venv=$1 cases=$2 out=$3
hostname lab-03
mount -t tmpfs tmpfs /home/ana
mkdir -p /home/ana/project /home/ana/venv /home/ana/cases "$out"
mount --bind "$venv" /home/ana/venv; mount --bind "$cases" /home/ana/cases
mkdir /home/ana/out; mount --bind "$out" /home/ana/out
export HOME=/home/ana USER=ana LOGNAME=ana PATH=/home/ana/venv/bin:/usr/bin:/bin DVC_NO_ANALYTICS=1 DVC_STUDIO_OFFLINE=1 PYTHONDONTWRITEBYTECODE=1 TZ=Europe/Vienna
cases=/home/ana/cases out=/home/ana/out
ln -sf /home/ana/venv/bin/python3 /home/ana/python 
git config --global user.name "Ana Gruber"; git config --global user.email ana@example.org
git config --global init.defaultBranch main; git config --global gc.auto 0; git config --global commit.gpgsign false

when() { export GIT_AUTHOR_DATE="2026-03-0$1T10:00:00+01:00" GIT_COMMITTER_DATE="2026-03-0$1T10:00:00+01:00"; }
keep() {  # the git directory as <name>.git with only what a reader needs
    rm -rf "$2"; cp -r "$1" "$2"; rm -rf "$2/hooks" "$2/index" "$2/ORIG_HEAD" "$2/FETCH_HEAD" "$2/COMMIT_EDITMSG" "$2/info" "$2/branches" "$2/description"
    find "$2" -name '*.rev' -delete; find "$2" -name '*.bitmap' -delete
    mkdir -p "$2/refs"; touch "$2/refs/.gitkeep"
}
project() {
    cd /home/ana; rm -rf project; mkdir project; cd project
    cp $cases/train.py $cases/evaluate.py $cases/dvc.yaml $cases/params.yaml .
    echo '{"extra": {"deep": {"er": [1, 2]}}}' > extra.json; printf '[limits]\ntop = 5\nlow = 1\n' > limits.toml
}

# 1. DVCLive alone
cd /home/ana/project
for name in wide timed killed nested; do python $cases/dvclive_alone.py $name || test $name = killed; done
rm -rf $out/dvclive; mkdir $out/dvclive; cp -r wide timed killed around $out/dvclive
test ! -e dvc.yaml || cp dvc.yaml $out/dvclive

# 2. a workspace without git
project; dvc init -q --no-scm; mkdir -p .dvc/plots; cp $cases/mine.json .dvc/plots/mine.json
dvc repro -q
python - > /home/ana/out/workspace.json <<'END'
import json, dvc.api
print(json.dumps({"metrics": dvc.api.metrics_show(), "params": dvc.api.params_show()}))
END
rm -rf .dvc/tmp; rm -rf $out/workspace; cp -r /home/ana/project $out/workspace; rm -f $out/workspace/*.py
kept=$(grep -A3 'path: eval/cached.png' dvc.lock | sed -n 's/ *md5: //p' | sed 's,^..,&/,')  # one cached picture stays, in the cache only
find $out/workspace/.dvc/cache -type f ! -path "*/$kept" -delete; find $out/workspace -type d -empty -delete; rm -f $out/workspace/eval/cached.png

# 3. experiments: 3 configurations x 2 seeds on a baseline, one queued that failed, one queued that waits; packed
project; git init -q; dvc init -q; mkdir -p .dvc/plots; cp $cases/mine.json .dvc/plots/mine.json; echo "dvc.lock -diff" > .gitattributes
printf 'model.pkl\neval/cached.png\n' > .gitignore; rm -f eval/.gitignore
when 1; git add -A; git commit -qm "Start"; when 2; dvc repro -q; git add -A; git commit -qm "Baseline: learning rate 0.05"
git remote add origin https://ana:secret@example.org/ana/digits.git
unset GIT_AUTHOR_DATE GIT_COMMITTER_DATE
for lr in 0.01 0.1 0.5; do for seed in 1 2; do dvc exp run -q -S train.lr=$lr -S train.seed=$seed -n lr-$lr-seed-$seed; done; done
dvc exp run -q -S train.epochs=4 -m "Fewer epochs: is it enough?"
git checkout -q -f; 
dvc exp run -q --queue -S train.lr=-1 -n will-fail
dvc queue start -q; while test "$(dvc queue status | grep -c -E 'Running|Queued')" != 0; do dvc queue status; python -c 'import time; time.sleep(2)'; done
dvc queue stop -q --kill || dvc queue stop -q || true
dvc exp run -q --queue -S train.lr=0.2 -n waits
dvc exp run -q --queue -S train.lr=0.3 -n waits-too
dvc exp show --json -A --no-pager > $out/experiments.json || dvc exp show --json -A > $out/experiments.json
dvc queue status > $out/queue.txt
python - > $out/exp_show.json <<'END'
import json, dvc.api
print(json.dumps(dvc.api.exp_show(), default=str))
END
git for-each-ref > $out/experiments.refs
git gc -q --prune=now --keep-largest-pack || git gc -q
rm -rf $out/experiments; mkdir $out/experiments; keep .git $out/experiments/repo.git
failed=$(git rev-parse refs/exps/celery/failed)
mkdir -p $out/experiments/.dvc/tmp/exps/run/$failed; cp .dvc/tmp/exps/run/$failed/*.out $out/experiments/.dvc/tmp/exps/run/$failed/

# 4. history: runs over commits, tags and branches, loose objects, then some of them packed
project; git init -q; dvc init -q; mkdir -p .dvc/plots; cp $cases/mine.json .dvc/plots/mine.json
when 1; git add -A; git commit -qm "Nothing trained yet"
when 2; dvc repro -q; git add -A; git commit -qm "First training"; git tag v1.0
when 3; echo "# Digits" > README.md; git add -A; git commit -qm "Write a readme, no new numbers"
when 4; sed -i 's/lr: 0.05/lr: 0.1/' params.yaml; dvc repro -q; git add -A; git commit -qm "Larger steps

Twice the learning rate."; git tag -a v2.0 -m "Second release"
git checkout -q -b longer
when 5; sed -i 's/epochs: 6/epochs: 9/' params.yaml; dvc repro -q; git add -A; git commit -qm "Train longer"
git checkout -q main
when 6; cp dvc.yaml /home/ana/whole.yaml; printf 'stages: {torn' > dvc.yaml; git add -A; git commit -qm "Oops"
when 7; cp /home/ana/whole.yaml dvc.yaml; sed -i 's/lr: 0.1/lr: 0.2/' params.yaml; dvc repro -q; git add -A; git commit -qm "Mend the pipeline"
git gc -q
when 8; git merge -q -X ours -m "Merge branch 'longer'" longer || { git checkout -q --ours .; git add -A; git commit -qm "Merge branch 'longer'"; }
dvc exp show --json -A -n 20 > $out/history.json
python - > $out/history_api.json <<'END'
import json, subprocess, dvc.api
seen = {}
for sha in subprocess.run(["git", "rev-list", "--all"], capture_output=True, text=True).stdout.split():
    try:
        seen[sha] = {"metrics": dvc.api.metrics_show(rev=sha), "params": dvc.api.params_show(rev=sha)}
    except Exception as error:
        seen[sha] = {"error": type(error).__name__}
print(json.dumps(seen))
END
git log --all --format='%H %P|%an|%aI|%cI|%D|%s' > $out/history.log
rm -rf $out/history; mkdir $out/history; keep .git $out/history/repo.git
