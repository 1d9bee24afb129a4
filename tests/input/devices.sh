#!/bin/sh
# edgectl devices runs on every board, also on one without a card.
PATH=$PWD/src:$PATH
out=$(edgectl devices --json 2>devices.err)
code=$?
err=$(cat devices.err)
rm -f devices.err
case $code,$err in
0,* | 69,*'without alsa-lib'*) ;;
*) echo "exit $code: $err"; exit 1 ;;
esac
[ -z "$out" ] || printf '%s\n' "$out" | jq -e .device >/dev/null || exit 1
edgectl devices --what 2>/dev/null
[ $? = 64 ] || { echo "an unknown option is no usage error"; exit 1; }
echo "devices: exit $code; $err$out"
