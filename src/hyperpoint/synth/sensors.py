"""The two cameras that the data sets were recorded with, as far as they are known."""

from __future__ import annotations

import numpy as np

from hyperpoint.synth.camera import Sensor

# Specim IQ: 204 bands, 2.89 nm apart at 397 nm and 3.09 nm at 1004 nm, 7 nm wide (data sheet). The spacing grows
# evenly, so a parabola gives the published centres within 0.01 nm.
IQ_FIRST_NM, IQ_LAST_NM, IQ_NUM_BANDS, IQ_BEND_NM = 397.32, 1003.58, 204, 21.34


def specim_iq() -> Sensor:
    """Return the camera of LIB-HSI."""
    place = np.linspace(0.0, 1.0, IQ_NUM_BANDS)
    centres = IQ_FIRST_NM + (IQ_LAST_NM - IQ_FIRST_NM) * place - IQ_BEND_NM * place * (1 - place)
    return Sensor(np.round(centres, 2), fwhm=7.0, full_well=25000.0, read_noise=35.0, blur=0.5)


def hsicity_camera() -> Sensor:
    """Return the camera of HSICityV2: 128 bands, 450 to 950 nm."""
    return Sensor(np.linspace(450.0, 950.0, 128), fwhm=7.0, full_well=25000.0, read_noise=35.0, blur=0.5)
