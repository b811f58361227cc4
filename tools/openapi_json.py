#!/usr/bin/env python3
"""openapi_json.py YAML JSON - writes the contract of YAML as JSON, in the same order.

With --check it writes nothing and fails when JSON is not what it would write."""
import json
import sys

import yaml


def convert(text):
    return json.dumps(yaml.safe_load(text), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def main(source, target, check):
    with open(source, encoding="utf-8") as file:
        text = convert(file.read())
    if check:
        with open(target, encoding="utf-8") as file:
            if file.read() != text:
                sys.exit(f"{target} is not {source} as JSON; run tools/openapi_json.py")
        return
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if name != "--check"]
    if len(names) != 2:
        sys.exit(__doc__)
    main(*names, check="--check" in sys.argv)
