# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for lu-ctl
#
# One row for each verb: what its words are, then its options. A unit test compares the rows with
# lu-ctl's own table of verbs.

declare -gA _lu_ctl_verbs=(
  [manage]="module --reload --yes"
  [unmanage]="pattern"
  [list]=""
  [status]="driver"
  [check]="driver file --imports"
  [stage]="driver file"
  [update]="driver file --method= --policy= --timeout= --verbose --commit --keep-staged --no-check"
  [rollback]="driver --verbose"
  [commit]="driver"
  [discard]="driver"
  [log]="driver"
  [objects]="driver"
  [imports]="driver"
  [watch]="--count="
  [hook]="hook file --config= --dry-run"
)

_lu_ctl_words() {
  case $1 in
    driver) ls /sys/kernel/liveupdate/drivers 2>/dev/null ;;
    pattern) cat /sys/kernel/liveupdate/manage 2>/dev/null ;;
    module) cut -d' ' -f1 /proc/modules 2>/dev/null ;;
    hook) echo modules ;;
  esac
}

_lu_ctl() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb="" words=0 i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -* || ${COMP_WORDS[i]} == = || ${COMP_WORDS[i - 1]} == = ]] && continue
    if [[ -z $verb ]]; then verb=${COMP_WORDS[i]}; else ((words++)); fi
  done
  COMPREPLY=()
  if [[ -z $verb ]]; then
    mapfile -t COMPREPLY < <(compgen -W "${!_lu_ctl_verbs[*]} --json --help --version" -- "$cur")
    return
  fi
  local -a row
  read -ra row <<<"${_lu_ctl_verbs[$verb]:-}"

  # "--method=re" arrives as three words, because '=' ends one.
  [[ $cur == = ]] && cur="" && prev="= $prev"
  [[ $prev == = ]] && prev="= ${COMP_WORDS[COMP_CWORD - 2]}"
  case $prev in
    "= --method") mapfile -t COMPREPLY < <(compgen -W "auto reinit inherit" -- "$cur"); return ;;
    "= --policy") mapfile -t COMPREPLY < <(compgen -W "rollback force" -- "$cur"); return ;;
    "= --config") mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    "= "*) return ;;
  esac

  local options="--json --help" kinds=() one
  for one in "${row[@]}"; do
    if [[ $one == --* ]]; then options+=" $one"; else kinds+=("$one"); fi
  done
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return
  fi
  # The last kind of word may be repeated, except a driver: verbs take one of those.
  local kind=""
  if ((words < ${#kinds[@]})); then
    kind=${kinds[words]}
  elif ((${#kinds[@]})) && [[ ${kinds[-1]} != driver ]]; then
    kind=${kinds[-1]}
  fi
  if [[ $kind == file ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -X '!*.ko*' -- "$cur"; compgen -d -- "$cur")
  elif [[ -n $kind ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_lu_ctl_words "$kind")" -- "$cur")
  fi
}

complete -F _lu_ctl lu-ctl
