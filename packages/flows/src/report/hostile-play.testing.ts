import { checkFlow } from '../checker/check.ts';
import { saidMessage } from '../conversation/conversation.ts';
import type { SaidMessage } from '../conversation/conversation.ts';
import { callHold } from '../flow/call-hold.ts';
import { simulateFlow } from '../simulation/simulate-flow.ts';
import type { PlayedFlow } from '../stage/played.ts';

/** What a device may put into its messages to do something to whoever reads a report. */
const hostileTexts: readonly string[] = [
  '</script><script>document.title="run"</script>',
  '<img src=x onerror="document.title=\'run\'">',
  '"><svg onload=document.title=1>',
  "' onmouseover='document.title=1",
  ']]><!-- --!> <![CDATA[',
  '&lt;script&gt;&#0;&#x202e;',
  'javascript:document.title=1',
  '<a href="javascript:document.title=1">click</a>',
  '</style><style>body{display:none}</style>',
  '</svg></title></pre></table></td>',
  '<meta http-equiv="refresh" content="0;url=https://example.com/">',
  '<base href="https://example.com/"><link rel=stylesheet href="https://example.com/x.css">',
  // Bidirectional controls and characters that nobody sees, as UTF-8.
  Buffer.from('bob\u202ecod.exe\u2066\u200b\ufeff\u2028', 'utf8').toString('latin1'),
  // Letters that look like nothing, and one with so many accents that they reach over the lines around it.
  Buffer.from(`bob\u3164\u115f\u00a0${'a'.padEnd(200, '\u0301\u0323')}`, 'utf8').toString('latin1'),
  '\0\x01\x1b[2J\x7f\x9b31m',
  // Not UTF-8.
  '\xff\xfe\xc0\xaf\xed\xa0\x80',
  'A'.repeat(10_240),
];

/** A play of call hold in which Bob's phone says all that, and one message is none at all. */
export async function hostilePlay(): Promise<PlayedFlow> {
  const played = await simulateFlow(callHold);
  const header = hostileTexts.map((text, place) => `X-Hostile-${place}: ${text}`).join('\r\n');
  const spoil = (said: SaidMessage): SaidMessage => {
    if (said.from !== 'bob') return said;
    const text = said.text
      .replace(/^SIP\/2\.0 180 Ringing/, `SIP/2.0 180 ${hostileTexts[0] ?? ''}`)
      .replace(/\r\nContact: .*/, (line) => `${line}\r\n${header}\r\nSubject: ${hostileTexts.join(' ').slice(0, 900)}`)
      .replace('\r\na=', `\r\na=${hostileTexts[1] ?? ''}\r\na=`)
      .replace('a=sendonly', 'a=sendrecv');
    const { time, arrived, from, to, protocol } = said;
    return saidMessage({ time, arrived, from, to, protocol, text });
  };
  const noMessage = saidMessage({
    time: 700,
    from: 'bob',
    to: 'proxy',
    protocol: 'TLS',
    text: hostileTexts.join('\r\n'),
  });
  const messages = [...played.conversation.messages.map(spoil), noMessage].sort((one, other) => one.time - other.time);
  const conversation = { ...played.conversation, messages };
  return {
    conversation,
    report: checkFlow(played.report.flow, conversation),
    error: new Error(hostileTexts[0]),
    leftOvers: [hostileTexts[1] ?? ''],
  };
}
