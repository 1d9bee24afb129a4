#!/bin/bash
# TLS: a broker with a certificate of a throw-away authority that wants ours and a password, too.
. "$srcdir/tests/daemon/lib.sh"
command -v openssl >/dev/null || { echo "skipped: openssl is not installed"; exit 77; }
port=$((20000 + $$ % 20000))
cd "$work" || exit 1
for who in authority other; do
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$who" -keyout $who.key -out $who.crt 2>/dev/null
done
for who in localhost client; do
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$who" -keyout $who.key -out $who.csr 2>/dev/null
	openssl x509 -req -in $who.csr -CA authority.crt -CAkey authority.key -CAcreateserial -days 2 -out $who.crt 2>/dev/null
done
chmod 644 ./*.key
mosquitto_passwd -b -c passwords gateway 'se cret' 2>/dev/null
chmod 644 passwords
cat >mosquitto.conf <<END
listener $port 127.0.0.1
allow_anonymous false
password_file $work/passwords
cafile $work/authority.crt
certfile $work/localhost.crt
keyfile $work/localhost.key
require_certificate true
END
chmod 755 "$work"
mosquitto -c mosquitto.conf >broker.log 2>&1 &
wait_until 5 sh -c "grep -q 'Opening ipv4' broker.log || grep -q running broker.log"

with_mqtt() {	# with_mqtt lines...: the configuration with these in its section mqtt
	write_config "$build/share/quickstart.flac" real-time true
	sed -i "s|^mqtt: .*|mqtt: {broker: \"mqtts://localhost:$port\", $1}|" edged.yaml
}
comes_up() { wait_until 10 grep -q 'connected to' edged.log; }
stop_edged() { kill $service; wait $service; }

client="certificate: client.crt, key: client.key"
printf 'se cret\n' >password
with_mqtt "ca: authority.crt, $client, username: gateway, password_file: password"
start_edged
check "with CA, client certificate and a password from a file it connects" comes_up
stop_edged
check "the password stands in no log" [ -z "$(grep 'se cret' edged.log)" ]

mkdir credentials
printf 'se cret\n' >credentials/mqtt.password
export CREDENTIALS_DIRECTORY=$work/credentials
sed -i 's|password_file: password|password_credential: mqtt-password|' edged.yaml
mv credentials/mqtt.password credentials/mqtt-password
start_edged
check "with a password from a systemd credential it connects" comes_up
stop_edged

with_mqtt "ca: other.crt, $client, username: gateway, password_file: password"
start_edged
check "a certificate of another authority is refused" wait_until 10 grep -q 'no connection to' edged.log
check "and never accepted" [ -z "$(sleep 2; grep 'connected to' edged.log)" ]
stop_edged

printf 'wrong\n' >password
with_mqtt "ca: authority.crt, $client, username: gateway, password_file: password"
start_edged
check "a wrong password is said" wait_until 10 grep -qi 'not auth\|bad user' edged.log
stop_edged
