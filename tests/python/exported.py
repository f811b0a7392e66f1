"""What the page saved, opened as a reader would: with numpy and with safetensors.

tests/page/exports.both.spec.js leaves it in target/exported, a folder for each backend, together with what the page showed at
that moment. Every array has TransformerLens' name and shape, both containers hold the same numbers, the page's figures are
theirs, and the log-probabilities follow from the residual stream that was saved.
"""

import csv
import json
import sys
import unittest
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

ROOT = Path(__file__).parents[2]


class Saved:
    """One backend's files."""

    def __init__(self, backend: str):
        self.folder = ROOT / "target" / "exported" / backend

    @cached_property
    def npz(self):
        with np.load(self.folder / "headscope.npz") as file:
            return {name: file[name] for name in file.files}

    @cached_property
    def safetensors(self):
        return load_file(self.folder / "headscope.safetensors")

    @cached_property
    def shown(self):
        return json.loads((self.folder / "shown.json").read_text())

    @cached_property
    def table(self):
        with open(self.folder / "headscope-detectors.csv", newline="") as file:
            return {row.pop("head"): row for row in csv.DictReader(file)}

    @cached_property
    def report(self):
        return json.loads((self.folder / "headscope-detectors.json").read_text())

    def pattern(self, head: str):
        layer, number = head.split(".")
        return self.npz[f"blocks.{layer}.attn.hook_pattern"][int(number)]


class Exported:
    """The tests, of one backend's files."""

    saved: Saved

    def test_names_shapes_and_dtypes_are_transformerlens(self):
        saved = self.saved
        seq, layers = saved.shown["seq"], saved.shown["n_layers"]
        heads, width = saved.shown["n_heads"], saved.shown["d_model"]
        expected = {"tokens": ("int64", (seq,)), "log_probs": ("float32", (seq - 1,))}
        for layer in range(layers):
            expected[f"blocks.{layer}.attn.hook_pattern"] = ("float32", (heads, seq, seq))
            for place in ("pre", "post"):
                expected[f"blocks.{layer}.hook_resid_{place}"] = ("float32", (seq, width))
        for arrays in (saved.npz, saved.safetensors):
            self.assertEqual({name: (str(array.dtype), array.shape) for name, array in arrays.items()}, expected)

    def test_both_containers_hold_the_same_numbers(self):
        saved = self.saved
        for name, array in saved.npz.items():
            np.testing.assert_array_equal(array, saved.safetensors[name], err_msg=name)

    def test_patterns_are_causal_and_their_rows_sum_to_one(self):
        saved = self.saved
        for layer in range(saved.shown["n_layers"]):
            pattern = saved.npz[f"blocks.{layer}.attn.hook_pattern"]
            np.testing.assert_allclose(pattern.sum(axis=2), 1, atol=1e-5)
            np.testing.assert_array_equal(np.triu(pattern, k=1), 0)

    def test_the_cells_that_the_page_showed_are_the_patterns(self):
        saved = self.saved
        pattern = saved.pattern(saved.shown["head"])
        self.assertGreaterEqual(len(saved.shown["cells"]), 3)
        for cell in saved.shown["cells"]:
            self.close(pattern[cell["query"], cell["key"]], cell["weight"])

    def test_the_scores_that_the_page_showed_follow_from_the_patterns(self):
        saved = self.saved
        self.assertEqual(len(saved.shown["figures"]), saved.shown["n_layers"] * saved.shown["n_heads"])
        for head, shown in saved.shown["figures"].items():
            pattern = saved.pattern(head)
            mean = {
                "mean-current": np.diagonal(pattern).mean(),
                "mean-previous": np.diagonal(pattern, offset=-1).mean(),
                "mean-first": pattern[:, 0].mean(),
            }
            for column, score in mean.items():
                self.assertAlmostEqual(float(saved.table[head][column]), score, places=5)
                self.assertAlmostEqual(saved.report["heads"][head][column], score, places=5)
                self.close(score, shown[column])

    def test_the_stream_goes_on_from_layer_to_layer_and_gives_the_log_probabilities(self):
        weights = load_file(ROOT / "models" / "default" / "model.safetensors")
        saved = self.saved
        last = saved.shown["n_layers"] - 1
        for layer in range(last):
            before, after = (saved.npz[f"blocks.{at}"] for at in (f"{layer}.hook_resid_post", f"{layer + 1}.hook_resid_pre"))
            np.testing.assert_array_equal(before, after)
        stream = saved.npz[f"blocks.{last}.hook_resid_post"].astype(np.float64)
        logits = stream @ weights["unembed.W_U"].astype(np.float64) + weights.get("unembed.b_U", 0)
        top = logits.max(axis=1, keepdims=True)
        log_probs = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
        next_token = saved.npz["tokens"][1:]
        expected = log_probs[np.arange(len(next_token)), next_token]
        np.testing.assert_allclose(saved.npz["log_probs"], expected, atol=1e-4)

    def test_the_report_says_which_text_and_which_model(self):
        saved = self.saved
        self.assertEqual(saved.report["tokens"], saved.npz["tokens"].tolist())
        self.assertEqual(saved.report["pieces"][1:], saved.shown["pieces"])
        self.assertEqual(saved.report["model"], saved.shown["model"])

    def close(self, value, shown: str):
        """Equal to the digits that were shown."""
        digits = len(shown.partition(".")[2])
        self.assertGreaterEqual(digits, 2, shown)
        self.assertLessEqual(abs(float(value) - float(shown)), 0.5001 * 10**-digits, f"{value} is shown as {shown}")


class FromWebGpu(Exported, unittest.TestCase):
    saved = Saved("webgpu")


class FromCpu(Exported, unittest.TestCase):
    saved = Saved("cpu")


if __name__ == "__main__":
    unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stdout, verbosity=2))
