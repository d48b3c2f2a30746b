export { findFlow, messageOf, readOracle } from './oracle/oracle.ts';
export { withTeardownBy } from './oracle/teardown.ts';
export type { Oracle } from './oracle/oracle.ts';
export type {
  CoverageStatement,
  Erratum,
  FlowDescription,
  FlowDialog,
  FlowElement,
  FlowMedia,
  FlowMessage,
  FlowNegative,
  Rule,
  RuleId,
  Strength,
  Tolerance,
} from './oracle/flow-schema.ts';
export type { Expectation } from './oracle/expectation-schema.ts';
export { saidMessage } from './conversation/conversation.ts';
export type {
  Conversation,
  HeardInterval,
  Participant,
  RtpInterval,
  SaidMessage,
} from './conversation/conversation.ts';
export { Recorder } from './conversation/recorder.ts';
export { checkFlow } from './checker/check.ts';
export type { Finding, Report, Tolerated } from './checker/finding.ts';
export { printFinding, printReport } from './checker/print-report.ts';
export { drawReport } from './ladder/flow-ladder.ts';
