#!/bin/sh
# check.sh [short|quick|all]   Runs the models with spin and holds each verdict against the expected one, two at a time.
# OK: no violation in the whole state space. BAD: a rule is dropped on purpose and spin must find what it costs. Exit 1 on any difference.
# short is what make check runs; quick and all take minutes. Needs spin and gcc.
set -u
cd "$(dirname "$0")" || exit 2
source=$PWD how=${1:-quick} optimise=-O1 work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
[ "$how" != short ] || optimise=-O0 # most is compiling

# one NUMBER EXPECTED FILE "FLAGS OF SPIN" "FLAGS OF GCC" "FLAGS OF PAN"
one() {
	dir=$work/$1 && mkdir "$dir" && cp "$source/$3" "$dir" && cd "$dir" || exit 2
	# shellcheck disable=SC2086
	if ! { spin -a $4 "$3" >spin.log 2>&1 && gcc $optimise -w $5 -DVECTORSZ=4096 -DMEMLIM=8000 -o pan pan.c 2>gcc.log; }; then
		echo "FAIL build $3 $4"
		return
	fi
	# shellcheck disable=SC2086
	timeout -s INT 290 ./pan -m2000000 -w23 $6 >out 2>&1
	errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' out)
	states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' out)
	whole=yes
	grep -qiE 'max search depth too small|out of memory|interrupt' out && whole=no
	case $errors,$whole in
	0,yes) got=OK ;;
	[1-9]*) got=BAD ;;
	*) got=INCOMPLETE ;;
	esac
	[ "$got" = "$2" ] && word=pass || word=FAIL
	echo "$word want=$2 got=$got states=$states $3 $4 $6"
	cd "$source" && rm -rf "$dir"
}

list() {
	S="-DSAFETY -DCOLLAPSE" P="-DNP=1 -DNR=2 -DNI=2"
	F="$P -DCAP=1 -DSTATEFUL"
	for m in NOFENCE UNSTABLE COMMIT_EOF REREAD NOFINAL NOOFFS; do echo "BAD|protocol.pml|$P -D$m|$S|"; done
	for m in LSO CHGFIRST KEEPSTATE; do echo "BAD|protocol.pml|$F -DMAXF=2 -D$m|$S|"; done
	echo "BAD|protocol.pml|$F -DREACH|$S|"
	[ "$how" = short ] && echo "OK|protocol.pml|$P -DMAXF=2|$S|"
	[ "$how" = short ] || echo "OK|protocol.pml|$P -DMAXF=3|$S|"
	echo "OK|samepipe.pml||-DSAFETY|"
	for m in NORUN ONLYCKPT; do echo "BAD|samepipe.pml|-D$m|-DSAFETY|"; done
	echo "BAD|tid.pml||-DNP|-l -f"
	for m in OWNID LOCKED; do echo "OK|tid.pml|-D$m|-DNP|-l -f"; done
	# As built: the sink begins with @begin, which comes before the source asks for its offsets.
	live() { echo "$1|live.pml|$2||-a -f -N $3"; }
	live OK "-DOLDTX -DNOFAULT -DNOTXTIMEOUT" "done"
	for m in LAZYINIT LATEBEGIN; do live BAD "-DOLDTX -DNOFAULT -DNOTXTIMEOUT -D$m" "done"; done
	# Static members, a broker that dies on a commit, two stateful filters in a row.
	I="-DNP=1 -DNR=2 -DNI=3 -DMAXF=1 -DSTATIC"
	echo "OK|protocol.pml|$I|$S|"
	echo "BAD|protocol.pml|$I -DNOINSTANCE|$S|"
	echo "OK|protocol.pml|$P -DMAXF=1 -DBROKERS=2|$S|"
	echo "BAD|protocol.pml|$P -DMAXF=1 -DBROKERS=1 -DRECOMMIT|$S|"
	echo "OK|protocol.pml|-DNP=1 -DNR=1 -DNI=2 -DCAP=1 -DMAXF=1 -DTWO|$S|"
	echo "BAD|protocol.pml|$F -DMAXF=2 -DTWO -DLSO2|$S|"
	[ "$how" = short ] && return
	for m in "$I" "$F -DTWO"; do echo "BAD|protocol.pml|$m -DREACH|$S|"; done
	echo "OK|protocol.pml|$F -DMAXF=1 -DTWO|$S|"
	echo "OK|protocol.pml|$I -DBROKERS=1|$S|"
	echo "BAD|protocol.pml|$P -DREACH|$S|"
	for m in "" -DDROPCTL "-DDROPCTL -DNOSEQ"; do echo "OK|samepipe.pml|$m|-DSAFETY|"; done
	echo "OK|pg.pml||-DSAFETY|"
	for m in NOCAS SELECTCAS REACH; do echo "BAD|pg.pml|-D$m|-DSAFETY|"; done
	for m in "" -DSUPPRESS -DNOSTARTSYNC "-DNOTRUNC -DDUPOK"; do echo "OK|local.pml|$m|-DSAFETY|"; done
	for m in NOFSYNCOUT NORENAMESYNC PASSFIRST LATEST GCEARLY GCVISIBLE NOTRUNC REACH; do echo "BAD|local.pml|-D$m|-DSAFETY|"; done
	live OK "" revoke
	live OK "" alldie
	live OK -DNOFAULT "done"
	live BAD -DNOLIMIT revoke
	live BAD -DBLOCKWRITE revoke
	live OK -DNOSUPER revoke
	live BAD -DNOSUPER alldie
	live BAD "-DNOSUPER -DNOHANG" alldie
	live BAD "-DNOSUPER -DPOLLERR" alldie
	live OK "-DNOSUPER -DPOLLERR -DNOHANG" alldie
	live BAD "-DNOSUPER -DPOLLERR -DNOHANG -DLEAKFD" alldie
	live BAD "-DNOSUPER -DLEAKFD -DNOLIMIT" revoke
	live OK "-DDROPALL -DNOFAULT" "done"
	live BAD "-DDROPALL -DNOFAULT -DSKIPEMPTY" "done"
	live OK "-DOLDTX -DNOFAULT" "done"
	[ "$how" = quick ] && return
	echo "OK|protocol.pml|$P -DMAXF=3 -DNOWAIT|$S|"
	echo "OK|protocol.pml|$P -DMAXF=3 -DTERM|$S|"
	echo "OK|protocol.pml|-DNP=1 -DNR=4 -DNI=2 -DMAXF=3|$S|"
	echo "OK|protocol.pml|-DNP=1 -DNR=2 -DNI=3 -DMAXF=1|$S|"
	echo "OK|protocol.pml|-DNP=2 -DNR=2 -DNI=2 -DMAXF=1 -DCAP=1|$S|"
	echo "OK|protocol.pml|$P -DMAXF=3 -DSTATEFUL|$S|"
	echo "OK|protocol.pml|-DNP=1 -DNR=3 -DNI=2 -DMAXF=2 -DCAP=1 -DSTATEFUL|$S|"
	echo "OK|protocol.pml|-DNP=1 -DNR=2 -DNI=3 -DMAXF=1 -DCAP=1 -DSTATEFUL|$S|"
	echo "OK|protocol.pml|-DNP=1 -DNR=2 -DNI=3 -DMAXF=1 -DSAME_TID|$S|"
	echo "OK|protocol.pml|-DNP=1 -DNR=2 -DNI=3 -DMAXF=1 -DRANDOM_TID|$S|"
}

number=0
list >"$work/list"
while IFS='|' read -r want file spin gcc pan; do
	number=$((number + 1))
	(one $number "$want" "$file" "$spin" "$gcc" "$pan") >>"$work/verdicts" &
	[ $((number % 2)) -eq 0 ] && wait
done <"$work/list"
wait
cat "$work/verdicts"
! grep -q '^FAIL' "$work/verdicts" && [ "$(wc -l <"$work/verdicts")" -eq "$number" ]
