/** What is asked of workers and of the process, with what one must know of it. */
import type { OptionGroup } from './script_options';

export const choiceGroups: readonly OptionGroup[] = [
  {
    name: 'Lost workers',
    about: 'What becomes of a run whose worker dies, or is cut off, before the run has ended.',
    options: [
      {
        name: 'on_worker_loss',
        label: 'If its worker is lost',
        hint: '',
        kind: 'choice',
        most: 0,
        choices: [
          {
            value: '',
            label: 'Start it again (at least once)',
            note: 'At least once: what a run did before its worker was lost it may do a second and a third time. Good for work that can be repeated.',
          },
          {
            value: 'fail',
            label: 'Let it fail (at most once)',
            note: 'At most once: a run that was started is never started again by itself, and it may have done a part of its work. Good for work that must not be done twice, such as payments.',
          },
        ],
      },
    ],
  },
  {
    name: 'Process',
    about: 'Where a run is executed.',
    options: [
      {
        name: 'dedicated_worker',
        label: 'Process',
        hint: '',
        kind: 'choice',
        most: 0,
        choices: [
          {
            value: '',
            label: 'A fresh one for each run',
            note: 'Nothing of a run is there for the next one.',
          },
          {
            value: 'true',
            label: 'One that is kept between runs',
            note: 'Each worker loads this version once and asks it again and again: a run costs a millisecond. What a run leaves in variables, files and threads the next one of the same person finds. For Python and TypeScript.',
          },
        ],
      },
      {
        name: 'network',
        label: 'Network',
        hint: 'none, or the only places that a run may connect to, as host:port separated by commas; the API is one of them. Else the network of the worker.',
        kind: 'names',
        most: 40,
        placeholder: 'api.example.com:443',
      },
    ],
  },
];
