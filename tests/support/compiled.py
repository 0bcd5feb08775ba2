"""What tests compile again and again for every application they start, compiled once instead.

A third of the time that it takes to start the program between both simulators went into URL rules:
Werkzeug writes and compiles two functions for each when it is added to an application. Templates
are compiled anew by every application too. Tests start over a thousand, all with the same rules
and templates.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]
"""Builds a rule's URL from the rule itself and the values of its variables."""


class Templates(BytecodeCache):
    """Compiled templates of all applications in this process; Jinja's key has their source."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give Jinja what it compiled before, if it has."""
        known = self._compiled.get(bucket.key + bucket.checksum)
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what Jinja compiled."""
        self._compiled[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


def compile_once() -> None:
    """Have every application of this process share compiled URL rules and templates."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    compile_builder: Callable[[Rule, bool], Builder] = Rule._compile_builder
    builders: dict[tuple[Any, ...], Builder] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Builder:
        if rule.defaults:
            # A default becomes a part of the function; none of our rules has one.
            return compile_builder(rule, append_unknown)
        key = (rule.rule, rule.merge_slashes, rule.subdomain, rule.host, append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    Rule._compile_builder = compiled  # type: ignore[method-assign, assignment]
