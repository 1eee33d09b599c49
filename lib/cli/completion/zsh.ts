import type { CompletedCommand, Value } from './model.js';

/** The completion of zsh, to be sourced, or stored as `_sparse-train` in a folder of `$fpath`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef sparse-train
# Completion of sparse-train for zsh: source <(sparse-train completion zsh)
_sparse_train() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  if ((CURRENT == 2)); then
    local -a commands=(
${commands.map(({ name, summary }) => `      ${quoted(`${name}:${summary}`)}`).join('\n')}
    )
    _describe command commands
    _arguments '--help[print the help]' '--version[print the version]'
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(branch).join('\n')}
  esac
}
# A word of a list, or a file.
_sparse_train_words_or_files() {
  _alternative "words:word:($*)" 'files:file:_files'
}
if [[ $funcstack[1] == _sparse-train ]]; then _sparse_train "$@"; else compdef _sparse_train sparse-train; fi`;
}

function branch({ name, flags, places }: CompletedCommand): string {
  const specs = [
    ...flags.map(({ flag, description, value }) => {
      const text = `[${escaped(description)}]`;
      return value === undefined ? flag + text : `${flag}=${text}:value:${action(value)}`;
    }),
    ...places.map(
      ({ name: place, value, isRest }) => `${isRest ? '*' : ''}:${escaped(place)}:${action(value)}`,
    ),
  ];
  return `    ${name})\n      _arguments \\\n${specs.map((spec) => `        ${quoted(spec)}`).join(' \\\n')} ;;`;
}

function action({ words, paths, isList }: Value): string {
  const list = words.map((word) => escaped(word)).join(' ');
  if (paths === 'folders') return '_files -/';
  if (paths === 'files') return list === '' ? '_files' : `_sparse_train_words_or_files ${list}`;
  if (list === '') return ' ';
  return isList ? `_values -s , value ${list}` : `(${list})`;
}

function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
