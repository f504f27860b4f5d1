import { describe, expect, it } from '@jest/globals';
import { agentStatus, type StatusParts } from './status.ts';

const AT = Date.parse('2030-01-01T12:00:00.000Z');

const parts: StatusParts = {
  startedAt: AT,
  clockStepMs: -3_600_000,
  editors: [{ name: 'jupyterlab', phase: 'ready', restarts: 1 }],
  usage: { memoryBytes: 1000, limitBytes: 2000, oomKills: 1, cpuUs: 5 },
  gpus: [{ load: 0.5, memoryUsedBytes: 7 }],
  ports: [{ port: 8000, program: 'python app.py' }],
  memoryLimitBytes: 3000,
  activity: { lastInputAt: AT + 1000, pagesOpen: 2, lastPageAt: AT + 3000 },
  busy: { busy: true, code: 'kernel-busy', reason: 'A notebook is running a cell.', lastOutputAt: AT + 2000 },
  lastBusyAt: AT + 4000,
  terminalInputAt: AT + 500,
};

describe('agentStatus', () => {
  it('says everything that is known', () => {
    expect(agentStatus(parts)).toEqual({
      contract: 1,
      startedAt: '2030-01-01T12:00:00.000Z',
      clockStepMs: -3_600_000,
      editors: [{ name: 'jupyterlab', phase: 'ready', restarts: 1 }],
      memory: { usedBytes: 1000, limitBytes: 2000 },
      oomKills: 1,
      cpuUsageUs: 5,
      gpus: [{ load: 0.5, memoryUsedBytes: 7 }],
      ports: [{ port: 8000, program: 'python app.py' }],
      activity: {
        lastInputAt: '2030-01-01T12:00:01.000Z',
        pagesOpen: 2,
        busy: true,
        busyReason: 'A notebook is running a cell.',
        lastOutputAt: '2030-01-01T12:00:02.000Z',
        busyCode: 'kernel-busy',
        lastBusyAt: '2030-01-01T12:00:04.000Z',
        lastPageAt: '2030-01-01T12:00:03.000Z',
      },
    });
  });

  it('takes keys in a terminal for input', () => {
    const { activity } = agentStatus({ ...parts, terminalInputAt: AT + 9000 });
    expect(activity.lastInputAt).toBe('2030-01-01T12:00:09.000Z');
  });

  it('says null where nothing is known, and the limit of the hub where the kernel names none', () => {
    const unknown = agentStatus({
      ...parts,
      usage: { memoryBytes: undefined, limitBytes: undefined, oomKills: undefined, cpuUs: undefined },
      activity: { lastInputAt: undefined, pagesOpen: 0, lastPageAt: undefined },
      busy: { busy: undefined, code: undefined, reason: undefined, lastOutputAt: undefined },
      terminalInputAt: undefined,
    });
    expect(unknown).toMatchObject({ memory: { usedBytes: 0, limitBytes: 3000 }, oomKills: 0, cpuUsageUs: null });
    expect(unknown.activity).toEqual({
      lastInputAt: null,
      pagesOpen: 0,
      busy: null,
      busyReason: null,
      lastOutputAt: null,
      busyCode: null,
      lastBusyAt: '2030-01-01T12:00:04.000Z',
      lastPageAt: null,
    });
  });
});
