import { startPhone, SilentMedia } from '@switchhook/phone/browser';
import type { Phone } from '@switchhook/phone';

/** A page that tells who calls and who writes, registered over a WebSocket; its calls have no sound. */
export async function phoneInPage(
  { server, user, password }: { server: string; user: string; password: string },
  tell: (line: string) => void,
): Promise<Phone> {
  const phone = await startPhone({
    // wss://example.com:5063/ of a page that came by https.
    server,
    addressOfRecord: `sip:${user}@${new URL(server).hostname}`,
    password,
    media: new SilentMedia(),
  });
  phone.onEvent((event) => {
    if (event.kind === 'incoming-call') tell(`${event.call.remote.name} calls`);
    else if (event.kind === 'message') tell(`${event.message.from.name}: ${event.message.text}`);
  });
  try {
    await phone.register();
    return phone;
  } catch (error) {
    await phone.stop();
    throw error;
  }
}
