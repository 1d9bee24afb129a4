#!/bin/sh
# Every key of the schema tables stands in edged.yaml(5), with its bounds.
exec tests/config/list_keys "$srcdir/man/edged.yaml.5"
