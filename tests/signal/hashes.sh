#!/bin/sh
# What src/signal computes has the same bits here as where hashes.expected was written.
folder=${srcdir:-.}/tests/signal
if ./tests/signal/hashes | diff "$folder/hashes.expected" -; then
	echo "hashes: $(wc -l <"$folder/hashes.expected") equal"
else
	echo "hashes: differ from $folder/hashes.expected"
	exit 1
fi
