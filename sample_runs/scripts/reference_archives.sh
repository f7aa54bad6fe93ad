#!/bin/sh
# sh reference_archives.sh: installs the clients in throw-away environments and rewrites tests/golden/reference/{clearml,comet,neptune}.jsonl.
set -eu
here=$(dirname "$0"); top=$here/../..; room=$(mktemp -d)
git clone -q https://github.com/neptune-ai/neptune-exporter "$room/exporter"
git -C "$room/exporter" checkout -q 8d3f44a62530c77573ebbd59de5b39cf758cdd5c
for one in "clearml clearml==2.1.12" "comet comet_ml==3.58.8" "neptune pyarrow"; do
  name=${one%% *}
  python3 -m venv "$room/$name"; "$room/$name/bin/pip" -q install "${one#* }"
  "$room/$name/bin/python" "$here/reference_archives.py" "$name" "$top/sample_runs" "$room/exporter/src" > "$top/tests/golden/reference/$name.jsonl"
done
rm -rf "$room"
