#!/usr/bin/env python3
import os
import sys


def main() -> None:
    """Run one management command; with embedded settings the servers are up for its length."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispute_hub.settings.embedded")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        sys.exit(f"未找到运行环境，请先执行 make setup。 Run `make setup` first. ({error})")
    from dispute_hub.embedded import servers_for_command

    with servers_for_command(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
