"""The packaged encoder: a batch against one by one, in the same run."""

from time import perf_counter

import numpy as np

from recognition.encoders import PACKAGED_KEY, EncoderOptions, build_encoder
from tests.pictures import product_picture

ROUNDS, BATCH = 5, 32


def main() -> None:
    encoder = build_encoder(PACKAGED_KEY, EncoderOptions())
    encoder.load()
    pictures = [product_picture(seed, 400) for seed in range(BATCH)]
    encoder.encode_images(pictures[:2])
    single, batch = [], []
    for _ in range(ROUNDS):  # alternating, so that what else the machine does hits both
        started = perf_counter()
        one_by_one = np.concatenate([encoder.encode_images([each]) for each in pictures])
        single.append((perf_counter() - started) * 1000 / BATCH)
        started = perf_counter()
        together = encoder.encode_images(pictures)
        batch.append((perf_counter() - started) * 1000 / BATCH)
    assert np.abs(one_by_one - together).max() < 1e-3
    a, b = float(np.median(single)), float(np.median(batch))
    print(f"one by one {a:.1f} ms a photo, batch of {BATCH} {b:.1f} ms; ratio {a / b:.2f}")
