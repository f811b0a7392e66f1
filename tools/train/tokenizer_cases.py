"""Write what the tokenizer makes of awkward texts, for tests of other implementations.

    python tokenizer_cases.py ../../models/default/tokenizer.json ../../tests/fixtures/default_tokenizer.json

A list of {name, text, ids, pieces}; no BOS; a piece is one id decoded alone, so the bytes of a split character show as U+FFFD.
"""

import argparse
import json
from pathlib import Path

from tokenizers import Tokenizer

from texts import NOTEBOOK_PARAGRAPH, OWN_PARAGRAPHS

CASES = {
    "notebook paragraph": NOTEBOOK_PARAGRAPH,
    "own paragraph": OWN_PARAGRAPHS[0],
    "empty": "",
    "one space": " ",
    "spaces around": "  leading and trailing   ",
    "tabs and line breaks": "a\tb\n\nc\r\nd\n",
    "contractions": "I'm sure they'll say it's what we'd've done; DON'T.",
    "digits": "3.14159 2026-11-23 1,000,000",
    "code": "fn main() {\n    println!(\"{}\", xs[0]);\n}\n",
    "html": "<script>alert('x')</script> &amp; <b onclick=\"y()\">z</b>",
    "bos in the text": "before<|endoftext|>after",
    "nul and controls": "a\0b\x01\x7f\x1b[0m",
    "emoji": "Ship it 🚀🎉 family: 👨‍👩‍👧‍👦 flag: 🇨🇭 skin: 👍🏽",
    "combining marks": "e\u0301 é Z\u0351\u036b\u0343algo",
    "right to left": "שלום עולם, مرحبا بالعالم \u202eabc\u202c",
    "chinese, japanese, korean": "你好，世界。こんにちは 안녕하세요",
    "no-break and other spaces": "a\u00a0b\u2003c\u3000d\u200be\ufeff",
    "replacement character": "lone surrogates become \ufffd here",
    "repeated word": "Harry Potter met Harry Potter met Harry Potter",
    "long run": "a" * 300,
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("tokenizer", type=Path)
    arguments.add_argument("out", type=Path)
    options = arguments.parse_args()

    tokenizer = Tokenizer.from_file(str(options.tokenizer))
    cases = []
    for name, text in CASES.items():
        ids = tokenizer.encode(text).ids
        pieces = [tokenizer.decode([token_id], skip_special_tokens=False) for token_id in ids]
        cases.append({"name": name, "text": text, "ids": ids, "pieces": pieces})
    lines = ",\n".join(json.dumps(case) for case in cases)
    options.out.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
