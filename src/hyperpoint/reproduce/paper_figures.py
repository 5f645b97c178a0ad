"""What the paper printed, in %, to stand beside what was measured."""

from __future__ import annotations

from typing import NamedTuple


class Printed(NamedTuple):
    """A mIoU and the "Acc" beside it, in %."""

    miou: float
    acc: float


# Table 1, by recipe: the annotations of the train splits.
TABLE1: dict[str, dict[str, Printed]] = {
    "lib-hsi": {
        "svm-rgb": Printed(51.04, 66.22),
        "svm": Printed(85.28, 90.50),
        "twocnn-rgb": Printed(75.91, 83.21),
        "twocnn": Printed(86.64, 91.44),
    },
    "hsicity2": {
        "svm-rgb": Printed(18.41, 35.12),
        "svm": Printed(72.99, 87.13),
        "twocnn-rgb": Printed(54.76, 60.64),
        "twocnn": Printed(89.25, 92.55),
    },
}

# Tables 2 (LIB-HSI) and 3 (HSICityV2), mIoU on the test split, by labels and network.
SEGMENTATION: dict[str, dict[str, dict[str, float]]] = {
    "lib-hsi": {
        "points": {"fcn": 24.24, "deeplab": 20.48, "hrnet": 28.81},
        "twocnn": {"fcn": 60.04, "deeplab": 56.65, "hrnet": 62.43},
        "svm": {"fcn": 55.60, "deeplab": 54.32, "hrnet": 57.91},
        "truth": {"fcn": 61.22, "deeplab": 59.98, "hrnet": 62.22},
    },
    "hsicity2": {
        "points": {"fcn": 25.75, "deeplab": 21.39, "hrnet": 27.30},
        "twocnn": {"fcn": 49.44, "deeplab": 51.39, "hrnet": 55.20},
        "svm": {"fcn": 43.46, "deeplab": 47.14, "hrnet": 50.01},
        "truth": {"fcn": 56.22, "deeplab": 60.55, "hrnet": 60.29},
    },
}

# Table 4, by method, inputs and supervision.
TABLE4: dict[str, dict[tuple[str, str, str], Printed]] = {
    "lib-hsi": {
        ("HRNet", "RGB", "M"): Printed(28.81, 38.24),
        ("FCN", "RGB", "M"): Printed(24.24, 31.43),
        ("RSSAN", "HS", "P"): Printed(6.58, 12.18),
        ("JigSawHSI", "HS", "P"): Printed(5.09, 8.69),
        ("Huang et al. (2019)", "HS+RGB", "M"): Printed(3.46, 8.15),
        ("FCN (sup)", "RGB", "F"): Printed(61.22, 71.27),
        ("HRNet (sup)", "RGB", "F"): Printed(62.22, 71.24),
        ("Ours, TwoCNN", "HS+RGB", "P"): Printed(62.43, 69.52),
        ("Ours, SVM", "HS+RGB", "P"): Printed(57.91, 65.57),
        ("Ours, TwoCNN", "RGB", "P"): Printed(48.18, 60.21),
        ("Ours, SVM", "RGB", "P"): Printed(38.07, 53.39),
    },
    "hsicity2": {
        ("HRNet", "RGB", "M"): Printed(27.30, 32.89),
        ("FCN", "RGB", "M"): Printed(25.75, 30.53),
        ("RSSAN", "HS", "P"): Printed(23.86, 31.41),
        ("JigSawHSI", "HS", "P"): Printed(18.17, 24.11),
        ("Huang et al. (2019)", "HS+RGB", "M"): Printed(13.17, 21.14),
        ("FCN (sup)", "RGB", "F"): Printed(56.22, 74.57),
        ("HRNet (sup)", "RGB", "F"): Printed(60.29, 77.74),
        ("Ours, TwoCNN", "HS+RGB", "P"): Printed(55.20, 66.18),
        ("Ours, SVM", "HS+RGB", "P"): Printed(50.01, 60.94),
        ("Ours, TwoCNN", "RGB", "P"): Printed(32.63, 37.58),
        ("Ours, SVM", "RGB", "P"): Printed(16.31, 25.43),
    },
}
