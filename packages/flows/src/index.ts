export { flow } from './suite/flow.ts';
export type { FlowOptions } from './suite/flow.ts';
export { check } from './suite/check.ts';
export { FlowError } from './suite/flow-error.ts';
export type { FlowErrorCode } from './suite/flow-error.ts';
export type { RecordedMessage, RecordedParticipant, Recording } from './suite/check.ts';
export type { FlowVerdict, MessageVerdict } from './suite/verdict.ts';
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
export { examined } from './checker/examined.ts';
export type { Examined } from './checker/examined.ts';
export { printConclusion, printFinding, printReport, printTitle } from './checker/print-report.ts';
export { lintRfc } from './lint/lint-rfc.ts';
export type { RfcLint } from './lint/lint-rfc.ts';
export type { RfcFault } from './lint/rfc-fault.ts';
export { printLint } from './lint/print-lint.ts';
export { printReportDocument, writeReport } from './report/write-report.ts';
export { reportDocument } from './report/report-document.ts';
export type { ReportedPlay } from './report/report-document.ts';
export { reportJsonSchema, reportSchema } from './report/report-schema.ts';
export type { ReportDocument } from './report/report-schema.ts';
export { ladderSvg } from './report/ladder-svg.ts';
export { explainFlow } from './explain/explain-flow.ts';
export { explainMessage } from './explain/explain-message.ts';
export { drawReport } from './ladder/flow-ladder.ts';
export { LiveLadder } from './ladder/live-ladder.ts';
export type { FlowParty, FlowPhone, FlowScript, Stage } from './flow/flow-script.ts';
export { flowScripts } from './flow/flow-scripts.ts';
export { Person } from './stage/person.ts';
export { Ear, Voice } from './stage/voice.ts';
export { WatchedNetwork } from './stage/watched-network.ts';
export { FlowInterruption } from './stage/played.ts';
export type { Played, PlayedFlow } from './stage/played.ts';
export { playFlow } from './real/play-flow.ts';
export { realProtocols } from './real/sockets.ts';
export type { RealProtocol } from './real/sockets.ts';
export type { RealOptions } from './real/play-flow.ts';
export { CastingError } from './real/outsiders.ts';
export { printVerdict, toldBy, verdictOn } from './guest/verdict.ts';
export type { DeviceVerdict } from './guest/verdict.ts';
export type { Action, Director, GuestAccount, Step } from './guest/step.ts';
export { SimulatedStage } from './simulation/simulated-stage.ts';
export type { SimulationOptions } from './simulation/simulation-options.ts';
export { simulateFlow } from './simulation/simulate-flow.ts';
export { badNetwork } from './simulation/bad-network.ts';
export { runCampaign } from './simulation/campaign.ts';
export type { CampaignPart } from './simulation/campaign.ts';
export type { CampaignOptions } from './simulation/campaign.ts';
export { readMisfortunes } from './simulation/misfortune-text.ts';
export { problemsOf } from './simulation/problems.ts';
export { endure } from './simulation/endurance.ts';
export type { Breakdown, EnduranceOptions } from './simulation/endurance.ts';
export { readCrash } from './simulation/crash.ts';
export type { Crash } from './simulation/crash.ts';
