import type { FlowDescription, FlowMessage } from './flow-schema.ts';

/**
 * The flow with the other party hanging up: its teardown the other way round (T22). For a scenario in which he does; the
 * ladder shows one of two ways.
 */
export function withTeardownBy(flow: FlowDescription, element: string): FlowDescription {
  const messages = flow.messages.map((message) => {
    const dialog = flow.dialogs.find(({ id }) => id === message.dialog);
    const first = flow.messages.find(({ phase, dialog: of }) => phase === 'teardown' && of === message.dialog);
    if (message.phase !== 'teardown' || dialog === undefined || first?.from === element) return message;
    return mirrored(message, dialog.between);
  });
  return { ...flow, messages };
}

function mirrored(message: FlowMessage, [one, other]: readonly [string, string]): FlowMessage {
  const swap = (name: string): string => (name === one ? other : name === other ? one : name);
  const { expect } = message;
  const { tags, requestUri } = expect;
  const target = requestUri?.contact === undefined ? requestUri : { ...requestUri, contact: swap(requestUri.contact) };
  return {
    ...message,
    from: swap(message.from),
    to: swap(message.to),
    expect: {
      ...expect,
      ...(target !== undefined && { requestUri: target }),
      tags: { from: swap(tags.from), to: tags.to === null ? null : swap(tags.to) },
    },
  };
}
