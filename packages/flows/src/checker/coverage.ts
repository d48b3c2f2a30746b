/**
 * Which statements of the coverage list a broken rule breaks. Told for the sections whose flows run (1, 2.1 and 2.2): by
 * messages of the flow and by keys of their expectations.
 */
interface Link {
  readonly id: string;
  readonly flow?: string;
  /** Numbers from and to, both included; left out for any message. */
  readonly messages?: readonly [number, number];
  /** Keys; a key stands for what is beneath it. */
  readonly keys: readonly string[];
}

const links: readonly Link[] = [
  { id: 'C1.1-02', keys: ['message'] },
  { id: 'C1.1-03', keys: ['media', 'mix'] },
  { id: 'C1-05', keys: ['scheme'] },
  { id: 'C1-07', keys: ['sdp.streams'] },
  { id: 'C1-09', keys: ['callId', 'proxyAuthorization'] },
  { id: 'C2.1-01', flow: '2.1', messages: [10, 11], keys: ['sdp', 'tags', 'callId', 'message'] },
  { id: 'C2.1-02', flow: '2.1', messages: [12, 13], keys: ['sdp', 'message', 'status'] },
  { id: 'C2.1-03', flow: '2.1', messages: [10, 11], keys: ['contact.params'] },
  { id: 'C2.1-04', flow: '2.1', messages: [16, 17], keys: ['contact.notParams'] },
  { id: 'C2.1-05', flow: '2.1', messages: [16, 21], keys: ['sdp', 'message', 'media'] },
  { id: 'C2.1-06', flow: '2.1', messages: [15, 15], keys: ['media'] },
  { id: 'C2.1-09', flow: '2.1', keys: ['sdp.address', 'N2.1-1'] },
  { id: 'C2.1-11', flow: '2.1', keys: ['recordRoute', 'route', 'requestUri'] },
  { id: 'C2.1-13', flow: '2.1', messages: [12, 13], keys: ['sdp.direction'] },
  { id: 'C2.1-14', flow: '2.1', messages: [22, 25], keys: ['message', 'closes', 'status'] },
  { id: 'C2.2-01', flow: '2.2', messages: [16, 17], keys: ['callId', 'fromTag', 'tags', 'sdp.mediaPort', 'message'] },
  { id: 'C2.2-02', flow: '2.2', messages: [15, 24], keys: ['media'] },
  { id: 'C2.2-02', flow: '2.2', keys: ['N2.2-1'] },
  { id: 'C2.2-03', flow: '2.2', messages: [25, 28], keys: ['message', 'closes', 'status', 'media'] },
  { id: 'C2.2-04', flow: '2.2', messages: [29, 34], keys: ['cseqNumber', 'sdp.version', 'tags', 'callId', 'message'] },
  { id: 'C2.2-05', flow: '2.2', messages: [10, 11], keys: ['contact.params'] },
  { id: 'C2.2-06', flow: '2.2', messages: [35, 38], keys: ['message', 'closes', 'status'] },
  { id: 'C2.2-09', flow: '2.2', keys: ['forwarded'] },
];

/**
 * The ids of the statements that a play shows to hold or to be broken: those that a rule is linked to which was looked at.
 * `said` are the numbers of the messages that were said; media count only where somebody watched for them.
 */
export function coveredStatements(flow: string, said: readonly number[], isMediaWatched: boolean): readonly string[] {
  const isOfMedia = (key: string): boolean => key === 'media' || key === 'mix';
  const covered = links
    .filter((link) => link.flow === undefined || link.flow === flow)
    .filter(({ messages = [1, Infinity] }) => said.some((number) => number >= messages[0] && number <= messages[1]))
    .filter(({ keys }) => isMediaWatched || !keys.every(isOfMedia))
    .map(({ id }) => id);
  return [...new Set(covered)].sort();
}

/** The ids of the statements that say what a key of a message of a flow says. */
export function coverageOf(flow: string, f: string | undefined, key: string): readonly string[] {
  const number = f === undefined ? undefined : Number(f.slice(1));
  return links
    .filter((link) => link.flow === undefined || link.flow === flow)
    .filter(
      ({ messages }) =>
        messages === undefined || (number !== undefined && number >= messages[0] && number <= messages[1]),
    )
    .filter(({ keys }) => keys.some((each) => key === each || key.startsWith(`${each}.`)))
    .map(({ id }) => id);
}
