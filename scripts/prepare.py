"""What must be done before the site is served, in one process so that a start stays quick.

    python -m scripts.prepare            database, static files, demonstration study
    python -m scripts.prepare --bare     without the demonstration

Steps and progress go to the error output; the output has the lines that say how to get to the demonstration.
"""

import io
import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def prepare(*, with_demo: bool) -> None:
    """Raises CommandError, with a sentence, when a setting is wrong or the demonstration cannot be built."""
    call_command("check", stdout=io.StringIO())  # its errors are raised
    say("Preparing the database")
    call_command("migrate", interactive=False, verbosity=0)
    say("Collecting style sheets and scripts")
    call_command("collectstatic", interactive=False, verbosity=0)
    if with_demo:
        say("Building the demonstration study, unless it is there already")
        call_command("demo")


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "study.settings")
    try:
        django.setup()
        prepare(with_demo="--bare" not in arguments)
    except (CommandError, ImproperlyConfigured) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
