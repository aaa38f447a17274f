# `make install` gives a tree that works wherever it is put, with nothing of the checkout.
load lib

setup_file() {
	load lib
	cd "$TOP"
	make -s install DESTDIR="$BATS_FILE_TMPDIR/root" PREFIX=/opt/dq
	mv "$BATS_FILE_TMPDIR/root/opt/dq" "$BATS_FILE_TMPDIR/moved"
}

setup() {
	ROOT=$BATS_FILE_TMPDIR/moved
	cd "$TMP" || return
}

# A shell that knows nothing but the installed tools.
bare() { env -i PATH="$ROOT/bin:/usr/bin:/bin" HOME="$TMP" bash -o pipefail -c "$1"; }

@test "nothing is installed outside the prefix" {
	[ -z "$(find "$BATS_FILE_TMPDIR/root" -type f)" ]
}

@test "every tool and its page is there" {
	for t in $(make -s -C "$TOP" tools); do
		[ -x "$ROOT/bin/$t" ]
		[ -f "$ROOT/share/man/man1/$t.1" ]
	done
	[ -f "$ROOT/share/man/man7/dq.7" ]
	diff <(cd "$TOP/share" && find . -type f | sort) <(cd "$ROOT/share/dq" && find . -type f | sort)
}

@test "every library is found, none in the checkout" {
	for t in "$ROOT"/bin/*; do
		env -i ldd "$t" >"$TMP/libraries"
		if grep -E "not found|$TOP" "$TMP/libraries"; then return 1; fi
	done
}

@test "the whole pipe runs from there" {
	bare 'dq-simulate 5000 | dq-features | dq-score | dq-intervene >actions'
	[ -s actions ]
	dq-simulate 5000 | dq-features | dq-score | dq-intervene | cmp - actions
}
