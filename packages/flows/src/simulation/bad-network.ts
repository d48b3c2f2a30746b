import type { SimulationOptions } from './simulation-options.ts';

/** A network that loses every fifth datagram, doubles and holds back every tenth, and is never as quick as before. */
export const badNetwork: Pick<SimulationOptions, 'protocol' | 'link' | 'listenTime' | 'sound'> = {
  protocol: 'UDP',
  link: { delay: 10, jitter: 20, loss: 0.2, duplication: 0.1, reordering: 0.1 },
  listenTime: 600,
  sound: 'coarse',
};
