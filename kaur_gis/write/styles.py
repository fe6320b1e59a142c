"""QGIS styles (QML) by shape and lightness, never by hue alone: they survive a grey printer and colour-blind eyes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from kaur_gis.catalogue import say
from kaur_gis.config import KERAWANAN, Lang
from kaur_gis.write.safely import xml_text

Shape = Literal["marker", "line", "fill"]
_LAYER_CLASS = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
_GEOMETRY_TYPE = {"marker": 0, "line": 1, "fill": 2}


@dataclass(frozen=True)
class Symbol:
    """One symbol: what QGIS calls a simple marker, line or fill.

    Attributes
    ----------
    shape : {"marker", "line", "fill"}
    options : dict
        Options of the symbol layer, as QGIS names them; sizes in millimetres.
    """

    shape: Shape
    options: dict[str, str]


def marker(name: str, grey: int, size: float) -> Symbol:
    """Make a point symbol of one shape and one lightness (0 black .. 255 white) with a dark rim."""
    options = {"name": name, "color": _grey(grey), "outline_color": _grey(0), "outline_width": "0.3", "size": f"{size}"}
    return Symbol("marker", options)


def line(grey: int, width: float, style: str = "solid") -> Symbol:
    """Make a line of one lightness, width and dash."""
    return Symbol("line", {"line_color": _grey(grey), "line_width": f"{width}", "line_style": style})


def fill(grey: int, rim: int) -> Symbol:
    """Make an area of one lightness with a rim."""
    return Symbol("fill", {"color": _grey(grey), "outline_color": _grey(rim), "outline_width": "0.4", "style": "solid"})


def _grey(level: int) -> str:
    return f"{level},{level},{level},255"


TPS_SYMBOLS = {
    "kurang_rawan": marker("circle", 245, 2.2),
    "rawan": marker("triangle", 150, 3.0),
    "sangat_rawan": marker("star", 0, 4.4),
}
PLACE_SYMBOLS = {
    "gudang": marker("square", 0, 4.0),
    "ppk": marker("square", 200, 3.2),
    "pps": marker("diamond", 200, 2.8),
    "polsek": marker("pentagon", 120, 3.2),
}
STOP_SYMBOLS = PLACE_SYMBOLS | {"tps": marker("circle", 255, 1.8), "sinyal": marker("triangle", 255, 2.4)}
POST_SYMBOLS = {
    "kurang_rawan": marker("cross2", 120, 2.6),
    "rawan": marker("cross2", 60, 3.2),
    "sangat_rawan": marker("cross2", 0, 4.0),
}


def styles(names: Mapping[str, Mapping[str, str]], lang: Lang, *, public: bool = False) -> dict[str, str]:
    """Draw up the style of every layer of the GeoPackage; that of a table holds only what its columns are called.

    Parameters
    ----------
    names : mapping of str to mapping of str to str
        Layer -> column -> what it is called.
    lang : {"id", "en"}
        Language of the legend.
    public : bool
        Draw TPS alike whatever their class, which the public edition does not know.

    Returns
    -------
    dict
        Layer name -> QML document.
    """
    renderers: dict[str, tuple[str, Shape]] = {
        "kecamatan": _single(fill(250, 110)),
        "jalan": _single(line(190, 0.3)),
        "legs": _single(line(60, 0.7, "dash")),
        "back_legs": _single(line(120, 0.7, "dot")),
        "other_ways": _single(line(150, 0.6, "dot")),
        "couriers": _single(line(0, 0.9, "dash dot")),
        "desa": _single(marker("circle", 220, 1.2)),
        "tempat": _by("jenis", PLACE_SYMBOLS, lang),
        "stops": _by("kind", STOP_SYMBOLS, lang),
        "posts": _by("kerawanan", {kelas: POST_SYMBOLS[kelas] for kelas in KERAWANAN}, lang),
        "tps": _by("kerawanan", {kelas: TPS_SYMBOLS[kelas] for kelas in KERAWANAN}, lang),
    }
    if public:
        renderers |= {
            "tps": _single(TPS_SYMBOLS["kurang_rawan"]),
            "tempat": _by("jenis", {kind: PLACE_SYMBOLS[kind] for kind in ("ppk", "pps")}, lang),
        }
    return {layer: _document(columns, *renderers.get(layer, ())) for layer, columns in names.items()}


def _by(column: str, symbols: dict[str, Symbol], lang: Lang) -> tuple[str, Shape]:
    categories = "".join(
        f'<category value="{value}" symbol="{n}" label="{xml_text(say(f"term.{value}", lang))}" render="true"/>'
        for n, value in enumerate(symbols)
    )
    renderer = (
        f'<renderer-v2 type="categorizedSymbol" attr="{column}" symbollevels="0" enableorderby="0">'
        f"<categories>{categories}</categories>{_symbols(symbols.values())}</renderer-v2>"
    )
    return renderer, next(iter(symbols.values())).shape


def _single(symbol: Symbol) -> tuple[str, Shape]:
    renderer = f'<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0">{_symbols([symbol])}</renderer-v2>'
    return renderer, symbol.shape


def _symbols(symbols: Iterable[Symbol]) -> str:
    drawn = ""
    for n, symbol in enumerate(symbols):
        options = "".join(
            f'<Option name="{name}" type="QString" value="{value}"/>' for name, value in symbol.options.items()
        )
        drawn += (
            f'<symbol type="{symbol.shape}" name="{n}" alpha="1" clip_to_extent="1" force_rhr="0">'
            f'<layer class="{_LAYER_CLASS[symbol.shape]}" enabled="1" locked="0" pass="0">'
            f'<Option type="Map">{options}</Option></layer></symbol>'
        )
    return f"<symbols>{drawn}</symbols>"


def _document(names: Mapping[str, str], renderer: str = "", shape: Shape | None = None) -> str:
    aliases = "".join(
        f'<alias field="{xml_text(column)}" index="{n}" name="{xml_text(name)}"/>'
        for n, (column, name) in enumerate(names.items(), start=1)  # 0 is the row number that GeoPackage adds
        if column != "geometry"
    )
    drawn = f"<layerGeometryType>{_GEOMETRY_TYPE[shape]}</layerGeometryType>" if shape else ""
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        f'<qgis version="3.22.0" styleCategories="{"Symbology|" if shape else ""}Fields">{renderer}'
        f"<aliases>{aliases}</aliases>{drawn}</qgis>"
    )
