"""A fixed piece of work, to tell how fast this machine is: ``python -m builder.pace`` times it.

It is made of what chapters spend their seconds on: convolutions forward and backward, products and
decompositions of matrices, functions of every element, and plain Python.
"""

import time

import numpy as np
import torch

REFERENCE_SECONDS = 3.6  # on the machine that the budget was set on, one idle core


def work() -> None:
    """Do the piece of work, in this process."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(64, 3, 48, 48, generator=generator)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 32, 5, padding=2),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(32, 64, 3, padding=1),
        torch.nn.ReLU(),
    )
    for _ in range(12):
        network(images).square().mean().backward()
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(700, 700))
    for _ in range(2):
        np.linalg.eigh(matrix @ matrix.T)
    single = rng.normal(size=(1500, 1500)).astype(np.float32)
    for _ in range(8):
        single = np.tanh(single @ single / 1500)
    numbers = rng.normal(size=4_000_000)
    for _ in range(4):
        np.sort(np.exp(-(numbers**2)))
    total = 0
    for number in range(4_000_000):
        total += number % 7


if __name__ == "__main__":
    torch.set_num_threads(1)
    before = time.process_time()
    work()
    print(time.process_time() - before)
