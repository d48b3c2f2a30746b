import { readOracle } from '../oracle/oracle.ts';
import type { Erratum, FlowDescription } from '../oracle/flow-schema.ts';
import { printedConversation } from './rfc-conversation.ts';
import type { RfcFault } from './rfc-fault.ts';
import { strictDocumentRules } from './strict-document-rules.ts';
import { strictMessageRules } from './strict-message-rules.ts';
import type { StrictRule } from './strict-rule.ts';
import { strictServiceRules } from './strict-service-rules.ts';

/** Beside what a checker of conversations asks for. */
export const strictRules: Readonly<Record<string, StrictRule>> = {
  ...strictMessageRules,
  ...strictServiceRules,
  ...strictDocumentRules,
};

/** Holds what RFC 5359 prints for a flow against the rules that only a document is held to. */
export function strictFindings(flow: FlowDescription): readonly RfcFault[] {
  const { messages } = printedConversation(flow);
  return flow.messages.flatMap((expected, place) => {
    const said = messages[place];
    const message = said?.message;
    if (said === undefined || message === undefined) return [];
    const printed = { flow, expected, said, message, earlier: messages.slice(0, place) };
    return Object.entries(strictRules).flatMap(([rule, { sentence, reference, errata, check }]) =>
      [...check(printed)].map(({ expected: wanted, found }): RfcFault => {
        const parts = { rule, key: rule, expected: wanted, found, sentence, reference, coverage: [], said };
        return {
          finding: { flow: flow.id, message: expected.f, strength: 'should', ...parts },
          erratum: erratumAt(errata, flow.id, expected.f),
        };
      }),
    );
  });
}

/** Which of some errata is about a message, or else about its flow. */
function erratumAt(ids: readonly string[], flow: string, f: string): Erratum | undefined {
  const errata = readOracle().errata.filter(({ id }) => ids.includes(id));
  const places = ({ where }: Erratum): readonly string[] => (typeof where === 'string' ? [f] : (where[flow] ?? []));
  return errata.find((each) => places(each).includes(f)) ?? errata.find((each) => places(each).length > 0);
}
