"""Ten thousand damaged files: each is a design or gets one sentence, within bounded memory."""

import copy
import json
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from app.model.kinds import KINDS
from app.model.links import Place, Waiver
from app.storage.codec import dump, load
from app.storage.errors import FileError

CHUNKS, EACH = 20, 500
MOST_MEMORY = 16 << 20  # bytes; the file has 10 kB


def _sample() -> bytes:
    """A file with every kind, links, waivers and places in it."""
    design = Design(name="Everything")
    for number, kind in enumerate(KINDS):
        design, _ = edits.add(design, kind, Place(x=number * 24, y=number))
    design, _ = edits.connect(design, "users-1", "lb-1", protocol="https", via=("fw-1",))
    design, _ = edits.connect(design, "lb-1", "web-1", protocol="http", port=8080)
    design = edits.nest(design, ["web-1"], "server-1")
    design = edits.join(design, "cluster-1", ["db-1"])
    design = edits.set_fields(design, "app-1", requires={"read": "2 of (db-1, cache-1, files-1)"})
    return dump(edits.waive(design, "SPOF001@lb-1", Waiver(reason="a demo", until="2027-01-31")))


SAMPLE = _sample()
TOKENS = (
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"null", b"true", b"NaN", b"-Infinity", b"1e999",
    b"\0", b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"9" * 400, b"[" * 300, b'{"a":' * 300,
    b"\xef\xbb\xbf", b"/**/", b"'", b"-", b"0x10", b"\r", b'"web-1"', b'"version": 0',
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 10**18, 2**63, 2**64, "", "x", "web-1", "and", "\ud800",
    "\0", "x" * 5_000, "(" * 100, [], {}, [[[[]]]], {"a": {"b": {}}}, ["web-1", "web-1"], [None],
    {"kind": "web_server", "name": "w"}, {"kind": "toaster"}, {"x": 1, "y": 2},
)  # fmt: skip

Damage = Callable[[random.Random, bytes], bytes]


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _drop(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randrange(1, 200) :]


def _repeat(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    return data[: start + chance.randrange(200)] + data[start:]


def _flip(chance: random.Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        damaged[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(damaged)


def _insert(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + chance.choice(TOKENS) + data[start + chance.randrange(4) :]


def _holders(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value
    found = [value] if value else []
    for item in inner:
        if isinstance(item, dict | list):
            found += _holders(item)
    return found


def _restructure(chance: random.Random, data: bytes) -> bytes:
    document = json.loads(data)
    for _ in range(chance.randrange(1, 4)):
        holder = chance.choice(_holders(document))
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        value = copy.deepcopy(chance.choice(VALUES))
        if isinstance(holder, dict) and chance.random() < 0.3:
            holder[chance.choice(["from", "kind", "parent", "Web", "a\ud800", key[::-1]])] = value
        elif chance.random() < 0.3:
            del holder[key]
            if not document:
                break
        else:
            holder[key] = value
    return json.dumps(document, ensure_ascii=chance.random() < 0.9).encode(errors="surrogatepass")


def _graft(chance: random.Random, data: bytes) -> bytes:
    document = json.loads(data)
    source, target = chance.choice(_holders(document)), chance.choice(_holders(document))
    copied = json.loads(json.dumps(source))
    if isinstance(target, dict):
        target[chance.choice(list(target))] = copied
    else:
        target[0] = copied
    return json.dumps(document).encode()


DAMAGES: tuple[Damage, ...] = (
    _cut, _drop, _repeat, _flip, _insert, _restructure, _restructure, _restructure, _graft,
)  # fmt: skip


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_damaged_file_is_a_design_or_gets_one_sentence(chunk: int) -> None:
    chance = random.Random(chunk)  # noqa: S311  # the same damage in every run
    tracemalloc.start()
    try:
        for _ in range(EACH):
            data = chance.choice(DAMAGES)(chance, SAMPLE)
            try:
                design = load(data)
            except FileError as error:
                sentence = str(error)
                design = None
            if design is None:
                assert sentence.isprintable(), sentence
                assert 10 < len(sentence) < 600
            else:
                assert load(dump(design)) == design
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def test_the_damage_reaches_every_part_of_the_reader() -> None:
    chance = random.Random(0)  # noqa: S311  # the same damage in every run
    told = set()
    for _ in range(2_000):
        try:
            load(chance.choice(DAMAGES)(chance, SAMPLE))
        except FileError as error:
            told.add(str(error).split(":")[-1].split(",")[0][:20])
    assert len(told) > 50
