import { flow, writeReport } from '@switchhook/flows';
import { describe, expect, test } from 'vitest';

describe.each(['2.1', '2.4', '2.16'])('RFC 5359 %s', (section) => {
  test('goes as the RFC has it, over TLS', async () => {
    const { problems } = await flow(section);
    expect(problems).toEqual([]);
  });

  test('comes to a right end where every fifth datagram is lost', async () => {
    const { played } = await flow(section, { protocol: 'UDP', seed: 7, link: { loss: 0.2 } });
    expect(played.leftOvers).toEqual([]);
  });
});

test('a report is left for people to look at', async ({ onTestFailed }) => {
  const { played, passed } = await flow('2.2');
  onTestFailed(() => writeReport('flow-report', [{ played, stage: 'TLS in the simulator', milliseconds: 0 }]));
  expect(passed).toBe(true);
});
