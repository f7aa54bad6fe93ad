"""A small real training that Hydra launches; what Hydra and the program leave is the sample. hydra_make.sh runs it."""

import csv
import json
import logging
import os
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from sklearn.datasets import load_wine
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

log = logging.getLogger("train")


@hydra.main(version_base="1.3", config_path="hydra_conf", config_name="config")
def main(config):
    x, y = load_wine(return_X_y=True)
    x, x_test, y, y_test = train_test_split(x / x.max(0), y, random_state=config.seed)
    model = SGDClassifier(learning_rate="constant", eta0=config.optimizer.lr, random_state=config.seed, penalty=config.model.penalty)
    folder = Path(HydraConfig.get().runtime.output_dir)
    log.info("training %s", config.name)
    accuracy = 0.0
    with (folder / "metrics.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["step", "accuracy"])
        for step in range(config.steps):
            model.partial_fit(x, y, classes=[0, 1, 2])
            accuracy = model.score(x_test, y_test)
            rows.writerow([step, accuracy])
            if config.fail and step == 2:
                raise ArithmeticError("asked to fail")
    if config.summary:
        (folder / "results.json").write_text(json.dumps({"test": {"accuracy": accuracy}}))
    log.warning("accuracy %.3f", accuracy)
    return accuracy


if __name__ == "__main__":
    os.environ.setdefault("HYDRA_FULL_ERROR", "0")
    main()
