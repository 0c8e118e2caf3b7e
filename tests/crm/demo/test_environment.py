"""What the demo tells its processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm.demo.home import DemoFolder
from crm.demo.supervisor import Demo


@pytest.mark.parametrize(
    ("data", "zone", "currency"), [(None, "Asia/Shanghai", "CNY"), ("cdnow", "UTC", "USD")]
)
def test_the_company_of_the_story_is_in_china_and_that_of_the_purchases_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str | None, zone: str, currency: str
) -> None:
    monkeypatch.setenv("TRUENORTH_DEMO_HOME", str(tmp_path))
    folder = DemoFolder(data)
    folder.lock()
    environment = Demo(folder, port=8000)._base_environment()
    assert (environment["COMPANY_TIME_ZONE"], environment["BASE_CURRENCY"]) == (zone, currency)
