"""What a closed road does: closures on the network."""

from kaur_gis.cut.ask import closure_of
from kaur_gis.cut.close import close_roads

__all__ = ["close_roads", "closure_of"]
