import { describe, expect, test } from 'vitest';
import { askedBy, restartsOf, stepsOf } from './flow_status';

const raw_flow = {
  modules: [
    { id: 'a', summary: 'Ask', value: { type: 'rawscript', language: 'python3' } },
    { id: 'l', value: { type: 'forloopflow' } },
  ],
};
const nobody = '00000000-0000-0000-0000-000000000000';

describe('the steps of a flow', () => {
  test('have a condition, a kind and the job that did them', () => {
    const modules = [
      { id: 'a', type: 'Success', job: 'j1', approvers: [{ resume_id: 1, approver: 'ann' }] },
      {
        id: 'l',
        type: 'InProgress',
        job: 'j3',
        flow_jobs: ['j2', 'j3'],
        flow_jobs_success: [true, null],
        iterator: { index: 1, itered_len: 5 },
      },
    ];
    const [a, l] = stepsOf({ raw_flow, flow_status: { modules } });
    expect(a).toMatchObject({ condition: 'success', kind: 'python3', job: 'j1', summary: 'Ask' });
    expect(a?.approvers).toEqual(['ann']);
    expect(l).toMatchObject({ condition: 'running', kind: 'Loop', job: null, count: 5 });
    expect(l?.children.map(({ success }) => success)).toEqual([true, null]);
  });

  test('call their branches by name', () => {
    const branches = [{ summary: 'left' }, { expr: 'x > 1' }];
    const written = { modules: [{ id: 'b', value: { type: 'branchone', branches } }] };
    const names = (module: object) =>
      stepsOf({ raw_flow: written, flow_status: { modules: [{ id: 'b', ...module }] } })[0]
        ?.children;
    expect(names({ type: 'Success', flow_jobs: ['j', 'k'] })?.map(({ name }) => name)).toEqual([
      'left',
      'x > 1',
    ]);
    const other = { flow_jobs: ['j'], branch_chosen: { type: 'default' } };
    expect(names({ type: 'Failure', ...other })).toEqual([
      { job: 'j', number: 2, name: 'Default', success: false },
    ]);
  });

  test('that were skipped or did nothing have no job', () => {
    const modules = [{ id: 'a', type: 'Success', skipped: true, job: nobody }];
    const [a] = stepsOf({ raw_flow, flow_status: { modules } });
    expect(a).toMatchObject({ condition: 'skipped', job: null });
  });

  test('end with the error handler only when it had a part', () => {
    const failure_module = { id: 'failure', type: 'WaitingForPriorSteps' };
    const flow_status = { modules: [{ id: 'a', type: 'Failure', job: 'j' }], failure_module };
    expect(stepsOf({ raw_flow, flow_status })).toHaveLength(1);
    const handled = { ...flow_status, failure_module: { ...failure_module, type: 'Success' } };
    expect(stepsOf({ raw_flow, flow_status: handled }).map(({ id }) => id)).toEqual([
      'a',
      'failure',
    ]);
  });

  test('ask people through the step before', () => {
    const schema = { type: 'object', properties: {} };
    const asks = { ...raw_flow.modules[0], suspend: { resume_form: { schema } } };
    const modules = [
      { id: 'a', type: 'Success', job: 'j1' },
      { id: 'l', type: 'WaitingForEvents', job: 'j1', count: 2 },
    ];
    const job = { raw_flow: { modules: [asks, raw_flow.modules[1]] }, flow_status: { modules } };
    expect(askedBy(job)).toEqual({ step: 'Ask', job: 'j1', missing: 2, schema });
    expect(askedBy({ raw_flow, flow_status: { modules: modules.slice(0, 1) } })).toBeNull();
    expect(stepsOf(job)[1]).toMatchObject({ condition: 'waits', job: null, missing: 2 });
  });

  test('are places to go on from when all before them have ended', () => {
    const modules = [
      { id: 'a', type: 'Failure', job: 'j1' },
      { id: 'l', type: 'WaitingForPriorSteps' },
      { id: 'l-v', type: 'WaitingForPriorSteps' },
    ];
    expect(restartsOf({ raw_flow, flow_status: { modules } })).toEqual(['a', 'l']);
    expect(restartsOf({})).toEqual([]);
  });

  test('of a job without a status are none', () => {
    expect(stepsOf({})).toEqual([]);
    expect(askedBy({})).toBeNull();
  });
});
