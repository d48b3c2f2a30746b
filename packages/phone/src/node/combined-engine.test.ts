import { expect, test } from 'vitest';
import type { MediaCapability, MediaEngine, MediaStream } from '@switchhook/sip';
import { CombinedEngine } from './combined-engine.ts';

function engineOf(kind: MediaCapability['kind'], opened: string[]): MediaEngine {
  const stream: MediaStream = {
    local: { address: '192.0.2.1', port: 40_000, controlPort: 40_001 },
    crypto: [],
    apply: () => undefined,
    close: () => undefined,
  };
  return {
    capabilities: [{ kind, formats: [], security: 'none', cryptoSuites: [], packetTime: 20 }],
    open: (wanted, remote) => {
      opened.push(`${kind} opens ${wanted} to ${remote ?? 'anybody'}`);
      return Promise.resolve(stream);
    },
  };
}

test('streams are offered in the order of the engines, and each is opened by the one that has its kind', async () => {
  const opened: string[] = [];
  const engine = new CombinedEngine([engineOf('audio', opened), engineOf('video', opened)]);
  expect(engine.capabilities.map(({ kind }) => kind)).toEqual(['audio', 'video']);
  await engine.open('video', '192.0.2.7');
  await engine.open('audio');
  expect(opened).toEqual(['video opens video to 192.0.2.7', 'audio opens audio to anybody']);
});

test('a kind that nobody has is refused', async () => {
  await expect(new CombinedEngine([engineOf('audio', [])]).open('video')).rejects.toThrow('there is no video here');
});
