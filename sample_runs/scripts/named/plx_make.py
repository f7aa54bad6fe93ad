"""Write sample_runs/polyaxon/offline with the real client: POLYAXON_OFFLINE_ROOT=OUT python plx_make.py MODE LR (traceml 1.5)."""

import os
import signal
import sys
import time

import numpy as np
from PIL import Image
from softmax import train
from traceml import tracking

mode, lr = sys.argv[1], float(sys.argv[2])
tracking.init(name=f"clusters-{mode}", project="clusters", owner="sample", is_offline=True, is_new=True,
              description="softmax regression\n\n*three clusters*", tags=["sample", mode],
              collect_resources=False, track_code=False)
tracking.log_inputs(lr=lr, optimizer={"name": "sgd", "momentum": 0.0}, layers=[2, 3])
for epoch, loss, held_out, right in train(lr, 8):
    tracking.log_metrics(step=epoch, **{"loss": loss, "val/loss": held_out})
    tracking.log_metric("val/accuracy top-1 (%)", 100 * right, step=epoch)
    if mode == "failed" and epoch == 3:
        raise ValueError("no more data")
    if mode == "killed" and epoch == 5:
        time.sleep(12)
        os.kill(os.getpid(), signal.SIGKILL)
tracking.log_metric("odd", float("nan"), step=0)
tracking.log_metric("odd", float("inf"), step=1)
tracking.log_np_histogram("weights", *np.histogram(train.weights, 4), step=7)
tracking.log_text("remark", "the loss | went down", step=7)
picture = np.zeros((8, 8, 3), np.uint8)
picture[:, :4] = [200, 80, 40]
Image.fromarray(picture).save("boundary.png")
tracking.log_image("boundary.png", "boundary", step=7)
tracking.log_curve("calibration", [0.1, 0.5, 0.9], [0.2, 0.5, 0.8], step=7)
tracking.log_outputs(accuracy=right)
tracking.end()
