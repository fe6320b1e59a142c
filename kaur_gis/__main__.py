"""python -m kaur_gis: the same as the command kaur-gis."""

import sys

from kaur_gis.cli import main

sys.exit(main())
