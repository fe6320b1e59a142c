"""What is asked of whoever stands at a TPS, named once for the form, for its answers and for the list they go into."""

from __future__ import annotations

from collections.abc import Mapping

from kaur_gis.config import SINYAL

OPERATORS: Mapping[str, str] = {
    "telkomsel": "Telkomsel (simPATI, by.U)",
    "indosat": "Indosat (IM3, Tri)",
    "xl": "XL (XL, AXIS)",
    "smartfren": "Smartfren",
}
"""Mobile networks whose signal is asked for, each by its own question; brands by which people know them."""
SIGNALS = {name: f"sinyal_{name}" for name in OPERATORS}
"""Operator -> its question, and its column in the list of TPS."""
DAYS = {name: f"{column}_tanggal" for name, column in SIGNALS.items()}
"""Operator -> the column of the day on which its signal was measured."""
ANSWERS = SINYAL[:4]
"""What may be answered, strongest first; a question without an answer says that it is not known."""
POSITION_DAY, ACCURACY, POSITION_SUMBER = "posisi_tanggal", "posisi_akurasi_m", "posisi_sumber"
"""Columns of the list of TPS: the day on which the point was measured, how exact the phone said it was [m], and how
the point is known."""
