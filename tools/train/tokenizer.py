"""Train the byte-level BPE tokenizer on train.json and encode both splits with it.

    python tokenizer.py --corpus work

Writes tokenizer.json, train.npy and val.npy beside the corpus: token ids as u16, each document after a BOS (id 0).
"""

import argparse
import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

D_VOCAB = 4096
BOS, BOS_ID = "<|endoftext|>", 0


def trained(documents):
    """A byte-level BPE tokenizer: every byte is in its vocabulary, so that any text can be encoded."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=D_VOCAB,
        special_tokens=[BOS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(documents, trainer)
    return tokenizer


def encoded(tokenizer, documents):
    """All documents' ids in one row, each document after a BOS."""
    ids = []
    for encoding in tokenizer.encode_batch(documents):
        ids.append(BOS_ID)
        ids += encoding.ids
    return np.array(ids, dtype=np.uint16)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--corpus", type=Path, required=True, help="folder of train.json and val.json")
    folder = arguments.parse_args().corpus

    splits = {split: json.loads((folder / f"{split}.json").read_text(encoding="utf-8")) for split in ("train", "val")}
    tokenizer = trained(splits["train"])
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)  # a third of the size, which every visitor downloads
    for split, documents in splits.items():
        ids = encoded(tokenizer, documents)
        np.save(folder / f"{split}.npy", ids)
        characters = sum(map(len, documents))
        print(f"{split:5} {len(ids):12,} tokens, {characters / len(ids):.2f} characters each")


if __name__ == "__main__":
    main()
