import { systemContext, UdpTransport } from '@switchhook/node';
import type { TransactionLayer } from '@switchhook/sip';
import { answerOptions } from './answer-options.ts';

const silent = (): void => undefined;

/** Answers OPTIONS on a port of this machine. */
export function answerOptionsOverUdp(port: number): Promise<TransactionLayer> {
  const context = systemContext({ debug: silent, info: silent, warn: silent, error: silent });
  return answerOptions(context, new UdpTransport(context, { address: '127.0.0.1', port }));
}
