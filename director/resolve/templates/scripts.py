"""A script of a template in base64.

Takes a piece, gives the text; reports what is wrong with it.
"""

import base64
import binascii

from director.resolve.findings import Findings
from director.resolve.templates import pieces
from director.resolve.templates.pieces import TemplatePiece


def decoded(piece: TemplatePiece, found: Findings) -> str:
    """The script, "" where there is none. Reports: template-value-invalid."""
    text = piece.text(found)
    if not text:
        return ""
    try:
        script = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        script = ""
    if not script.startswith("#!"):
        piece.report_here(
            pieces.INVALID,
            f"{piece.path[-1]} is not a script.",
            found=found,
            why="compleat runs a script in base64 that begins with `#!`; nothing reads cloud-init's other formats.",
            fix="Write [base64('#!/bin/sh ...')], or use a Compleat/deployments resource with a job.",
        )
    return script
