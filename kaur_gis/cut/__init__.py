"""What a closed road does: closures on the network, and where the network is weakest."""

from kaur_gis.cut.ask import closure_of
from kaur_gis.cut.close import close_roads
from kaur_gis.cut.weak import Weakness, weak_points

__all__ = ["Weakness", "close_roads", "closure_of", "weak_points"]
