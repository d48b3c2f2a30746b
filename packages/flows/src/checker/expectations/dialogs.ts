import type { RuleCheck } from '../examination.ts';
import { isRequest } from '../hops.ts';
import { sameTag } from '../rules/responses.ts';

/** Whose tags a message carries, and what it ends. */
export const dialogExpectations = {
  *tags({ expected, message, binding, tolerate }) {
    const { from, to } = expected.expect.tags;
    if (binding.isOutsideSession(expected)) return;
    const dialog = binding.dialogOf(expected);
    yield* sameTag('From', dialog?.tags.get(from) ?? message.fromTag ?? 'a tag', message.fromTag);
    if (to === null) {
      if (message.toTag === undefined) return;
      // A 100 may have one already (RFC 3261 8.2.6.2).
      if ('status' in message && message.status === 100) tolerate('T1');
      else yield { key: 'tags', expected: 'no tag in To', found: message.toTag };
      return;
    }
    yield* sameTag('To', dialog?.tags.get(to) ?? message.toTag ?? 'a tag', message.toTag);
  },

  *closes({ expected, said, binding }) {
    const dialog = expected.expect.closes === undefined ? undefined : binding.dialog(expected.expect.closes);
    if (dialog !== undefined)
      yield* nothingAfter('closes', ['INVITE', 'UPDATE', 'INFO', 'PRACK'], dialog.callId, said, binding);
  },

  *endsUsage({ expected, said, binding }) {
    const wanted = expected.expect.endsUsage;
    const dialog = wanted === undefined ? undefined : binding.dialog(wanted.dialog);
    if (dialog !== undefined)
      yield* nothingAfter('endsUsage', ['INVITE', 'UPDATE', 'BYE'], dialog.callId, said, binding);
  },
} satisfies Record<string, RuleCheck>;

/** Who has sent a BYE sends nothing more for the session. */
function* nothingAfter(
  key: string,
  methods: readonly string[],
  callId: string,
  said: Parameters<RuleCheck>[0]['said'],
  binding: Parameters<RuleCheck>[0]['binding'],
): ReturnType<RuleCheck> {
  const earlier = new Set(binding.before(said));
  for (const other of binding.messages) {
    if (other === said || earlier.has(other) || other.from !== said.from || !isRequest(other)) continue;
    if (other.message.callId !== callId || !methods.includes(other.message.method)) continue;
    yield { key, expected: `no ${methods.join(' or ')} after the BYE`, found: other.message.method };
  }
}
