"""Write sample_runs/pachyderm: messages of pachyderm-sdk 2.12's own classes and its JSON printer: python pach_make.py OUT."""

import json
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pachyderm_sdk.api import pfs, pps
from softmax import train

out = Path(sys.argv[1])
shutil.rmtree(out, ignore_errors=True)
start = datetime(2026, 11, 24, 10, tzinfo=UTC)


def snake(message):
    """As pachctl --raw prints it: original names, defaults left out."""
    from betterproto import Casing

    return json.dumps(message.to_dict(casing=Casing.SNAKE), indent=2)


def job(ident, state, reason, lr, secret):
    pipeline = pps.Pipeline(project=pfs.Project(name="default"), name="train")
    transform = pps.Transform(image="python:3.11", cmd=["python", "train.py", f"--lr={lr}"], env={"SAMPLE": secret})
    return pps.JobInfo(
        job=pps.Job(pipeline=pipeline, id=ident), pipeline_version=3, state=state, reason=reason,
        data_processed=1, data_total=2, data_skipped=1,
        stats=pps.ProcessStats(download_time=timedelta(seconds=1.5), process_time=timedelta(seconds=61.25)),
        created=start, started=start, finished=start + timedelta(seconds=70), auth_token=secret,
        details=pps.JobInfoDetails(transform=transform),
    )


def commit(ident):
    repo = pfs.Repo(name="train", type="user", project=pfs.Project(name="default"))
    source = pfs.Repo(name="clusters", type="user", project=pfs.Project(name="default"))
    return pfs.CommitInfo(
        commit=pfs.Commit(repo=repo, id=ident), origin=pfs.CommitOrigin(kind=pfs.OriginKind.AUTO),
        description="softmax regression", started=start, finished=start + timedelta(seconds=70),
        direct_provenance=[pfs.Commit(repo=source, id="c" * 32)], metadata={"team": "sample"},
    )


def save(folder, ident, state, reason, lr):
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(snake(job(ident, state, reason, lr, "")) + "\n")
    if state != pps.JobState.JOB_SUCCESS:
        return
    (folder / "commit.json").write_text(snake(commit(ident)) + "\n")
    (folder / "files").mkdir()
    (folder / "files" / "params.json").write_text(json.dumps({"lr": lr, "epochs": 8}))
    rows = ["epoch,loss,val_loss"]
    for epoch, loss, held_out, right in train(lr, 8):
        rows.append(f"{epoch},{loss:.6f},{held_out:.6f}")
    (folder / "files" / "metrics.csv").write_text("\n".join(rows) + "\n")
    (folder / "files" / "summary.json").write_text(json.dumps({"accuracy": right}))
    lines = [{"pipeline_name": "train", "user": True, "message": f"accuracy {right:.3f}"}, {"master": True, "message": "done"}]
    (folder / "logs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


save(out / "saved" / "train" / ("a" * 32), "a" * 32, pps.JobState.JOB_SUCCESS, "", 0.5)
save(out / "saved" / "train" / ("b" * 32), "b" * 32, pps.JobState.JOB_FAILURE, "datum 1 failed", 0.1)
(out / "list").mkdir()
listed = [job("d" * 32, pps.JobState.JOB_KILLED, "", 0.2, ""), job("e" * 32, pps.JobState.JOB_RUNNING, "", 0.3, "")]
(out / "list" / "jobs.json").write_text("\n".join(map(snake, listed)) + "\n")
