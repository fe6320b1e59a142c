"""Files that go into the page: Leaflet as published (see ``vendored.toml``), and our own scripts and style."""
