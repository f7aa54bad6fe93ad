#!/bin/sh
# wandb_make.sh VENVS OUT: every sample of sample_runs/wandb, made by the real clients, offline, in a private mount of /home/ana.
# VENVS holds the virtual environments wandb31, wandb19, wandb16, wandb13 (and wandb08 on Python 3.8); needs root for unshare.
set -e
venvs=$(realpath "$1"); out=$(realpath "$2"); here=$(realpath "$(dirname "$0")")
home=$(mktemp -d); mkdir -p /home/ana
export venvs out here home
unshare -u -m sh -e <<'INNER'
hostname lab-03
mkdir -p "$home/env" "$home/project"; mount --bind "$home" /home/ana
for v in "$venvs"/wandb*; do mkdir -p "/home/ana/env/${v##*/}"; mount --bind "$v" "/home/ana/env/${v##*/}"; done
export HOME=/home/ana USER=ana LOGNAME=ana WANDB_MODE=offline WANDB_SILENT=true WANDB_SAVE_CODE=true PYTHONDONTWRITEBYTECODE=1
mkdir -p "$home/env/site"   # the kernel's name is the only word of the machine that the clients would keep
echo 'import platform; platform.platform = lambda *_, **__: "Linux-6.1.0-x86_64-with-glibc2.36"' > "$home/env/site/sitecustomize.py"
export PYTHONPATH=/home/ana/env/site; export PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8
for name in $(env | grep -E '^(PIP|GIT|PYENV|SSL|REQUESTS|CURL)_' | cut -d= -f1); do unset $name; done
cd /home/ana/project
git init -q -b main; git config user.name "Ana"; git config user.email ana@example.org
cp "$here/wandb_train.py" train.py; echo "wandb/" > .gitignore; echo "out/" >> .gitignore
git add -A; GIT_AUTHOR_DATE=2026-03-01T09:00:00Z GIT_COMMITTER_DATE=2026-03-01T09:00:00Z git commit -qm "Train an MLP on digits"
git remote add origin https://git.example.org/ana/digits.git
echo "# lr is tuned by hand" >> train.py   # an uncommitted change

python() { venv=$1; shift; setsid -w /home/ana/env/$venv/bin/python train.py "$@" >/dev/null 2>&1 || true; }
keep() { # keep CASE: what the client wrote becomes a sample
  find wandb \( -name 'debug*.log' -o -name '*.pid' \) -delete 2>/dev/null || true
  find wandb -type l -delete; find wandb -type d -empty -delete
  mkdir -p "$out/$1"; cp -a wandb/. "$out/$1/"; rm -rf wandb; echo "made $1"
}
want() { [ -z "$ONLY" ] || case " $ONLY " in *" $1 "*) return 0;; *) return 1;; esac; }
if want current-digits; then
for hidden in 8 16 32; do for seed in 0 1; do python wandb31 --hidden $hidden --lr 0.$hidden --seed $seed; done; done; keep current-digits; fi
if want current-media; then python wandb31 --case media --epochs 2; keep current-media; fi
if want current-ended; then
python wandb31 --case failed; python wandb31 --case killed; python wandb31 --case awkward --epochs 4; keep current-ended; fi
if want current-resumed; then
python wandb31 --case resumed --epochs 2 --id part1; sleep 2; python wandb31 --case resumed --epochs 3 --id part1; keep current-resumed; fi
if want v0.19-mixed; then python wandb19 --case media --epochs 1; python wandb19 --case awkward --epochs 2; keep v0.19-mixed; fi
if want v0.16-mixed; then
for seed in 0 1; do python wandb16 --seed $seed; done
python wandb16 --case media --epochs 2; python wandb16 --case failed; python wandb16 --case killed; python wandb16 --case awkward --epochs 4; keep v0.16-mixed; fi
if want v0.13-digits; then for seed in 0 1; do python wandb13 --seed $seed --epochs 3; done; keep v0.13-digits; fi
if want v0.8-dryrun; then WANDB_MODE=dryrun python wandb08 --seed 1 --epochs 4; keep v0.8-dryrun; fi
INNER
rm -rf "$home/project" "$home/env/site"; rmdir "$home/env"/* "$home/env" "$home" 2>/dev/null || true
