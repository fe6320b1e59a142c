"""From where a TPS without signal reports: what is known of the signal, and what is done where there is none."""

from kaur_gis.comms.signal import signals

__all__ = ["signals"]
