"""Make the training corpus of the unpacked packages: train.json and val.json, lists of documents.

    python corpus.py --sources work/sources --out work

About 50 million characters: speeches, a novel, dictionary glosses and four manuals. One document in a hundred is held out.
Which packages, and under which licences: README.md.
"""

import argparse
import collections
import glob
import json
import random
import re
from pathlib import Path

from html_text import html_text

SHORTEST_DOCUMENT = 200  # characters
GLOSSES_PER_DOCUMENT = 40
RUST_BOOKS = ("book", "rust-by-example", "nomicon", "reference", "rustc", "embedded-book", "edition-guide", "cargo")
RUST_LEAVE_OUT = ("print.html", "toc.html", "redirect")


def files(root, pattern, leave_out=()):
    """Paths under root that match, in the order of their names, without those that contain one of `leave_out`."""
    for name in sorted(glob.glob(pattern, root_dir=root, recursive=True)):
        if not any(part in f"/{name}" for part in leave_out):
            yield root / name


def unwrapped(text):
    """The text with the hard line breaks inside paragraphs made into spaces."""
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n\n".join(re.sub(r"\s*\n\s*", " ", paragraph).strip() for paragraph in paragraphs)


def prose(root):
    """One document for each of the package's text files."""
    for path in files(root, "package/data/*.txt"):
        yield unwrapped(path.read_text(encoding="utf-8", errors="ignore"))


def glosses(root):
    """The dictionary as lines of `word: gloss`, forty to a document."""
    lines = []
    for part_of_speech in ("noun", "verb", "adj", "adv"):
        data = (root / f"usr/share/wordnet/data.{part_of_speech}").read_text(encoding="utf-8", errors="ignore")
        for line in data.split("\n"):
            if not line or line.startswith("  "):  # the licence stands at the top, indented
                continue
            word = line.split()[4].replace("_", " ")
            gloss = line.split("|", 1)[1].strip()
            lines.append(f"{word}: {gloss}")
    for start in range(0, len(lines), GLOSSES_PER_DOCUMENT):
        yield "\n".join(lines[start : start + GLOSSES_PER_DOCUMENT])


def manual(root, pattern, leave_out):
    """One document for each page of a manual; indexes and change logs are left out."""
    for path in files(root, pattern, leave_out):
        yield html_text(str(path))


def rust_books(root):
    """The Rust Book and its siblings, without the pages that repeat all the others."""
    for book in RUST_BOOKS:
        yield from manual(root, f"usr/share/doc/rust-doc/html/{book}/**/*.html", RUST_LEAVE_OUT)


def collected(sources):
    """(source, raw text) of every document, in a fixed order."""
    readers = {
        "sotu": prose(sources / "sotu"),
        "moby-dick": prose(sources / "moby-dick"),
        "wordnet": glosses(sources / "wordnet-base"),
        "python": manual(
            sources / "python3.11-doc/usr/share/doc/python3.11/html",
            "**/*.html",
            ("genindex", "whatsnew/changelog", "/_"),
        ),
        "postgresql": manual(sources / "postgresql-doc-15", "**/*.html", ("bookindex", "release")),
        "rust": rust_books(sources / "rust-doc"),
        "sqlite": manual(
            sources / "sqlite3-doc",
            "**/*.html",
            ("releaselog", "changes.html", "keyword_index", "doclist", "sitemap", "/matrix/"),
        ),
    }
    for source, texts in readers.items():
        for text in texts:
            yield source, text


def cleaned(text):
    """No carriage returns, no spaces at line ends, at most one empty line in a row."""
    text = text.replace("\r", "")
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sources", type=Path, required=True, help="the folder that fetch_sources.sh filled")
    arguments.add_argument("--out", type=Path, required=True, help="folder for train.json and val.json")
    options = arguments.parse_args()

    characters = collections.Counter()
    documents = []
    for source, raw in collected(options.sources):
        text = cleaned(raw)
        if len(text) > SHORTEST_DOCUMENT:
            characters[source] += len(text)
            documents.append(text)
    for source, count in characters.most_common():
        print(f"{source:12} {count:12,} characters")
    print(f"{'all':12} {characters.total():12,} characters, {len(documents):,} documents")

    random.Random(0).shuffle(documents)
    held_out = len(documents) // 100
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "val.json").write_text(json.dumps(documents[:held_out]), encoding="utf-8")
    (options.out / "train.json").write_text(json.dumps(documents[held_out:]), encoding="utf-8")


if __name__ == "__main__":
    main()
