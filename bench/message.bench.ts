/**
 * What it costs to read an INVITE of 650 bytes as far as a proxy needs. Prints microseconds a message, and by how much that
 * is longer than one look at each character, which compares hours in which the machine is not equally fast. Run it with `node --conditions=source bench/message.bench.ts`.
 */
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { parseMessage, SipRequest } from '@switchhook/sip';

const body = [
  'v=0',
  'o=alice 2890844526 2890844526 IN IP4 client.atlanta.example.com',
  's=-',
  'c=IN IP4 192.0.2.101',
  't=0 0',
  'm=audio 49172 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  '',
].join('\r\n');

function invite(number: number): Buffer {
  const id = String(number).padStart(5, '0');
  const head = [
    'INVITE sip:bob@biloxi.example.com SIP/2.0',
    `Via: SIP/2.0/UDP client.atlanta.example.com:5060;branch=z9hG4bK74${id};rport`,
    'Max-Forwards: 70',
    `From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76s${id}`,
    'To: Bob <sip:bob@biloxi.example.com>',
    `Call-ID: 2xTb9vxSit55XU7p8@atlanta.example.com-${id}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:alice@client.atlanta.example.com>',
    'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY',
    'Supported: replaces, timer',
    'Content-Type: application/sdp',
    `Content-Length: ${String(body.length)}`,
  ].join('\r\n');
  return Buffer.from(`${head}\r\n\r\n${body}`, 'latin1');
}

const messages = Array.from({ length: 500 }, (_, number) => invite(number));
const size = messages[0]?.length ?? 0;

/** A sum of what was read, so that nothing of it can be left out by the compiler. */
function readAll(): number {
  let sum = 0;
  for (const bytes of messages) {
    const message = parseMessage(bytes.toString('latin1'));
    if (!(message instanceof SipRequest)) throw new Error('not a request');
    sum += message.topVia.branch?.length ?? 0;
    sum += message.cseqNumber + message.cseqMethod.length + message.callId.length;
    sum += (message.fromTag?.length ?? 0) + (message.toTag?.length ?? 0);
    sum += message.maxForwards ?? 0;
    sum += message.has('Route') ? 1 : 0;
    sum += message.requestUriText.length;
  }
  return sum;
}

/** The part of it that is not ours: making the text from the bytes. */
function sliceAll(): number {
  let sum = 0;
  for (const bytes of messages) sum += bytes.toString('latin1').charCodeAt(10);
  return sum;
}

const headLines = /^[^\r\n]*\r\n(?:[\w-]+:[ -~]*\r\n)*\r\n/;

/** One look at each character of the head, which tells how fast the machine is at this hour. */
function lookAll(): number {
  let sum = 0;
  for (const bytes of messages) sum += headLines.test(bytes.toString('latin1')) ? 1 : 0;
  return sum;
}

/** Microseconds a message in many short rounds, sorted: the least are those in which the machine did nothing else. */
function measure(runs: readonly (() => number)[]): number[][] {
  const times = runs.map((): number[] => []);
  for (let round = 0; round < 3_000; round++) {
    for (const [place, run] of runs.entries()) {
      const start = performance.now();
      sum += run();
      if (round >= 500) times[place]?.push(((performance.now() - start) * 1000) / messages.length);
    }
  }
  return times.map((rounds) => rounds.sort((one, other) => one - other));
}

function print(name: string, rounds: readonly number[]): void {
  const [best = 0, median = 0] = [rounds[0], rounds[rounds.length / 2]];
  console.log(`${name}: median ${median.toFixed(3)} us, best ${best.toFixed(3)} us`);
}

let sum = 0;
const [slicing = [], looking = [], reading = []] = measure([sliceAll, lookAll, readAll]);
const withoutSlicing = (rounds: readonly number[]): number[] =>
  rounds.map((time, round) => time - (slicing[round] ?? 0));
const [look = 0] = withoutSlicing(looking);
const [read = 0] = withoutSlicing(reading);
print('bytes to text', slicing);
print('bytes to text, index, read', reading);
print('index and read', withoutSlicing(reading));
print('one look at each character of the head', withoutSlicing(looking));
console.log(`index and read takes ${(read / look).toFixed(2)} times that look, in the best rounds`);
console.log(`${String(size)} bytes a message, checksum ${String(sum)}`);
