import { type CompletedCommand, flagsWithValue, type Value } from './model.js';

/** The completion of fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  return `# Completion of sparse-train for fish: sparse-train completion fish | source
# Whether the command line calls a command, and whether so many of its arguments are there (\`more\`: or more).
function __sparse_train_at --argument-names command place more
    set -l words (commandline -opc)
    test "$words[2]" = $command; or return 1
    set -q place[1]; and test -n "$place"; or return 0
    set -l count 0
    set -l skip 0
    for word in $words[3..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word ${flagsWithValue(commands).join(' ')}
            set skip 1
        else if not string match -q -- '-?*' $word
            set count (math $count + 1)
        end
    end
    test $count = $place; or test "$more" = more -a $count -gt $place
end
complete -c sparse-train -f
complete -c sparse-train -n __fish_use_subcommand -l help -d 'print the help'
complete -c sparse-train -n __fish_use_subcommand -l version -d 'print the version'
${commands.flatMap(commandLines).join('\n')}`;
}

function commandLines({ name, summary, flags, places }: CompletedCommand): string[] {
  return [
    `complete -c sparse-train -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...flags.map(({ flag, description, value }) => {
      const what = value === undefined ? '' : ` ${offered(value)}`;
      return `complete -c sparse-train -n '__sparse_train_at ${name}' -l ${flag.slice(2)}${what} -d ${quoted(description)}`;
    }),
    ...places.map(({ value, isRest }, i) => {
      const condition = `'__sparse_train_at ${name} ${i}${isRest ? ' more' : ''}'`;
      return `complete -c sparse-train -n ${condition} ${offered(value).replace(/^-[rx] /, '')}`;
    }),
  ];
}

/** -x: nothing but the words; -r: a value is needed; -F: files. */
function offered({ words, paths, isList }: Value): string {
  const list = words.join(' ');
  if (paths === 'folders') return "-x -a '(__fish_complete_directories)'";
  if (paths === 'files') return list === '' ? '-r -F' : `-r -F -a ${quoted(list)}`;
  if (list === '') return '-x';
  return isList ? `-x -a ${quoted(`(__fish_append , ${list})`)}` : `-x -a ${quoted(list)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
