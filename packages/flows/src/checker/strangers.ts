import type { SaidMessage } from '../conversation/conversation.ts';
import type { Strength } from '../oracle/flow-schema.ts';
import type { Binding } from './binding.ts';

/** How strongly somebody is held to what an RFC advises, and what those of this house always do: a device of others should, they must. */
export function strengthFor(element: string, { conversation }: Binding): Strength {
  return conversation.strangers?.includes(element) === true ? 'should' : 'must';
}

/** RFC 3264 8.4 says of a hold by 0.0.0.0 that it is "no longer recommended". Who hands a description on has not written it. */
export function strengthOfOldHold({ from, message }: SaidMessage, binding: Binding): Strength {
  const author = binding.messages.find((said) => said.message?.body === message?.body)?.from ?? from;
  return strengthFor(author, binding);
}
