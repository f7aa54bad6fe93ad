#!/bin/sh
# hydra_make.sh PYTHON OUT: the samples of Hydra (hydra-core 1.3.8, hydra-optuna-sweeper 1.3.0, scikit-learn).
# Hydra writes absolute paths into its files, so the program runs in a folder of its own first.
set -e
python=$1 out=$2 here="$(cd "$(dirname "$0")" && pwd)"
home=/srv/wine train="$home/hydra_train.py"
mkdir -p $home "$out" && cp -r "$here/hydra_train.py" "$here/hydra_conf" $home
mkdir -p $home/single $home/sweep $home/searched $home/bare
cd $home/single
"$python" "$train" hydra.run.dir=outputs/2026-11-24/10-00-00
"$python" "$train" optimizer=averaged +extra.note="'a, b'" steps=4 hydra.run.dir=outputs/2026-11-24/10-00-07
"$python" "$train" fail=true hydra.run.dir=outputs/2026-11-24/10-00-12 || true
cd $home/sweep
"$python" "$train" -m optimizer.lr=1e-1,0.8 seed=0,1 steps=4 hydra.sweep.dir=multirun/2026-11-24/11-00-00
"$python" "$train" -m optimizer.lr=0.02,0.8 steps=3 hydra.sweep.dir=multirun/named 'hydra.sweep.subdir=${hydra.job.override_dirname}'
cd $home/searched
"$python" "$train" -m hydra/sweeper=optuna hydra.sweeper.direction=maximize hydra.sweeper.n_trials=4 hydra.sweeper.n_jobs=1 \
  hydra.sweeper.sampler.seed=1 'optimizer.lr=interval(0.01, 1)' steps=3 hydra.sweep.dir=multirun/2026-11-24/12-00-00
cd $home/bare
"$python" "$train" summary=false steps=2 hydra.run.dir=.
rm -f metrics.csv # this program logs, and writes no file
cp -r $home/single $home/sweep $home/searched $home/bare "$out" && rm -r $home
