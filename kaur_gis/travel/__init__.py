"""How long a drive takes: stops, network, speeds (class, surface, weather, vehicle), snapping, matrix, paths."""

from kaur_gis.travel.drive import travel_times
from kaur_gis.travel.graph import road_graph
from kaur_gis.travel.stops import stops_of
from kaur_gis.travel.times import UNREACHABLE, TravelTimes

__all__ = ["UNREACHABLE", "TravelTimes", "road_graph", "stops_of", "travel_times"]
