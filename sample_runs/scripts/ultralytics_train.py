"""Trains small YOLO models from scratch on pictures made here, with ultralytics' own trainer: `python ultralytics_train.py OUT`.

Nothing is downloaded: models come from the package's YAML files, pictures are scikit-learn's digits pasted on a ground.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

os.environ |= {"YOLO_OFFLINE": "true", "YOLO_CONFIG_DIR": "/tmp/ultralytics-settings"}

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402
from ultralytics import YOLO  # noqa: E402

OUT = Path(sys.argv[1])
QUICK = {"imgsz": 64, "batch": 8, "device": "cpu", "workers": 0, "val": True, "exist_ok": True, "verbose": False}


def detection(room: Path) -> Path:
    """Three digits on a ground of 64 x 64, with their boxes; the data's YAML."""
    digits, rng = load_digits(), np.random.default_rng(0)
    for part, count in (("train", 24), ("val", 8)):
        for kind in ("images", "labels"):
            (room / kind / part).mkdir(parents=True)
        for number in range(count):
            picture, boxes = np.zeros((64, 64), np.uint8), []
            for slot in range(3):
                at = int(rng.integers(len(digits.target)))
                x, y = 2 + 20 * slot, int(rng.integers(2, 40))
                picture[y : y + 16, x : x + 16] = np.kron(digits.images[at] * 15, np.ones((2, 2))).astype(np.uint8)
                boxes.append(f"{digits.target[at] % 2} {(x + 8) / 64} {(y + 8) / 64} 0.25 0.25")
            Image.fromarray(picture).convert("RGB").save(room / "images" / part / f"{number}.png")
            (room / "labels" / part / f"{number}.txt").write_text("\n".join(boxes))
    file = room / "digits.yaml"
    file.write_text(f"path: {room}\ntrain: images/train\nval: images/val\nnames: {{0: even, 1: odd}}\n")
    return file


def classes(room: Path) -> Path:
    """Digits 0 and 1 in folders by class."""
    digits = load_digits()
    for label in (0, 1):
        for place, at in enumerate(np.flatnonzero(digits.target == label)[:24]):
            folder = room / ("train" if place < 16 else "val") / str(label)
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray((digits.images[at] * 15).astype(np.uint8)).convert("RGB").resize((32, 32)).save(
                folder / f"{at}.png"
            )
    return room


def main() -> None:
    """Two seeds of a detector, a classifier, and a training that is stopped in its second epoch."""
    room = Path("/tmp/ultralytics-data")
    shutil.rmtree(room, ignore_errors=True)
    boxes, folders = detection(room / "boxes"), classes(room / "classes")
    for seed in (0, 1):
        YOLO("yolo11n.yaml").train(
            data=str(boxes), epochs=3, seed=seed, project=str(OUT / "digits"), name=f"seed-{seed}", **QUICK
        )
    YOLO("yolo11n-cls.yaml").train(data=str(folders), epochs=3, project=str(OUT / "digits"), name="classes", **QUICK)

    def stop(trainer: object) -> None:
        if getattr(trainer, "epoch", 0) == 1:
            raise KeyboardInterrupt

    stopped = YOLO("yolo11n.yaml")
    stopped.add_callback("on_train_batch_end", stop)
    try:
        stopped.train(data=str(boxes), epochs=3, project=str(OUT / "digits"), name="stopped", **QUICK)
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
