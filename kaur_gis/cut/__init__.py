"""What a closed road does: closures on the network; `weak` tells where it is weakest, `replan` plans again.

Only what reading needs is loaded here: the other modules load the solver.
"""

from kaur_gis.cut.ask import closure_of
from kaur_gis.cut.close import close_roads

__all__ = ["close_roads", "closure_of"]
