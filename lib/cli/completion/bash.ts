import { type CompletedCommand, flagsWithValue, type Value } from './model.js';

/** The completion of bash. It also works in the bash 3.2 of macOS, which lacks `compopt` and `mapfile`. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const values = commands.flatMap(({ name, flags }) =>
    flags.flatMap(({ flag, value }) => (value === undefined ? [] : { pattern: `${name}:${flag}`, value })),
  );
  const places = commands.flatMap(({ name, places }) =>
    places.map(({ value, isRest }, i) => ({
      // The remaining words have this place and those after it.
      pattern: `${name}:${!isRest ? i : i === 0 ? '*' : `[${i}-9]*`}`,
      value,
    })),
  );
  const names = commands.map(({ name }) => name);
  return `# Completion of sparse-train for bash: source <(sparse-train completion bash)
_sparse_train() {
  local IFS=$'\\n' current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command= place=0 words= paths= list= prefix= i word
  # bash splits --flag=value at the equals sign.
  if [[ $current == = ]]; then current=
  elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${flagsWithValue(commands).join('|')})
        if [[ \${COMP_WORDS[i+1]} == = ]]; then ((i += 2)); else ((i++)); fi ;;
      -?*) ;;
      *) if [[ -z $command ]]; then command=$word; else ((place++)); fi ;;
    esac
  done
  if [[ -z $command ]]; then words=$'${[...names, '--help', '--version'].join('\\n')}'
  else
    case $command:$previous in
${cases(values)}
      *)
        if [[ $current == -* ]]; then
          case $command in
${commands.map(({ name, flags }) => `            ${name}) words=${quoted(flags.map(({ flag }) => flag))} ;;`).join('\n')}
          esac
        else
          case $command:$place in
${cases(places)}
          esac
        fi ;;
    esac
  fi
  if [[ -n $list && $current == *,* ]]; then prefix=\${current%,*},; fi
  COMPREPLY=($(compgen -P "$prefix" -W "$words" -- "\${current#"$prefix"}"))
  case $paths in
    files) COMPREPLY+=($(compgen -f -- "$current")) ;;
    folders) COMPREPLY+=($(compgen -d -- "$current")) ;;
  esac
  if [[ -n $paths ]]; then compopt -o filenames 2>/dev/null; fi
  if [[ -n $list ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _sparse_train sparse-train`;
}

function quoted(words: readonly string[]): string {
  return `$'${words.map((word) => word.replaceAll(/['\\]/g, '\\$&')).join('\\n')}'`;
}

/** Branches of a case; patterns with the same value share one. */
function cases(entries: readonly { pattern: string; value: Value }[]): string {
  const bySetting = new Map<string, string[]>();
  for (const { pattern, value } of entries) {
    const { words, paths, isList } = value;
    const setting = [
      ...(words.length > 0 ? [`words=${quoted(words)}`] : []),
      ...(paths === undefined ? [] : [`paths=${paths}`]),
      ...(isList ? ['list=1'] : []),
    ].join(' ');
    bySetting.set(setting, [...(bySetting.get(setting) ?? []), pattern]);
  }
  return [...bySetting].map(([setting, patterns]) => `      ${patterns.join('|')}) ${setting} ;;`).join('\n');
}
