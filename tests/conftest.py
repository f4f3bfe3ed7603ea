# What holds for every test: no vendor is reachable, no key is there, and no test is skipped unnoticed.
# Owns: the clean environment, the control of skips, which tests stay together on one worker.
# Refuses to know: what any test is about.

import os
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import hypothesis
import pytest

# How long an example takes says how busy the machine is, and nothing about the code.
hypothesis.settings.register_profile(
    "drift", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("drift")

_NOWHERE = "http://127.0.0.1:0"
_BASE_URLS = (
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_BEDROCK_BASE_URL",
    "ANTHROPIC_FOUNDRY_BASE_URL",
    "ANTHROPIC_VERTEX_BASE_URL",
    "GEMINI_BASE_URL",
    "GOOGLE_GEMINI_BASE_URL",
    "OPENAI_BASE_URL",
)
_VENDORS = ("ANTHROPIC", "OPENAI", "GEMINI", "GOOGLE", "AWS", "AZURE", "MISTRAL", "GROQ", "XAI")
_SECRETS = ("_KEY", "_KEY_ID", "_TOKEN", "_BASE_URL", "_ORGANIZATION")

ALLOWED_SKIPS = Path(__file__).with_name("allowed_skips.txt")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove keys, vendors' addresses and drift's own settings: what escapes a test reaches nobody."""
    for name in list(os.environ):
        of_a_vendor = name.startswith(_VENDORS) and name.endswith(_SECRETS)
        if of_a_vendor or (name.startswith("DRIFT_") and name != "DRIFT_CORPUS"):
            monkeypatch.delenv(name)
    for name in _BASE_URLS:
        monkeypatch.setenv(name, _NOWHERE)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    # Where the clouds' tools look besides the environment: files of a home, and services of a virtual machine.
    for name in (
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "CLOUD_ML_REGION",
        "GOOGLE_CLOUD_PROJECT",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in (
        "GOOGLE_APPLICATION_CREDENTIALS",
        "ANTHROPIC_VERTEX_PROJECT_ID",
        "ANTHROPIC_FOUNDRY_RESOURCE",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "CLOUDSDK_CONFIG"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")


class SkipControl:
    """Counts skips by reason; a reason that `allowed_skips.txt` does not list fails the session."""

    def __init__(self, allowed: Path) -> None:
        lines = allowed.read_text(encoding="utf-8").splitlines()
        self.allowed = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
        self.reasons: Counter[str] = Counter()

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            _, _, reason = report.longrepr
            self.reasons[reason.removeprefix("Skipped: ")] += 1

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    @property
    def unlisted(self) -> list[str]:
        return sorted(set(self.reasons) - self.allowed)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.unlisted and exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("skipped tests")
        for reason, count in sorted(self.reasons.items()):
            terminalreporter.write_line(f"{count} skipped: {reason}")
        for reason in self.unlisted:
            terminalreporter.write_line(f"ERROR: not in {ALLOWED_SKIPS.name}: {reason}", red=True)
        if not self.reasons:
            terminalreporter.write_line("none")


_PARTS = 16
"""A file whose tests share nothing is handed out in so many parts."""


class Workers:
    """How tests are spread over several workers: what takes longest begins first, what is shared stays together."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: item.get_closest_marker("local_model") is None)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Keep a file together when it sets something up once, such as a model server, for all its tests.

        Not by marks: the groups of pytest-xdist 3.8 go unnoticed under pytest 9.2, which ignores the names it gives.
        """
        if config.getoption("dist") != "loadscope":
            return None
        from xdist.scheduler import LoadScopeScheduling

        class Scheduler(LoadScopeScheduling):
            def _split_scope(self, nodeid: str) -> str:
                file = nodeid.partition("::")[0]
                return (
                    file if _shares(config.rootpath / file) else f"{file} {crc32(nodeid.encode()) % _PARTS}"
                )

        return Scheduler(config, log)


@cache
def _shares(file: Path) -> bool:
    text = file.read_text(encoding="utf-8")
    return re.search(r"""fixture\([^)]*scope=["'](module|class|package)""", text) is not None


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their length: all workers have to collect the same names, and a gzip header holds the time."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) else None


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Workers(), "workers")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipControl(ALLOWED_SKIPS), "skip-control")
