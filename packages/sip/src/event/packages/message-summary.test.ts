import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from '../../message/fault.ts';
import { type MessageSummary, messageSummary, parseMessageSummary, printMessageSummary } from './message-summary.ts';

const empty: MessageSummary = { messagesWaiting: false, account: undefined, counts: [], messages: [] };

describe('parseMessageSummary', () => {
  test('reads the example of RFC 3842 4.1', () => {
    const body =
      'Messages-Waiting: yes\r\nMessage-Account: sip:alice@vmail.example.com\r\nVoice-Message: 4/8 (1/2)\r\n\r\n' +
      'To: <alice@atlanta.example.com>\r\nSubject: carpool tomorrow?\r\n\r\nTo: <alice@example.com>\r\nPriority: urgent\r\n';
    expect(parseMessageSummary(body)).toEqual({
      messagesWaiting: true,
      account: 'sip:alice@vmail.example.com',
      counts: [
        {
          contextClass: 'voice-message',
          newMessages: 4,
          oldMessages: 8,
          urgent: { newMessages: 1, oldMessages: 2 },
        },
      ],
      messages: [
        [
          { name: 'To', value: '<alice@atlanta.example.com>' },
          { name: 'Subject', value: 'carpool tomorrow?' },
        ],
        [
          { name: 'To', value: '<alice@example.com>' },
          { name: 'Priority', value: 'urgent' },
        ],
      ],
    });
  });

  test.each([
    ['the status line alone', 'Messages-Waiting: no'],
    ['any case', 'MESSAGES-WAITING: NO\r\n'],
    ['line feeds alone', 'Messages-Waiting: no\n'],
    ['white space before the colon, and a folded line', 'Messages-Waiting :\r\n no\r\n'],
    ['an empty line at the end', 'Messages-Waiting: no\r\n\r\n'],
    ['lines that nobody has defined', 'Messages-Waiting: no\r\nX-Mood: good\r\n'],
  ])('takes %s', (_, body) => {
    expect(parseMessageSummary(body)).toEqual(empty);
  });

  test('takes counts with white space in every place, of classes that are not known', () => {
    expect(parseMessageSummary('Messages-Waiting: yes\r\nX-Smoke: 1 / 2 ( 0 / 1 )\r\nnone: 3/4\r\n')).toMatchObject({
      counts: [
        { contextClass: 'x-smoke', newMessages: 1, oldMessages: 2, urgent: { newMessages: 0, oldMessages: 1 } },
        { contextClass: 'none', newMessages: 3, oldMessages: 4, urgent: undefined },
      ],
    });
  });

  test('takes a count over 2**32 - 1 for the largest (RFC 3842 3.5)', () => {
    expect(
      parseMessageSummary('Messages-Waiting: yes\r\nVoice-Message: 99999999999999999999/4294967296'),
    ).toMatchObject({
      counts: [{ newMessages: 4_294_967_295, oldMessages: 4_294_967_295 }],
    });
  });

  test.each([
    ['nothing', ''],
    ['no status line', 'Voice-Message: 1/0\r\n'],
    ['a status that is neither', 'Messages-Waiting: maybe\r\n'],
    ['counts of a known class that are none', 'Messages-Waiting: yes\r\nVoice-Message: many\r\n'],
    ['half a count', 'Messages-Waiting: yes\r\nfax-message: 1\r\n'],
    ['an account that is no URI', 'Messages-Waiting: yes\r\nMessage-Account: alice\r\n'],
    ['no header field', 'Messages-Waiting: yes\r\nhello\r\n'],
  ])('refuses %s', (_, body) => {
    expect(parseMessageSummary(body)).toBeInstanceOf(SyntaxFault);
  });

  test('no text throws', () => {
    const words = fc.constantFrom(
      'Messages-Waiting:',
      'yes',
      '\r\n',
      '\n',
      ' ',
      'Voice-Message:',
      '1/2',
      '(',
      ')',
      '/',
      ':',
      '\0',
      '9'.repeat(40),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ unit: 'binary' })), { maxLength: 20 }), (texts) => {
        parseMessageSummary(texts.join(''));
      }),
    );
  });
});

const counts = fc.nat({ max: 4_294_967_295 });
const pair = fc.record({ newMessages: counts, oldMessages: counts });
const header = fc.record({
  name: fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,10}$/),
  value: fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/),
});
const summaries: fc.Arbitrary<MessageSummary> = fc.record({
  messagesWaiting: fc.boolean(),
  account: fc.constantFrom(undefined, 'sip:alice@example.com', 'tel:+4930123'),
  counts: fc.array(
    fc
      .tuple(
        fc
          .stringMatching(/^[a-z][a-z-]{0,12}$/)
          .filter((name) => !['messages-waiting', 'message-account'].includes(name)),
        pair,
        fc.option(pair, { nil: undefined }),
      )
      .map(([contextClass, both, urgent]) => ({ contextClass, ...both, urgent })),
    { maxLength: 4 },
  ),
  messages: fc.array(fc.array(header, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
});

describe('printMessageSummary', () => {
  test('what is printed reads as what was meant', () => {
    fc.assert(
      fc.property(summaries, (summary) => {
        expect(parseMessageSummary(printMessageSummary(summary))).toEqual(summary);
      }),
    );
  });

  test.each([
    { ...empty, account: 'alice' },
    { ...empty, counts: [{ contextClass: 'two words', newMessages: 0, oldMessages: 0 }] },
    { ...empty, counts: [{ contextClass: 'Message-Account', newMessages: 0, oldMessages: 0 }] },
    { ...empty, counts: [{ contextClass: 'voice-message', newMessages: 2 ** 32, oldMessages: 0 }] },
    { ...empty, messages: [[{ name: 'Subject', value: 'a\r\nVoice-Message: 1/1' }]] },
  ])('throws for what cannot be said: %j', (summary) => {
    expect(() => printMessageSummary(summary)).toThrow(expect.objectContaining({ code: 'invalid-header-value' }));
  });
});

describe('the package', () => {
  const message = (subject: string): MessageSummary['messages'][number] => [{ name: 'Subject', value: subject }];
  const waiting: MessageSummary = {
    ...empty,
    messagesWaiting: true,
    counts: [{ contextClass: 'voice-message', newMessages: 1, oldMessages: 0 }],
    messages: [message('one')],
  };

  test('tells header fields of messages with a change, and never when all is asked for (RFC 3842 3.5)', () => {
    const writer = messageSummary.writer();
    expect(writer.write({ state: waiting, at: 0 }, 0, true)).not.toContain('Subject');
    expect(writer.write({ state: { ...waiting, messages: [message('two')] }, at: 0 }, 0, false)).toContain('two');
  });

  test('does not tell what was told', () => {
    const writer = messageSummary.writer();
    writer.write({ state: empty, at: 0 }, 0, true);
    expect(writer.write({ state: { ...empty }, at: 0 }, 0, false)).toBeUndefined();
    expect(writer.write({ state: { ...empty, messagesWaiting: true }, at: 0 }, 0, false)).toContain('yes');
  });

  test('one notification for two tells the messages of both', () => {
    const both = messageSummary.coalesce?.(waiting, { ...waiting, messages: [message('two')] });
    expect(both?.messages).toEqual([message('one'), message('two')]);
  });

  test('several mailboxes say together whether anything waits, and their sums (RFC 3842 3.10)', () => {
    const count = { contextClass: 'voice-message', newMessages: 2, oldMessages: 3 };
    expect(messageSummary.merge?.([{ ...empty, counts: [count] }, waiting])).toMatchObject({
      messagesWaiting: true,
      counts: [{ contextClass: 'voice-message', newMessages: 3, oldMessages: 3 }],
    });
    expect(messageSummary.merge?.([empty, waiting])).toMatchObject({ messagesWaiting: true, counts: [] });
  });
});
