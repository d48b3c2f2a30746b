import { flowScripts } from '@switchhook/flows';
import { commandOf, refuseFurther } from '../arguments.ts';
import { explain } from '../flow/explain-message.ts';
import { flowOptions, refuseOptions, scriptOf } from '../flow/flow-arguments.ts';
import { lint } from '../flow/lint-rfc.ts';
import { listFlows } from '../flow/list-flows.ts';
import { playAll, playFlow } from '../flow/play-flows.ts';

/** `switchhook flow SECTION` */
export const flow = commandOf(
  `Usage: switchhook flow [OPTIONS] SECTION
       switchhook flow [OPTIONS] all
       switchhook flow list
       switchhook flow explain SECTION [MESSAGE]
       switchhook flow lint-rfc [--json]

Plays a flow of RFC 5359 with real phones and the real exchange on sockets of this machine, or on a network that is made
up, holds every message and all that is heard against the RFC, and draws the ladder. SECTION is one of
${flowScripts.map((each) => each.flow).join(', ')}.

  all       plays them all and sums up
  list      lists the flows of the RFC
  explain   says what happens in a flow, and the other ways that the RFC names for it; of a message (F10), what it is
            for and must carry, and how it is said here
  lint-rfc  holds the messages that the RFC prints against its own flows: its errors, and what to send instead;
            exit code 0 when exactly the known errata are found

      --transport NAME  tls (default, with sips as in the RFC), wss, ws, tcp or udp
      --ip VERSION      4 (default) or 6
      --simulate        on a network that is made up, and a clock that runs as fast as it can; so do all of these:
      --bad-network     loses every fifth datagram, doubles and reorders others; over UDP
      --loss PERCENT    loses that many datagrams, over UDP where nothing else is said
      --seed NUMBER     another story on the same network; the same number tells the same story (default 1)
      --repeat NUMBER   so many stories, from that seed on, on all processors: only that all end right is looked at
      --crash ELEMENT   that element, or any, loses its power at some moment and is started again; all others have to notice
      --misfortunes LIST  of a seed's story only what is named happens: what a campaign prints

      --without-optional  leaves out what the ladders have in parentheses
      --streams 2       every call has a second stream beside its sound

      --report DIR      writes a page for each flow, with its ladder and every message beside the RFC's; report.json,
                        junit.xml and a capture for Wireshark

Somebody else's device takes a role with --as; what has to be done at it is asked for here, or a program does it:

      --as ROLE=URI     plays that role, and is called at that address (carol=sip:carol@192.0.2.7); ROLE alone in flows
                        with a proxy, where it registers. Once for each device
      --hook COMMAND    is run for each step instead of asking: COMMAND ACTION OTHER TARGET, the step as JSON on its input
      --password TEXT   of the device; one is made up without it
      --patience SECONDS  in which a step has to be done (default 120, with a hook 30)
      --proxy HOST      somebody else's proxy or exchange instead of ours, as HOST[:PORT][;transport=NAME]
      --account ROLE=USER:PASSWORD@DOMAIN  what it knows our phone of that role by; --accounts FILE has one a line
      --listen ADDRESS  where all of ours are reached (default: loopback)

      --json            the report, or what lint-rfc finds, as JSON on standard output and nothing else there
  -h, --help            this text

Exit code 0 when all is as it should be, 1 when not.

Examples:
  switchhook flow 2.1
  switchhook flow all --report report
  switchhook flow 2.5 --loss 20% --seed 7 --repeat 1000
  switchhook flow explain 2.11 F5
  switchhook flow 2.1 --as bob
`,
  flowOptions,
  async ({ values, positionals }, terminal) => {
    const [word, ...further] = positionals;
    if (word === 'explain') {
      const [section, message, ...more] = further;
      refuseFurther(more);
      refuseOptions(word, values, []);
      return explain(section, message, terminal);
    }
    refuseFurther(further);
    if (word === 'lint-rfc') {
      refuseOptions(word, values, ['json']);
      return lint(values.json === true, terminal);
    }
    if (word === 'list') {
      refuseOptions(word, values, []);
      return listFlows(terminal);
    }
    return word === 'all' ? playAll(values, terminal) : playFlow(scriptOf(word), values, terminal);
  },
);
