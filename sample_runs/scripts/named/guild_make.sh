#!/bin/sh
# Write sample_runs/guild with the real client: guild_make.sh OUT (guildai 0.9.0, setuptools 65.5, tensorboard, numpy)
set -e
here=$(cd "$(dirname "$0")" && pwd)
out=$1
room=$(mktemp -d)
mkdir -p "$room/project" "$room/home"
cp "$here/guild_train.py" "$room/project/train.py"
cp "$here/softmax.py" "$here/guild.yml" "$room/project/"
# an environment without anybody's settings: Guild stores all of it
g="env -i PATH=$PATH LANG=C.UTF-8 HOME=$room GUILD_HOME=$room/home SAMPLE_VARIABLE=planted-by-the-script guild"
cd "$room/project"
$g run -y clusters:train lr=0.5 seed=1 --label "baseline" --tag first --comment "the first one"
$g run -y clusters:train 'lr=[0.1,1.0]' seed=2
$g run -y clusters:train mode=error || true
$g run -y clusters:train --stage
$g run -y clusters:pipeline
rm -rf "$out/runs"
$g export -y "$out/runs"
