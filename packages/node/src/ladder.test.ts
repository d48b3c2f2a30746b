import { expect, test } from 'vitest';
import { drawLadder, ladderFits, ladderHead, ladderLine, ladderSpacing } from './ladder.ts';

test('messages are single lines, media double ones, and notes stand behind', () => {
  const ladder = drawLadder(
    [{ title: 'Alice' }, { title: 'Proxy' }, { title: 'Bob' }],
    [
      { margin: '0.000', from: 0, to: 1, label: 'INVITE F1', kind: 'message' },
      { margin: '0.020', from: 2, to: 1, label: '200 OK F6', kind: 'message', note: 'R-SDP' },
      { from: 1, to: 0, label: '200 OK F7', kind: 'missing' },
      { from: 0, to: 2, label: 'two-way RTP', kind: 'both' },
      { from: 2, to: 0, label: 'music', kind: 'media' },
      { from: 0, to: 2, label: 'no RTP', kind: 'words' },
    ],
  );
  expect(`\n${ladder}`).toMatchInlineSnapshot(`
    "
                         Alice                         Proxy                          Bob
       0.000                |--------- INVITE F1 -------->|                             |
       0.020                |                             |<-------- 200 OK F6 ---------|  R-SDP
                            |<........ 200 OK F7 .........|                             |
                            |<====================== two-way RTP ======================>|
                            |<========================= music ==========================|
                            |                           no RTP                          |
    "
  `);
});

test('without rows there are the titles', () => {
  expect(drawLadder([{ title: 'Alice', subtitle: 'UDP' }], [])).toBe(
    '                     Alice\n                      UDP\n',
  );
});

test('lifelines come closer in a narrow terminal, as long as something can be read between them', () => {
  const spacing = ladderSpacing(3, 60);
  const rows = [
    { margin: '0.000', from: 0, to: 1, label: 'INVITE F1', kind: 'message', note: '✓' },
    { margin: '0.020', from: 2, to: 1, label: '480 Temporarily Unavailable', kind: 'message', note: '✓' },
    { from: 0, to: 2, label: 'two-way RTP', kind: 'both', note: '✓' },
  ] as const;
  const head = ladderHead([{ title: 'Alice' }, { title: 'Announcement Server' }, { title: 'Bob' }], spacing);
  const ladder = head + rows.map((row) => ladderLine(3, row, spacing)).join('');
  expect(`\n${ladder}`).toMatchInlineSnapshot(`
    "
               Alice       Announcement Serve         Bob
       0.000     |---- INVITE F1 -->|                  |  ✓
       0.020     |                  |< 480 Temporarily |  ✓
                 |<=========== two-way RTP ===========>|  ✓
    "
  `);
  expect(Math.max(...ladder.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
  expect([ladderSpacing(3), ladderSpacing(3, 200), ladderSpacing(6, 20)]).toEqual([30, 30, 14]);
  expect([ladderFits(4, 59), ladderFits(4, 58), ladderFits(6, 87), ladderFits(6, 86), ladderFits(9)]).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
});
