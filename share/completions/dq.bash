# Completion for bash: . /usr/local/share/dq/completions/dq.bash
# shellcheck shell=bash
# What a tool takes is what its own -h says.

_dq() {
	local tool=$1 word=$2 before=$3 help
	COMPREPLY=()
	help=$("$tool" -h 2>/dev/null) || return
	case $before in
	--on-bad) mapfile -t COMPREPLY < <(compgen -W 'stop skip dlq' -- "$word") ;;
	--log-format) mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$word") ;;
	-o | --offset) mapfile -t COMPREPLY < <(compgen -W 'beginning end stored' -- "$word") ;;
	*)
		case $word in
		-*) mapfile -t COMPREPLY < <(compgen -W "$(grep -oE -- '--[a-z][a-z-]+' <<<"$help" | sort -u)" -- "$word") ;;
		*)
			if [ "$tool" = dq-topics ] && [ "$COMP_CWORD" -eq 1 ]; then
				mapfile -t COMPREPLY < <(compgen -W 'create list describe check diff apply delete' -- "$word")
			fi
			;;
		esac
		;;
	esac
}

for _dq_tool in $(compgen -c dq- | sort -u); do
	complete -o default -F _dq "$_dq_tool"
done
unset _dq_tool
