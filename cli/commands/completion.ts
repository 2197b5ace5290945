import { EXIT_CODES } from '../failure.ts';
import { type Command, PROGRAM } from './command.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** The script for bash uses this function of the package bash-completion, which is not installed everywhere. */
const BASH_FALLBACK = `type _get_comp_words_by_ref >/dev/null 2>&1 || _get_comp_words_by_ref() {
    words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
    cur=\${words[cword]} prev=\${words[cword - 1]}
}
`;

export const completion: Command = {
  name: 'completion',
  summary: 'print the script that makes a shell complete commands and options',
  operand: { name: 'SHELL', isRequired: true, choices: SHELLS, description: 'bash, zsh or fish' },
  options: {},
  details: 'The shell must find the program by its name: install it with npm install --global, or define an alias.',
  examples: [
    'completion bash >> ~/.bashrc',
    'completion zsh > ~/.eks-nodegroup-upgrade.zsh',
    'completion fish > ~/.config/fish/completions/eks-nodegroup-upgrade.fish',
  ],
  async run({ operand = '', stdout }) {
    const { script } = await import('@bomb.sh/tab');
    if (operand === 'bash') stdout.write(BASH_FALLBACK);
    // The script calls the program with `complete -- WORDS` when the user presses Tab.
    script(operand, PROGRAM, PROGRAM);
    return EXIT_CODES.success;
  },
};
