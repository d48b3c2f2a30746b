import { capturing } from '@switchhook/node';
import type { MessageRecorder } from '@switchhook/node';
import type { Clock, Transport } from '@switchhook/sip';

/** `transport`, with every message that comes or goes told to all of `recorders`; itself where there are none. */
export function recorded(transport: Transport, recorders: readonly MessageRecorder[], clock: Clock): Transport {
  if (recorders.length === 0) return transport;
  const all: MessageRecorder = {
    record: (message) => {
      for (const recorder of recorders) recorder.record(message);
    },
  };
  return capturing(transport, all, clock);
}
