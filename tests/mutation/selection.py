"""Which tests are to kill the mutants of a module."""

from pathlib import Path

#: Tests of a module besides its twin, from the root of the repository.
_FURTHER = {
    "wire/addresses": ("wire/test_grammar.py", "standards/test_addresses.py"),
    "wire/bare_newlines": ("wire/test_chunk_reading.py", "wire/test_parser.py"),
    "wire/commands": ("wire/test_auth_lines.py", "wire/test_parser.py"),
    "wire/dot_stuffing": ("wire/test_parser.py",),
    "wire/events": ("wire/test_parser.py",),
    "wire/grammar": (
        "wire/test_addresses.py",
        "wire/test_domains.py",
        "wire/test_parameters.py",
        "wire/test_xtext.py",
        "wire/test_unitext.py",
        "standards/test_addresses.py",
    ),
    "wire/line_buffer": ("wire/test_parser.py", "wire/test_auth_lines.py"),
    "wire/parser": ("wire/test_auth_lines.py", "wire/test_chunk_reading.py"),
    "wire/proxy_header": ("wire/test_proxy_header_reader.py",),
    "wire/proxy_tlvs": ("wire/test_proxy_header.py",),
    "wire/replies": ("dialogue/test_stock_replies.py", "dialogue/test_dialogue.py"),
}
#: The standards' tests that go through a dialogue, for each of its modules.
_OF_A_DIALOGUE = (
    *("proxy_commands", "auth_availability", "tls", "replies", "size"),
    *("state_tables", "rfc5321_core", "lmtp", "chunking"),
)


def tests_of(path: str) -> list[str]:
    """Return the tests that are run on the mutants of a module, in their order.

    Args:
        path: of the module, from the root of the repository.
    """
    module = Path(path).relative_to("smtpsession").with_suffix("").as_posix()
    folder, _, name = module.partition("/")
    tests = [f"tests/{folder}/test_{name}.py"]
    tests += [f"tests/{test}" for test in _FURTHER.get(module, ())]
    if folder == "dialogue":
        tests += ["tests/dialogue"]
        tests += [f"tests/standards/test_{name}.py" for name in _OF_A_DIALOGUE]
    return tests
