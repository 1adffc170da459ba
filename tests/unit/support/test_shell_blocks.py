"""The reader of shell blocks sees what a person would type, and what is not as the page says."""

from tests.support import shell_blocks
from tests.support.shell_blocks import Step

PAGE = """Text.

```console
$ compleat up
...
Environment 'local' is up after 52.2 s.
$ echo done
done
```

<!-- not run by the docs' test: it would run itself -->
```console
$ make test
```

```sh
cat > a <<'END'
text
END
```

```yaml
not: typed
```
"""


def test_a_block_in_a_list_is_typed_without_its_indentation() -> None:
    first = "1. Do:\n\n   ```sh\n   a\n     b\n   ```\n\n"
    page = f"{first}   <!-- not run by the docs' test: x -->\n   ```console\n   $ c\n   d\n   ```\n"
    assert shell_blocks.read_steps(page) == (
        Step(command="a\n  b\n"),
        Step(command="c", shown=("d",), is_run=False),
    )


def test_a_page_is_read_step_by_step() -> None:
    assert shell_blocks.read_steps(PAGE) == (
        Step(command="compleat up", shown=("...", "Environment 'local' is up after 52.2 s.")),
        Step(command="echo done", shown=("done",)),
        Step(command="make test", is_run=False),
        Step(command="cat > a <<'END'\ntext\nEND\n"),
    )


def test_numbers_ids_passwords_and_paths_may_be_others() -> None:
    shown = ("admin_password: woiq2ur5b3j1cnqbyjqj", "ssh -F /home/you/.compleat/x jumpbox", "up after 52.2 s (...).")
    printed = "admin_password: 0v7zk1mq3w9d2c8x5b4t\nmore\nssh -F /tmp/other-1/x  jumpbox\nup after 9.18 s (1 apply)."
    assert shell_blocks.missing_lines(Step(command="", shown=shown), printed) == ()


def test_other_words_are_missing() -> None:
    step = Step(command="", shown=("Environment 'local' is up.", "...", "hello/0  running"))
    assert shell_blocks.missing_lines(step, "Environment 'local' is down.\nhello/0  failing") == (
        "Environment 'local' is up.",
        "hello/0  running",
    )


def test_lines_in_another_order_are_missing() -> None:
    assert shell_blocks.missing_lines(Step(command="", shown=("b", "a")), "a\nb") == ("a",)
