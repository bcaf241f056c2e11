/** What is asked of workers and of the process, with what one must know of it. */
import type { OptionGroup } from './script_options';

/** A failure is tried again, as the run of the script says or as its version does. */
export const retryGroup: OptionGroup = {
  name: 'Retries',
  about:
    'A run that failed is tried again, under the same id. The steps of flows are tried again as their flow says.',
  options: [
    {
      name: 'retry_attempts',
      label: 'Tries after the first',
      hint: 'So often at most.',
      kind: 'count',
      most: 1000,
      placeholder: 'none',
    },
    {
      name: 'retry_seconds',
      label: 'Pause before a try',
      hint: 'If pauses grow: the base, which is raised to the number of the try.',
      kind: 'seconds',
      most: 6 * 3600,
      needs: 'retry_attempts',
      placeholder: '0',
    },
    {
      name: 'retry_growth',
      label: 'Pauses',
      hint: '',
      kind: 'choice',
      most: 0,
      needs: 'retry_attempts',
      choices: [
        { value: '', label: 'All alike', note: '' },
        {
          value: 'exponential',
          label: 'Growing',
          note: 'With a pause of 2 s the tries come after 2, 4, 8, 16 seconds and so on, and never more than 6 hours.',
        },
      ],
    },
  ],
};

/** Of flows alone. */
export const stepsGroup: OptionGroup = {
  name: 'Steps',
  about: 'Where the steps of a run are executed.',
  options: [
    {
      name: 'same_worker',
      label: 'Folder',
      hint: '',
      kind: 'choice',
      most: 0,
      choices: [
        { value: '', label: 'Each step has its own', note: '' },
        {
          value: 'true',
          label: 'All share ./shared, on one machine',
          note: 'All steps run on the machine of the first, whichever tags they have. Not together with a process that is kept.',
        },
      ],
    },
  ],
};

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
