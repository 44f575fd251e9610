"""The table of images."""

from pathlib import Path

import pytest

from exporters import images
from exporters.images import IMAGES

LAB = Path(__file__).resolve().parents[3] / "shared" / "lab" / "images.tsv"


def test_each_image_is_in_the_table_once() -> None:
    declared = [value for value in vars(images).values() if isinstance(value, images.Image)]
    tags = [image.tag for image in IMAGES]
    assert len(set(tags)) == len(tags)
    assert {image.tag for image in declared} <= set(tags)


def test_an_image_that_drops_privileges_is_started_without_them() -> None:
    for image in IMAGES:
        assert image.user or not image.drops_privileges, image.tag


@pytest.mark.skipif(not LAB.exists(), reason="no lab of stand-in images beside the project")
def test_each_tag_is_one_that_the_lab_runs() -> None:
    lines = LAB.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    tags = {row[0] for row in rows} | {f"debian:{row[2]}-slim" for row in rows}
    assert {image.tag for image in IMAGES} - tags == {images.TRAEFIK.tag, images.SEAWEEDFS.tag}, (
        "made by tests/lab/own_images.py"
    )
