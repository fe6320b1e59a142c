"""A headless Firefox without network, driven by its own Marionette protocol: no driver program is needed.

References
----------
https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PREFS = {
    "marionette.port": 0,  # any free one; Firefox writes which into the profile
    "network.proxy.type": 1,  # whatever is asked for goes to a proxy that does not exist
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.captive-portal-service.enabled": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
}
PATIENCE = 120  # seconds for a start, a page, a command on a machine that does other work too


class Firefox:
    """One window of a running Firefox."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._receive()  # its greeting
        self("WebDriver:NewSession")

    def __call__(self, command: str, **parameters: object) -> Any:
        """Give a command and wait for its answer."""
        self._number += 1
        text = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(text), text))
        _, number, error, result = self._receive()
        assert number == self._number
        assert error is None, error
        return result.get("value") if isinstance(result, dict) else result

    def run(self, script: str, *arguments: object) -> Any:
        """Run a script in the page and give what it returns."""
        return self("WebDriver:ExecuteScript", script=script, args=list(arguments), sandbox=None)

    def wait(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        end = time.monotonic() + PATIENCE
        while not self.run(f"return Boolean({condition})"):
            assert time.monotonic() < end, f"never true: {condition}"
            time.sleep(0.1)

    def picture(self, file: Path) -> None:
        """Keep what the window shows."""
        file.write_bytes(base64.b64decode(self("WebDriver:TakeScreenshot", full=False)))

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            byte = self._stream.read(1)
            assert byte, "Firefox went away"
            length += byte
        return json.loads(self._stream.read(int(length[:-1])))


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """Start the system's Firefox with a profile of its own; skip the test where there is none."""
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    if path is None:
        pytest.skip("optional: no firefox on this machine (Debian: apt-get install firefox-esr)")
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFS.items()]
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [path, "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
    told = profile / "MarionetteActivePort"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            end = time.monotonic() + PATIENCE
            while not (told.is_file() and told.read_text(encoding="ascii").strip()):
                assert running.poll() is None, "Firefox ended at its start"
                assert time.monotonic() < end, "Firefox does not start"
                time.sleep(0.1)
            driven = Firefox(int(told.read_text(encoding="ascii")))
            yield driven
            driven._socket.close()
            driven._stream.close()
        finally:
            running.terminate()
