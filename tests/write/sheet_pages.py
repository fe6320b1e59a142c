"""Reads the papers of a run as a person would: page by page, with pdftotext."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

KODE = re.compile(r"\b\d{13}\b")
poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")


def pages_of(path: Path) -> list[str]:
    """Text of every page."""
    told = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True).stdout.decode()
    return told.removesuffix("\f").split("\f")


def squash(text: str) -> str:
    """Leave out what a line break may have changed."""
    return re.sub(r"[\s\u200b]", "", unicodedata.normalize("NFKC", text))
