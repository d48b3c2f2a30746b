import { PhoneError } from '@switchhook/phone';
import type { Call, Phone } from '@switchhook/phone';

/** Answers every call, one after the other, and tells what happens in each until it ends. */
export async function answerAll(phone: Phone, tell: (line: string) => void, signal: AbortSignal): Promise<void> {
  for await (const call of phone.incomingCalls(signal)) {
    if (await isAnswered(call)) await follow(call, tell);
  }
}

/** Whoever has waited while another one was talked to may have hung up. */
async function isAnswered(call: Call): Promise<boolean> {
  try {
    await call.answer();
    return true;
  } catch (error) {
    if (error instanceof PhoneError) return false;
    throw error;
  }
}

async function follow(call: Call, tell: (line: string) => void): Promise<void> {
  for await (const event of call.events()) {
    if (event.kind === 'digit') tell(`${call.remote.name} pressed ${event.digit}`);
    else if (event.kind === 'hold' && event.remote) tell(`${call.remote.name} holds`);
    else if (event.kind === 'ended') tell(`${call.remote.name}: ${event.end.kind}`);
  }
}
