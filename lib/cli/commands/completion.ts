import { oneOf } from '../../base/options/kinds.js';
import { defineCommand } from '../command.js';
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { completedCommands } from '../completion/model.js';
import { zshCompletion } from '../completion/zsh.js';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
const NAMES = Object.keys(SHELLS) as (keyof typeof SHELLS)[];

export default defineCommand({
  description:
    'Prints a script with which a shell completes commands, options, their values, files and the names of data sets. ' +
    'A line in the file that the shell reads at its start turns it on: ~/.bashrc, ~/.zshrc (after compinit), or ' +
    '~/.config/fish/config.fish. After an update of sparse-train the shell needs a restart.',
  arguments: [{ name: 'shell', description: NAMES.join(', '), completes: { words: NAMES } }],
  options: {},
  examples: [
    'echo "source <(sparse-train completion bash)" >> ~/.bashrc',
    'echo "source <(sparse-train completion zsh)" >> ~/.zshrc',
    'echo "sparse-train completion fish | source" >> ~/.config/fish/config.fish',
  ],
  async run({ terminal, words, options, commands }) {
    const shell = oneOf(NAMES).check('shell', words[0]);
    const script = SHELLS[shell](await completedCommands(commands));
    if (options.json) return { document: { shell, script }, text: () => script };
    // Not wrapped as text for people is.
    terminal.print(script);
    return 0;
  },
});
