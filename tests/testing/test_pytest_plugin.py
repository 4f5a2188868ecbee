"""The plugin, in pytest runs of its own: it need not be installed."""

import shutil
from pathlib import Path

import pytest

import smtpsession

ROOT = Path(smtpsession.__file__).parents[1]
EXAMPLES = Path(__file__).parent / "examples"
PLUGIN = ("-p", "smtpsession.testing.pytest_plugin")
pytest_plugins = ["pytester"]


@pytest.fixture
def bare(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Give a folder where pytest has no plugins but those that it is told."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return pytester


def test_a_synchronous_suite_needs_no_trio(bare: pytest.Pytester) -> None:
    shutil.copy(EXAMPLES / "synchronous_suite.py", bare.path / "test_shop.py")
    bare.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=2)


def test_a_suite_on_trio(bare: pytest.Pytester) -> None:
    shutil.copy(EXAMPLES / "trio_suite.py", bare.path / "test_inbox.py")
    options = ("-p", "pytest_trio.plugin", "-o", "trio_mode=true")
    bare.runpytest_subprocess(*PLUGIN, *options).assert_outcomes(passed=2)


def test_clients_in_memory_need_no_plugin_for_trio(bare: pytest.Pytester) -> None:
    bare.makepyfile("""
        import trio
        from smtpsession import Handler

        def test_client(smtp_client):
            async def main():
                async with smtp_client(Handler()) as client:
                    return await client.ask("NOOP")

            assert trio.run(main).code == 250
    """)
    bare.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


def test_catchers_live_as_long_as_their_scope(bare: pytest.Pytester) -> None:
    module = """
        def test_one(smtp_catcher, smtp_catcher_module, smtp_catcher_session, seen):
            seen.append((smtp_catcher, smtp_catcher_module, smtp_catcher_session))
            assert len({catcher.port for catcher in seen[-1]}) == 3

        test_two = test_one
    """
    bare.makepyfile(test_first=module, test_second=module)
    bare.makepyfile(
        conftest="""
            import pytest

            @pytest.fixture(scope="session")
            def seen():
                seen = []
                yield seen
                function, module, session = map(set, zip(*seen))
                print("catchers:", len(function), len(module), len(session))
        """
    )
    result = bare.runpytest_subprocess(*PLUGIN, "-s")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*catchers: 4 2 1*"])


def test_failures_of_a_catchers_handler_end_the_test(bare: pytest.Pytester) -> None:
    bare.makepyfile("""
        import smtplib

        def test_it(smtp_catcher):
            smtp_catcher.refuse("EHLO", 450, "later", when=lambda name: 1 / 0)
            with smtplib.SMTP(smtp_catcher.host, smtp_catcher.port) as client:
                assert client.ehlo()[0] == 451
    """)
    result = bare.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])


def test_a_suite_without_the_fixtures_does_not_import_trio(
    bare: pytest.Pytester,
) -> None:
    bare.makepyfile("""
        import sys

        def test_imports(request):
            manager = request.config.pluginmanager
            assert manager.hasplugin("_smtpsession_pytest_plugin")
            assert sys.modules.keys().isdisjoint({"smtpsession", "trio"})
    """)
    result = bare.runpytest_subprocess("-p", "_smtpsession_pytest_plugin")
    result.assert_outcomes(passed=1)
