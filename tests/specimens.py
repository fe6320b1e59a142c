"""Named specimens: names that bite, and geometries that are not what they seem."""

from __future__ import annotations

HOSTILE: dict[str, str] = {
    "script": "<script>document.title='PWNED'</script>",
    "img": "<img src=x onerror=\"document.title='PWNED'\">",
    "svg": "<svg/onload=document.title='PWNED'>",
    "close_td": "</td></tr></table>",
    "close_script": "</script><script>document.title='PWNED'</script>",
    "comment": "<!--",
    "jinja_sum": "{{ 7*191 }}",
    "jinja_run": "{{ cycler.__init__.__globals__.os.popen('echo PWNED').read() }}",
    "jinja_block": "{% for x in range(7) %}PWNED{% endfor %}",
    "jinja_comment": "Desa {# Baru",
    "jinja_open": "Desa {% Baru",
    "backtick": "`+document.title+`",
    "template_literal": "${document.title='PWNED'}",
    "single_quote": "');document.title='PWNED';('",
    "double_quote": '");document.title="PWNED";("',
    "backslash": "\\u003cb\\u003e\\",
    "ampersand": "Padang & Guci &lt; &amp;",
    "formula": '=HYPERLINK("http://example.invalid","klik")',
    "formula_plus": "+7*191",
    "formula_minus": "-7*191",
    "formula_at": "@SUM(7,191)",
    "formula_dde": "=cmd|' /C calc'!A0",
    "formula_wide": "＝7*191",  # full-width equals sign
    "typst_code": "#(7 * 191)",
    "typst_read": '#read("operation.toml")',
    "typst_markup": "*tebal* _miring_ $x^2$ = Judul @rujukan <label> [isi]",
    "path_up": "../../x",
    "path_slash": "a/b\\c",
    "device": "CON",
    "long": "Panjang " * 40,
    "rtl": "\u202eabc\u202c",
    "line_separator": "a\u2028b\u2029c",
    "quotes": 'O\'Neil "Desa"',
    "arabic": "قرية",
    "javanese": "ꦢꦺꦱ",
    "emoji": "🗳️",
    "nfd": "Pénandingan",
    "na": "NA",
    "percent": "100%s %(x)s {0} {value}",
}
"""Names as a hostile or careless hand might type them; readers accept all of these as names."""

REFUSED: dict[str, str] = {"nul": "a\x00b", "escape": "a\x1bb", "newline": "a\nb"}
"""Names that readers must refuse; writers must still survive them."""
