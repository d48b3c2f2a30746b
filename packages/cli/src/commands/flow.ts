import { badNetwork, flowScripts, printReport, simulateFlow } from '@switchhook/flows';
import { exitCodes, UsageError } from '../command.ts';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../arguments.ts';

const options = {
  help: { type: 'boolean', short: 'h' },
  transport: { type: 'string' },
  seed: { type: 'string' },
  'bad-network': { type: 'boolean' },
} as const;

const protocols = { udp: 'UDP', tcp: 'TCP', tls: 'TLS' } as const;

/** `switchhook flow SECTION` */
export const flow: Command = {
  help: `Usage: switchhook flow [--transport NAME] [--bad-network] [--seed NUMBER] SECTION

Plays a flow of RFC 5359 with real phones and the real exchange on a network that is made up, holds every message
and all that is heard against the RFC, and draws the ladder. SECTION is one of ${flowScripts.map((each) => each.flow).join(', ')}.

      --transport NAME  tls (default, with sips as in the RFC), tcp or udp
      --bad-network     loses every fifth datagram, doubles and reorders others; over UDP
      --seed NUMBER     another story on the same network; the same number tells the same story (default 1)

Exit code 0 when all is as it should be, 1 when not.
`,
  async run(parameters, terminal) {
    const { values, positionals } = parseCommandLine(parameters, options);
    if (values.help === true) {
      terminal.print(this.help);
      return exitCodes.done;
    }
    const [section, ...more] = positionals;
    const script = flowScripts.find((each) => each.flow === section);
    if (script === undefined || more.length > 0) {
      throw new UsageError(`name one section: ${flowScripts.map((each) => each.flow).join(' or ')}`);
    }
    const { transport = 'tls', seed = '1', 'bad-network': isBad = false } = values;
    if (!Object.hasOwn(protocols, transport)) throw new UsageError('--transport is udp, tcp or tls');
    if (!/^\d+$/.test(seed)) throw new UsageError('--seed is a number');
    const protocol = protocols[transport as keyof typeof protocols];
    const played = await simulateFlow(script, { protocol, ...(isBad ? badNetwork : {}), seed: Number(seed) });
    terminal.print(printReport(played.report));
    for (const what of played.leftOvers) terminal.complain(`switchhook flow: left over: ${what}\n`);
    if (played.error !== undefined) {
      terminal.complain(`switchhook flow: not played to the end: ${played.error.message}\n`);
    }
    const isRight = played.error === undefined && played.leftOvers.length === 0 && played.report.passed;
    return isRight ? exitCodes.done : exitCodes.failed;
  },
};
