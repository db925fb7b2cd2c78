"""MLflow's server in a process of its own, and a browser that looks at its pages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


@contextmanager
def server(store: str, folder: Path, port: int) -> Iterator[str]:
    """Run MLflow's server over a database, its log in a folder."""
    command = [
        sys.executable,
        "-m",
        "mlflow",
        "server",
        "--backend-store-uri",
        store,
        "--port",
        str(port),
    ]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--workers", "1"],
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=60)


def wait_for(url: str, seconds: float = 180) -> None:
    ended = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > ended:
                raise
            time.sleep(0.5)


@contextmanager
def browser() -> Iterator[Chrome]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1600,1400"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def until_text(driver: Chrome, text: str, seconds: float = 120) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(driver, seconds).until(lambda page: text in page.find_element(By.TAG_NAME, "body").text)


def until_image(driver: Chrome, seconds: float = 120) -> int:
    """Wait for the picture that the page has fetched, and return its width in its own pixels."""
    from selenium.webdriver.support.ui import WebDriverWait

    widest = "return Math.max(0, ...[...document.images].map(one => one.naturalWidth))"
    WebDriverWait(driver, seconds).until(lambda page: page.execute_script(widest) > 300)
    return int(driver.execute_script(widest))
