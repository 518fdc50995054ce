"""`python -m zoo`: the `zoo` command."""

from zoo.cli.app import main

if __name__ == "__main__":
    main()
