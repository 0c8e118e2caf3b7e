"""``python -m crm.demo [run|advance|reset|exec|servers]``: the demo, and servers for other commands."""

import argparse
import re
import sys

from crm.demo import throwaway
from crm.demo.home import DemoError, DemoFolder
from crm.demo.supervisor import Demo, say


def _data_name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9_-]*", text):
        raise argparse.ArgumentTypeError("lower-case letters, digits, - and _ only")
    return text


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m crm.demo", description="The demo of Truenorth.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="start everything and stay until Ctrl-C")
    run.add_argument("--data", type=_data_name, default="", help="a data set, such as cdnow")
    run.add_argument("--port", type=int, default=8000, help="of the web server (8000)")
    run.add_argument("--customers", default="", help="of the built-in demo, when it is filled in (150)")
    advance = verbs.add_parser("advance", help="make the demo a week older and tell the new week")
    advance.add_argument("--data", type=_data_name, default="")
    advance.add_argument("--weeks", type=int, default=1)
    reset = verbs.add_parser("reset", help="delete the data of a demo that does not run")
    reset.add_argument("--data", type=_data_name, default="")
    execute = verbs.add_parser("exec", help="run a command with fresh servers, then remove them")
    execute.add_argument("command", nargs="+", help="after --")
    verbs.add_parser("servers", help="fresh servers until standard input ends")
    return parser.parse_args(argv or ["run"])


def _reset(folder: DemoFolder) -> int:
    if not folder.lock():
        say(f"The demo runs ({folder.running_address()}); stop it first. Nothing was deleted.")
        return 1
    folder.end_leftovers()
    folder.remove()
    say(f"Deleted {folder.path}")
    return 0


def main(argv: list[str]) -> int:
    """The exit code."""
    arguments = _arguments(argv)
    try:
        match arguments.verb:
            case "run":
                folder = DemoFolder(arguments.data or None)
                return Demo(folder, port=arguments.port, customers=arguments.customers).run()
            case "advance":
                return Demo(DemoFolder(arguments.data or None)).advance(weeks=arguments.weeks)
            case "reset":
                return _reset(DemoFolder(arguments.data or None))
            case "exec":
                return throwaway.execute(arguments.command)
            case _:
                return throwaway.serve()
    except DemoError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
