"""Tests of director.text.forms."""
