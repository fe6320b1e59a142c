"""The folium map as a frame: vendored assets, a content security policy, and a payload that nothing renders.

branca compiles a rendered script once more as a Jinja template, so nothing from data may pass through
it. Here the frame is rendered and its scripts are hashed before any data is there; payload, title and
the part for readers without JavaScript are put in last, as values.

References
----------
Content Security Policy Level 3, https://www.w3.org/TR/CSP3/ (hash sources).
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any, cast

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from kaur_gis.config import Lang
from kaur_gis.write.map import vendor
from kaur_gis.write.safely import web_text

_NAME = "kaur"
_BLOCK = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)
_PAGE = Template(
    """<!DOCTYPE html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
{% if policy %}<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
{% endif %}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<link rel="icon" href="data:,">
{{ header }}
</head>
<body>
{{ html }}
<noscript>
{{ plain }}
</noscript>
<script type="application/octet-stream" id="kaur-payload" data-rounds="{{ rounds }}">{{ payload }}</script>
<script>{{ script }}</script>
</body>
</html>
"""
)


class Verbatim(Element):
    """Text of our own that stands in the page as it is, never compiled as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name, self.text = "Verbatim", text

    def render(self, **_kwargs: Any) -> str:  # noqa: ANN401 - branca's signature
        """Give the text."""
        return self.text


class PlanFigure(Figure):
    """The page around the map.

    Parameters
    ----------
    lang : {"id", "en"}
    title : str
        May come from data.
    payload : bytes
        Of `pack.pack`; in a sealed page of `lock.locked`.
    rounds : int
        Rounds of PBKDF2 of a sealed page; 0 for an open one.
    plain : str
        HTML for readers without JavaScript, every text in it through `web_text`.
    pictures : str
        The one host from which pictures may come, of `online.tile_host`; "" for none.
    """

    def __init__(self, lang: Lang, title: str, payload: bytes, plain: str, rounds: int = 0, pictures: str = "") -> None:
        super().__init__(ratio="75%")
        self.pictures = pictures
        self.lang, self.page_title, self.plain, self.rounds = lang, title, plain, rounds
        self.payload = base64.b64encode(payload).decode("ascii")
        self.header._children.clear()  # the page names its encoding itself  # noqa: SLF001 - branca has no other way

    def render(self, **kwargs: Any) -> str:  # noqa: ANN401 - branca's signature
        """Give the page; with a content security policy as long as all in it is ours."""
        for child in self._children.values():
            child.render(**kwargs)
        header, html, script = (part.render(**kwargs) for part in (self.header, self.html, self.script))
        own = all(is_own(child) for child in self._children.values())
        return str(
            _PAGE.render(
                lang=self.lang,
                policy=policy(header + f"<script>{script}</script>", self.pictures) if own else "",
                title=web_text(self.page_title),
                header=header,
                html=html,
                plain=self.plain,
                payload=self.payload,
                rounds=self.rounds,
                script=script,
            )
        )


class PlanMap(folium.Map):
    """A folium map without links to the internet.

    A stock folium layer may need jQuery and the like: folium's own links come back as soon as one is added.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div id="kaur"><main><div class="folium-map" id={{ this.get_name()|tojson }}></div></main></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
            center: {{ this.location|tojson }},
            ...{{ this.options|tojavascript }}
        });
        {% endmacro %}
        """
    )

    def __init__(self, figure: PlanFigure, location: tuple[float, float]) -> None:
        super().__init__(
            location,
            tiles=None,
            zoom_start=10,
            zoom_control=False,
            max_zoom=19,
            min_zoom=7,
            zoom_snap=0.25,
            fade_animation=False,
        )
        self._id = _NAME  # folium's are random: the same plan shall give the same bytes
        figure.add_child(self)

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]  # noqa: ANN401 - as folium's own
        """Put the assets, then the map, into the page."""
        header = cast("Figure", self.get_root()).header
        header.add_child(Verbatim(f"<style>{vendor.style()}</style>\n"), name="kaur_style")
        header.add_child(Verbatim(f"<script>{vendor.leaflet_script()}</script>\n"), name="leaflet")
        if cast("PlanFigure", self.get_root()).rounds:
            header.add_child(Verbatim(f"<script>{vendor.noble_script()}</script>\n"), name="noble")
        header.add_child(Verbatim(f"<script>{vendor.script()}</script>\n"), name="kaur_script")
        own = is_own(self)
        self.default_js = [] if own else [link for link in folium.Map.default_js if link[0] != "leaflet"]
        self.default_css = [] if own else [link for link in folium.Map.default_css if link[0] != "leaflet_css"]
        super().render(**kwargs)  # type: ignore[no-untyped-call]


class PlanLayers(MacroElement):
    """All layers of a plan, drawn by our own script from the page's payload."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        kaurMap({{ this._parent.get_name() }}, "kaur-payload", {{ this.words|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, words: dict[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "PlanLayers", _NAME
        self.words = words  # the catalogue's, never from data


def is_own(element: Element) -> bool:
    """Whether an element and all within it are ours, so that every script of the page is known."""
    known = isinstance(element, (PlanMap, PlanLayers))
    return known and all(is_own(child) for child in element._children.values())  # noqa: SLF001 - branca has no other way


def policy(page: str, pictures: str = "") -> str:
    """Name the scripts and styles that may work, by their digests; everything else is forbidden.

    Parameters
    ----------
    page : str
        The page's blocks, before any data is in it.
    pictures : str
        A host from which pictures may come too.

    Returns
    -------
    str
    """
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for block in _BLOCK.finditer(page):
        digest = base64.b64encode(hashlib.sha256(block[2].encode("utf-8")).digest()).decode("ascii")
        hashes[block[1]].append(f"'sha256-{digest}'")
    return (
        f"default-src 'none'; script-src {' '.join(hashes['script'])}; style-src {' '.join(hashes['style'])};"
        f" img-src {' '.join(['data:', 'blob:', *filter(None, [pictures])])}; base-uri 'none'; form-action 'none'"
    )
