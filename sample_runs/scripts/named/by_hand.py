"""Samples for systems that only a server writes: python by_hand.py SAMPLE_RUNS. Shapes by the public schemas, numbers of a real training."""

import json
import shutil
import sys
from pathlib import Path

from softmax import train

top = Path(sys.argv[1])


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def clean(*parts):
    shutil.rmtree(top.joinpath(*parts), ignore_errors=True)
    return top.joinpath(*parts)


def katib():
    out = clean("katib", "search")
    api = "kubeflow.org/v1beta1"
    objective = {"type": "maximize", "goal": 0.99, "objectiveMetricName": "accuracy", "additionalMetricNames": ["loss"],
                 "metricStrategies": [{"name": "accuracy", "value": "max"}, {"name": "loss", "value": "min"}]}
    write(out / "experiment.json", {
        "apiVersion": api, "kind": "Experiment", "metadata": {"name": "clusters", "namespace": "sample"},
        "spec": {"objective": objective, "algorithm": {"algorithmName": "random"}, "earlyStopping": {"algorithmName": "medianstop"},
                 "parameters": [
                     {"name": "lr", "parameterType": "double", "feasibleSpace": {"min": "0.01", "max": "1.0", "distribution": "logUniform"}},
                     {"name": "optimizer", "parameterType": "categorical", "feasibleSpace": {"list": ["sgd", "adam"]}}]},
    })
    items = []
    for number, (lr, state) in enumerate(((0.5, "Succeeded"), (0.02, "EarlyStopped"), (0.1, "Failed"), (0.3, "Running"))):
        name = f"clusters-{number}abc"
        rows = list(train(lr, 8 if state == "Succeeded" else 3))
        lines = [f"2026-11-24T10:0{number}:{row[0]:02}Z epoch {row[0]}: accuracy={row[3]:.4f} loss={row[1]:.4f} lr_now=1" for row in rows]
        (out / "metrics").mkdir(exist_ok=True)
        (out / "metrics" / f"{name}.log").write_text("\n".join(lines) + "\nloss=nan\n")
        seen = [{"name": key, "latest": str(values[-1]), "min": str(min(values)), "max": str(max(values))}
                for key, values in (("accuracy", [row[3] for row in rows]), ("loss", [row[1] for row in rows]))]
        items.append({
            "apiVersion": api, "kind": "Trial",
            "metadata": {"name": name, "creationTimestamp": f"2026-11-24T10:0{number}:00Z", "labels": {"katib.kubeflow.org/experiment": "clusters"}},
            "spec": {"objective": objective, "parameterAssignments": [{"name": "lr", "value": str(lr)}, {"name": "optimizer", "value": "sgd"}]},
            "status": {"startTime": f"2026-11-24T10:0{number}:01Z",
                       **({} if state == "Running" else {"completionTime": f"2026-11-24T10:0{number}:31Z"}),
                       "conditions": [{"type": "Created", "status": "True", "reason": "TrialCreated", "message": "Trial is created"},
                                      {"type": state, "status": "True", "reason": f"Trial{state}", "message": f"Trial is {state}"}],
                       **({} if state == "Failed" else {"observation": {"metrics": seen}})},
        })
    write(out / "trials.json", {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})


def kfp1():
    out = clean("kubeflow", "v1") / "train"
    *_, last = train(0.5, 8)
    write(out / "mlpipeline-metrics.json", {"metrics": [{"name": "accuracy-score", "numberValue": last[3], "format": "PERCENTAGE"},
                                                        {"name": "loss", "numberValue": last[1], "format": "RAW"}]})
    write(out / "mlpipeline-ui-metadata.json", {"version": 1, "outputs": [
        {"type": "table", "storage": "inline", "format": "csv", "header": ["class", "right"], "source": "a,51\nb,53\n"},
        {"type": "markdown", "storage": "inline", "source": "# Card\nsoftmax regression"},
        {"type": "roc", "storage": "inline", "format": "csv", "source": "0,0,1\n0.1,0.8,0.5\n1,1,0\n",
         "schema": [{"name": "fpr", "type": "NUMBER"}, {"name": "tpr", "type": "NUMBER"}, {"name": "threshold", "type": "NUMBER"}]},
        {"type": "web-app", "storage": "inline", "source": "<h1>Report</h1>"},
        {"type": "tensorboard", "source": "gs://sample/logs"}]})


def verta():
    out = clean("verta", "project")
    runs = []
    for number, lr in enumerate((0.5, 0.1)):
        rows = list(train(lr, 6))
        observed = [{"attribute": {"key": "loss", "value": row[1], "value_type": "NUMBER"}, "timestamp": str(1795514400000 + 1000 * row[0]),
                     "epoch_number": row[0]} for row in rows]
        observed.append({"attribute": {"key": "odd", "value": "NaN"}, "timestamp": "1795514400500", "epoch_number": 0})
        runs.append({
            "id": f"0191c0de-0000-7000-8000-0000000000a{number}", "project_id": "p1", "experiment_id": "e1", "name": f"run {number}",
            "description": "softmax regression", "date_created": "1795514390000", "start_time": "1795514400000",
            **({"end_time": "1795514460000"} if number == 0 else {}),
            "code_version_snapshot": {"git_snapshot": {"filepaths": ["train.py"], "repo": "https://example.org/clusters.git", "hash": "5d1e7a60c4a2b6b0c8f4c8b1c3a8d2f90e1b7c66", "is_dirty": "FALSE"}},
            "tags": ["sample"], "attributes": [{"key": "dataPlan", "value": {"rowCount": 240}}],
            "hyperparameters": [{"key": "lr", "value": lr, "value_type": "NUMBER"}, {"key": "layers", "value": [2, 3], "value_type": "LIST"}],
            "artifacts": [{"key": "weights.csv", "path": "runs/weights.csv", "artifact_type": "BLOB"}],
            "metrics": [{"key": "accuracy", "value": rows[-1][3], "value_type": "NUMBER"}],
            "observations": observed[::-1], "owner": "u1",
            "environment": {"python": {"version": {"major": 3, "minor": 11, "patch": 7}, "requirements": [{"library": "numpy", "constraint": "==", "version": "2.4.6"}]},
                            "environment_variables": [], "command_line": ["python", "train.py"]},
        })
    write(out / "experiment_runs.json", {"experiment_runs": runs, "total_records": "3"})
    write(out / "experiments.json", {"experiments": [{"id": "e1", "project_id": "p1", "name": "clusters"}], "total_records": "1"})
    camel = {"id": "r2", "experimentId": "e1", "name": "camel", "dateCreated": 1795514390000, "metrics": [{"key": "accuracy", "valueType": "NUMBER", "value": 0.5}]}
    write(top / "verta" / "camel" / "experiment_runs.json", {"experimentRuns": [camel]})


def sagemaker():
    out = clean("sagemaker", "answers")
    account = "arn:aws:sagemaker:eu-west-1:123456789012:"
    rows = list(train(0.5, 8))
    name = "clusters-2026-11-24-10-00-00-000"
    write(out / name / "describe-training-job.json", {
        "TrainingJobName": name, "TrainingJobArn": f"{account}training-job/{name}", "TrainingJobStatus": "Completed", "SecondaryStatus": "Completed",
        "ModelArtifacts": {"S3ModelArtifacts": f"s3://sample-123456789012/{name}/output/model.tar.gz"},
        "HyperParameters": {"lr": "0.5", "optimizer": "\"sgd\"", "layers": "[2, 3]", "sagemaker_program": "\"train.py\""},
        "AlgorithmSpecification": {"TrainingImage": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/sample:1", "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::123456789012:role/sample", "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "CreationTime": "2026-11-24T10:00:00.000000+00:00", "TrainingStartTime": "2026-11-24T10:01:00.000000+00:00", "TrainingEndTime": "2026-11-24T10:05:00.000000+00:00",
        "FinalMetricDataList": [{"MetricName": "loss", "Value": rows[-1][1], "Timestamp": "2026-11-24T10:05:00+00:00"}],
        "TrainingTimeInSeconds": 240, "BillableTimeInSeconds": 96, "Environment": {"MODE": "sample"},
        "ExperimentConfig": {"ExperimentName": "clusters", "TrialName": "first", "TrialComponentDisplayName": "Training"}})
    write(out / name / "describe-trial-component.json", {
        "TrialComponentName": f"{name}-aws-training-job", "DisplayName": "Training", "Source": {"SourceArn": f"{account}training-job/{name}"},
        "Status": {"PrimaryStatus": "Completed"}, "Parameters": {"lr": {"NumberValue": 0.5}, "SageMaker.ImageUri": {"StringValue": "x"}},
        "MetadataProperties": {"CommitId": "5d1e7a60c4a2b6b0c8f4c8b1c3a8d2f90e1b7c66", "Repository": "https://example.org/clusters.git"},
        "Metrics": [{"MetricName": "val_loss", "Last": rows[-1][2], "Count": 8}]})
    write(out / name / "metric-queries.json", [{"MetricName": key, "XAxisType": "IterationNumber"} for key in ("loss", "val_loss")])
    write(out / name / "batch-get-metrics.json", {"MetricQueryResults": [
        {"Status": "Complete", "XAxisValues": [row[0] for row in rows], "MetricValues": [row[at] for row in rows]} for at in (1, 2)]})
    second = "clusters-failed"
    write(out / second / "describe-training-job.json", {
        "TrainingJobName": second, "TrainingJobStatus": "Failed", "FailureReason": "AlgorithmError: no more data, exit code: 1",
        "HyperParameters": {"lr": "0.1"}, "CreationTime": 1795514400.5, "TrainingEndTime": 1795514460.0})
    lines = [f"{n},{60.0 * row[0]},{key},{row[at]:.6f}" for n, (row, key, at) in enumerate((row, key, at) for key, at in (("loss", 1), ("val_loss", 2)) for row in rows[:4])]
    (out / second / "training-job-metrics.csv").write_text(",timestamp,metric_name,value\n" + "\n".join(lines) + "\n")
    write(out / "found" / "search-trial-components.json", {"Results": [{"TrialComponent": {
        "TrialComponentName": "alone", "DisplayName": "evaluation", "Status": {"PrimaryStatus": "InProgress"}, "CreatedBy": {"UserProfileName": "sample"},
        "StartTime": "2026-11-24T10:00:00+00:00", "Parameters": {"seed": {"NumberValue": 1}, "split": {"StringValue": "test"}},
        "Parents": [{"TrialName": "first", "ExperimentName": "clusters"}], "Tags": [{"Key": "team", "Value": "sample"}]}}]})
    opt = clean("sagemaker", "local") / "clusters" / "opt" / "ml"
    write(opt / "input" / "config" / "hyperparameters.json", {"lr": "0.5", "optimizer": "\"sgd\"", "sagemaker_program": "\"train.py\""})
    write(opt / "input" / "config" / "resourceconfig.json", {"current_host": "algo-1", "hosts": ["algo-1"], "current_instance_type": "local"})
    write(opt / "output" / "data" / "evaluation.json", {"multiclass_classification_metrics": {"accuracy": {"value": rows[-1][3], "standard_deviation": "NaN"}}})
    (opt / "output" / "data" / "history.csv").write_text("epoch,loss\n" + "".join(f"{row[0]},{row[1]:.6f}\n" for row in rows))
    write(opt / "model" / "weights.json", train.weights.tolist())


katib()
kfp1()
verta()
sagemaker()
