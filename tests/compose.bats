# compose/: checked as far as that goes without an engine: compose's own reading of the file, hadolint, and what its commands do on a real broker.
load lib

setup() { cd "$TOP/compose" || return; }

# yaml EXPRESSION   of compose.yaml as `c`
yaml() { python3 -c "import yaml; c = yaml.safe_load(open('compose.yaml')); s = c['services']; print($1)"; }

@test "compose accepts the file, with each profile" {
	for profile in kraft zookeeper tools; do
		code 0 docker-compose --profile $profile config --quiet
	done
	sed 's/^    restart: /    restrat: /' compose.yaml >"$TMP/compose.yaml"
	[ "$(docker-compose -f "$TMP/compose.yaml" --project-directory . config --quiet 2>&1 | grep -c restrat)" -gt 0 ]
}

@test "hadolint accepts the Dockerfile" {
	"$TOP/build/venv-hadolint/bin/hadolint" Dockerfile
	echo 'RUN cd /tmp && sudo ls' | cat Dockerfile - >"$TMP/Dockerfile"
	code 1 "$TOP/build/venv-hadolint/bin/hadolint" "$TMP/Dockerfile"
}

@test "every mounted file is there; volumes and networks are declared and used" {
	yaml "'\n'.join(v.split(':')[0] for x in s.values() for v in x.get('volumes', []) if v.startswith('.'))" >"$TMP/files"
	[ "$(wc -l <"$TMP/files")" -ge 4 ]
	while read -r f; do [ -f "$f" ]; done <"$TMP/files"
	[ "$(yaml "sorted(c['volumes']) == sorted({v.split(':')[0] for x in s.values() for v in x.get('volumes', []) if v[0] not in './'})")" = True ]
	[ "$(yaml "all('dq' in x['networks'] for x in s.values()) and list(c['networks']) == ['dq']")" = True ]
}

@test "servers have a health check and listen on loopback only; one of the two Kafkas runs" {
	[ "$(yaml "all('healthcheck' in x for x in s.values() if 'ports' in x)")" = True ]
	[ "$(yaml "all(p.startswith('127.0.0.1:') for x in s.values() for p in x.get('ports', []))")" = True ]
	[ "$(yaml "[s[n]['profiles'] for n in ('kafka', 'kafka-zookeeper', 'zookeeper')]")" = "[['kraft'], ['zookeeper'], ['zookeeper']]" ]
	[ "$(yaml "[s[n]['networks']['dq']['aliases'] for n in ('kafka', 'kafka-zookeeper')]")" = "[['kafka'], ['kafka']]" ]
	grep -qx COMPOSE_PROFILES=kraft .env
	[ "$(yaml "all(d in s for x in s.values() for d in x.get('depends_on', {}))")" = True ]
}

@test "the image's context holds all that is built there" {
	cd "$TOP"
	sed -n 's/^!//p' .dockerignore >"$TMP/kept"
	sed -nE 's/^COPY ([^- ]+) .*/\1/p' compose/Dockerfile | diff - "$TMP/kept"
	mkdir "$TMP/context"
	xargs -a "$TMP/kept" cp -r --parents -t "$TMP/context"
	mkdir -p "$TMP/context/build" && touch "$TMP/context/build/.deps-build"
	make -C "$TMP/context" -n all install PREFIX=/usr/local DESTDIR="$TMP/out" >"$TMP/make"
	for t in $(make -s tools); do has "$t" "$TMP/make"; done
}

@test "the libraries of the tools come from packages that Debian has" {
	cd "$TOP"
	compose/libraries "$BIN"/dq-* >"$TMP/packages"
	for wanted in librdkafka1 libjq1 libc6 libxgboost0; do grep -qx $wanted "$TMP/packages"; done
	xargs -a "$TMP/packages" dpkg-query -W -f '${db:Status-Status}\n' | sort -u | diff <(echo installed) -
}

@test "every tool that is run there knows its options" {
	cd "$TOP"
	for service in topics simulate dq; do
		command=$(tests/compose/service $service command)
		eval "$command --print-config" >/dev/null
	done
	command=$(tests/compose/service pipeline command)
	eval "$command --print-config" | grep '^slots = /var/lib/dq/slots' >/dev/null
	eval "set -- $command"
	IFS='|' read -ra stages <<<"${!#}"
	[ ${#stages[@]} -eq 4 ]
	for stage in "${stages[@]}"; do eval "$stage --print-config" | grep '^instance = ' >/dev/null; done
}

@test "the environment of the tools is options of theirs" {
	for name in $(yaml "' '.join(c['x-dq']['environment'])"); do
		option=$(tr '[:upper:]_' '[:lower:]-' <<<"${name#DQ_}")
		dq-cat --print-config | grep "^$option = " >/dev/null
	done
}

@test "topics, customers and three pipelines as compose.yaml starts them: each decision once" {
	cd "$TOP"
	unset DQ_BOOTSTRAP_SERVER DQ_TIMEOUT
	code 0 tests/compose/run kraft "$TMP/up"
	has "each once" "$TMP/out"
	cat "$TMP/out"
}
