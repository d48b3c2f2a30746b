/**
 * Drives a baresip through its control port (module ctrl_tcp, at 127.0.0.1:4444 or BARESIP_CONTROL), for
 * `switchhook flow SECTION --as ROLE=URI --hook 'node docs/examples/baresip-hook.ts'`.
 */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** As much of a step as this needs. */
interface Step {
  readonly action: string;
  readonly other?: { readonly addressOfRecord: string };
  readonly target?: { readonly addressOfRecord: string };
  readonly account: {
    readonly addressOfRecord: string;
    readonly user: string;
    readonly password: string;
    readonly proxy?: string;
  };
}

/** What baresip is told for a step, command and parameters each; nothing where it does by itself what is wanted. */
function commandsFor({ action, other, target, account }: Step): readonly (readonly [string, string])[] {
  const { addressOfRecord, user, password, proxy } = account;
  const registration = proxy === undefined ? 'regint=0' : `outbound="${proxy}";regint=600`;
  switch (action) {
    case 'prepare':
      return [['uanew', `<${addressOfRecord}>;auth_user=${user};auth_pass=${password};${registration}`]];
    case 'call':
      return [['dial', other?.addressOfRecord ?? '']];
    case 'answer':
      return [['accept', '']];
    case 'hold':
      return [['hold', '']];
    case 'resume':
      return [['resume', '']];
    case 'hang-up':
      return [['hangup', '']];
    case 'transfer':
      return [['transfer', target?.addressOfRecord ?? '']];
    case 'let-ring':
    case 'finish':
      return [];
    default:
      throw new Error(`baresip cannot ${action}`);
  }
}

/** Gives one command, as a netstring, and waits for its answer. */
async function command(name: string, params: string): Promise<void> {
  const [host = '', port = ''] = (process.env['BARESIP_CONTROL'] ?? '127.0.0.1:4444').split(':');
  const socket = connect(Number(port), host);
  const request = JSON.stringify({ command: name, params, token: 'hook' });
  socket.write(`${request.length}:${request},`);
  let received = '';
  for await (const chunk of socket) {
    received += String(chunk);
    // Events come over the same connection.
    const answer = /\{[^{}]*"response":true[^{}]*\}/.exec(received)?.[0];
    if (answer === undefined) continue;
    socket.destroy();
    if (!answer.includes('"ok":true')) throw new Error(`baresip refused ${name} ${params}: ${answer}`);
    return;
  }
}

const step = JSON.parse(await text(process.stdin)) as Step;
for (const [name, params] of commandsFor(step)) await command(name, params);
