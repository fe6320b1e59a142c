"""The public names, and what importing the package does to GDAL."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import kaur_gis


def python(code: str, **environment: str) -> str:
    """Run code in a fresh interpreter."""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return run.stdout + run.stderr


@pytest.mark.parametrize("name", kaur_gis.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name):
    assert getattr(kaur_gis, name).__doc__
    assert name in dir(kaur_gis)


def test_a_name_that_is_not_public_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'make_plans'"):
        _ = kaur_gis.make_plans


def test_importing_the_package_takes_away_the_drivers_that_read_elsewhere():
    code = "import kaur_gis, pyogrio; print(*sorted(pyogrio.list_drivers()))"
    drivers = set(python(code, GDAL_SKIP="GML").split())
    assert {"GeoJSON", "GPKG", "ESRI"} <= drivers
    assert not drivers & {*kaur_gis.SKIPPED_DRIVERS.split(), "GML"}


def test_geopandas_loaded_before_is_told_to_the_log():
    code = "import logging; logging.basicConfig(level='INFO'); import pyogrio, kaur_gis"
    assert "GDAL keeps all its drivers" in python(code)


def test_the_help_of_the_command_line_loads_none_of_the_engines():
    code = "import sys, kaur_gis.cli; print(*({'numpy', 'pandas', 'geopandas', 'osmnx', 'pyvrp'} & set(sys.modules)))"
    assert python(code).split() == []
