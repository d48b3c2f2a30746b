import type { Phone } from '@switchhook/phone';

/** A phone that does not ring: callers hear busy and get a text, and whoever writes gets an answer. */
export function awayUntilLunch(phone: Phone, text: string): () => void {
  phone.doNotDisturb = 'busy';
  const answer = (uri: string): void => {
    phone.sendMessage(uri, text).catch(() => undefined);
  };
  const unlisten = phone.onEvent((event) => {
    if (event.kind === 'turned-away') answer(event.from.uri);
    else if (event.kind === 'message') answer(event.message.from.uri);
  });
  return () => {
    phone.doNotDisturb = 'off';
    unlisten();
  };
}
