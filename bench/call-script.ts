import { alice, bob } from './memory-core.ts';

/** What SIPp writes: the values of one name in one line, and numbers in a column of six. */
const sdp = [
  'v=0',
  'o=a 1 1 IN IP4 192.0.2.100',
  's=-',
  'c=IN IP4 192.0.2.100',
  't=0 0',
  'm=audio 49172 RTP/AVP 0 8',
  'a=rtpmap:0 PCMU/8000',
  '',
].join('\r\n');

function request(
  method: string,
  number: number,
  uri: string,
  toTag: string,
  more: readonly string[],
  body = '',
): string {
  const id = String(number).padStart(6, '0');
  const lines = [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${alice.address}:5060;branch=z9hG4bK${method}${id};rport`,
    'Max-Forwards: 70',
    `From: "Alice" <sip:alice@example.com>;tag=9fxced76s${id}`,
    `To: <sip:bob@example.com>${toTag}`,
    `Call-ID: 2xTb9vxSit55XU7p8-${id}@${alice.address}`,
    `CSeq: ${method === 'BYE' ? '2' : '1'} ${method}`,
    ...more,
    'User-Agent: bench',
    contentLength(body),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function contentLength({ length }: string): string {
  return `Content-Length: ${length === 0 ? '0' : String(length).padStart(5)}`;
}

/** What a phone answers: the lines it must copy, and its own. */
function response(received: string, status: string, more: readonly string[], body = ''): string {
  const head = received.slice(0, received.indexOf('\r\n\r\n')).split('\r\n');
  const vias = head.filter((line) => line.startsWith('Via:')).map((line) => line.slice('Via: '.length));
  const copied = head.filter((line) => /^(Record-Route|From|To|Call-ID|CSeq):/.test(line));
  const tagged = [`Via: ${vias.join(', ')}`, ...copied].map((line) =>
    line.startsWith('To:') && !line.includes(';tag') ? `${line};tag=bob` : line,
  );
  return `${[`SIP/2.0 ${status}`, ...tagged, ...more, contentLength(body)].join('\r\n')}\r\n\r\n${body}`;
}

/**
 * Plays both phones of one call: INVITE 180 200 ACK BYE 200. `say` hands a message to the proxy, `heard` is what the
 * proxy has sent to bob last.
 */
export function playCall(number: number, say: (text: string, fromAlice: boolean) => void, heard: () => string): void {
  const contact = `Contact: <sip:alice@${alice.address}>`;
  say(request('INVITE', number, 'sip:bob@example.com', '', [contact, 'Content-Type: application/sdp'], sdp), true);
  const bobSays = [`Contact: <sip:bob@${bob.address}>`];
  const invite = heard();
  say(response(invite, '180 Ringing', bobSays), false);
  say(response(invite, '200 OK', [...bobSays, 'Content-Type: application/sdp'], sdp), false);
  const route = /Record-Route: (.*)/.exec(invite)?.[1] ?? '';
  const headers = [`Route: ${route.trim()}`];
  say(request('ACK', number, `sip:bob@${bob.address}`, ';tag=bob', headers), true);
  say(request('BYE', number, `sip:bob@${bob.address}`, ';tag=bob', headers), true);
  say(response(heard(), '200 OK', []), false);
}
