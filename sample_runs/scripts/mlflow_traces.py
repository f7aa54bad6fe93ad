"""Train a small classifier on scikit-learn's digits and trace its answers, as MLflow 2.14 to 2.22 keep traces.

    mlflow_traces.sh CLIENTS OUT     (which runs this in /home/ana/project)
"""

import sqlite3

import mlflow
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("digits-traced")
X, Y = load_digits(return_X_y=True)
model = LogisticRegression(max_iter=200).fit(X[:1400] / 16, Y[:1400])


@mlflow.trace(span_type="LLM")
def predict(row):
    return int(model.predict(X[row][None] / 16)[0])


@mlflow.trace
def answer(row, label):
    guess = predict(row)
    if guess != label:
        raise ValueError(f"not a {label}")
    return f"it is a {guess}"


guesses = model.predict(X[1400:] / 16)
wrong = 1400 + int((guesses != Y[1400:]).argmax())
with mlflow.start_run(run_name="traced"):
    mlflow.log_metric("accuracy", float((guesses == Y[1400:]).mean()), step=0)
    answer(1400, int(Y[1400]))
    try:
        answer(wrong, int(Y[wrong]))
    except ValueError as error:
        print("as planned:", error)
answer(1401, int(Y[1401]))
base = sqlite3.connect("mlflow.db")  # pages of 1 KiB for 4: most of MLflow's tables are empty. Rows stay as they are
base.execute("pragma page_size = 1024")
base.execute("vacuum")
base.close()
