"""Bytes on disk into plain values: formats that several readers share. No runs here."""

from __future__ import annotations
