"""The operation of guild.yml."""

import sys

import numpy as np
from softmax import train

lr = 0.5
epochs = 6
seed = 0
mode = "full"

for epoch, loss, held_out, right in train(lr, epochs, seed):
    print(f"epoch {epoch}")
    print(f"loss: {loss:.6f}")
    print(f"val/loss: {held_out:.6f}")
    print(f"val/accuracy: {right:.6f}")
    if mode == "error" and epoch == 2:
        sys.exit("no more data")
np.savetxt("weights.csv", train.weights, delimiter=",", fmt="%.5f")
