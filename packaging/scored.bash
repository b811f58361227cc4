# Completion of scored for bash. The program itself says what its options are, and what they take.
_scored() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} help argument
    help=$("$1" --help 2>/dev/null) || return
    argument=$(awk -v option="$previous" '$1 == option && /^  [^ ]/ { print $2 }' <<<"$help")
    COMPREPLY=()
    if [[ " ${COMP_WORDS[*]:0:COMP_CWORD} " == *' eval '* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "${current#=}"
            compgen -W "$("$1" eval --help | awk '/^  --/ { print $1 }')" -- "$current")
        return
    fi
    case $argument in
    FILE) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    LEVEL) mapfile -t COMPREPLY < <(compgen -W "$(_scored_words "$previous" <<<"$help")" -- "$current") ;;
    '') mapfile -t COMPREPLY < <(compgen -W "$(awk '/^  [^ ]/ { print $1 }' <<<"$help")" -- "$current") ;;
    esac
}

# The words of an option's help: "debug (also health checks), info; default: info" is debug info.
_scored_words() {
    awk -v option="$1" 'found { gsub(/;.*|\([^)]*\)|,/, ""); print; exit } $1 == option { found = 1 }'
}

complete -o filenames -F _scored scored
