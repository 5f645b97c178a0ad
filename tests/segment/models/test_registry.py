from __future__ import annotations

import subprocess
import sys

import pytest

from hyperpoint.errors import InputError
from hyperpoint.segment.models import build_model, check_model_name, model_names


def test_listing_needs_no_torch() -> None:
    code = "import sys; from hyperpoint.segment.models import model_names; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", [*model_names(), "smp:unet:anything"])
def test_known_names(name: str) -> None:
    check_model_name(name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hrnet_w84", "did you mean hrnet_w48"),
        ("", "known are: fcn_r50"),
        ("smp:unet", "got 'smp:unet'"),
        ("smp:unet:", "smp:ARCH:ENCODER"),
        ("smp:vnet:resnet18", "unknown architecture 'vnet'"),
    ],
)
def test_unknown_names(name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_model_name(name)


@pytest.mark.parametrize(("num_classes", "in_channels"), [(0, 3), (256, 3), (2, 0)])
def test_numbers_out_of_range(num_classes: int, in_channels: int) -> None:
    with pytest.raises(InputError, match="1 to 255 classes"):
        build_model("hrnet_w18", num_classes, in_channels)


def test_without_torch_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from hyperpoint.errors import MissingExtraError\n"
        "from hyperpoint.segment.models import build_model\n"
        "try: build_model('hrnet_w18', 2)\n"
        "except MissingExtraError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'torch', which is not installed" in done.stdout
    assert "hyperpoint[deep]" in done.stdout


def test_unknown_encoder_names_similar_ones() -> None:
    with pytest.raises(InputError, match="'resnet81'; similar are: resnet"):
        build_model("smp:unet:resnet81", 2)
