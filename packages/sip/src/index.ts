export { SwitchhookError } from './error.ts';
export type { ErrorCode } from './error.ts';
export type * from './context.ts';
export { onAbort } from './abort.ts';
export { whenKnown } from './when-known.ts';
export { SyntaxFault } from './message/fault.ts';
export { canonicalHost } from './message/host.ts';
export { headerField } from './message/header.ts';
export { wholeHeaderName } from './message/header-name.ts';
export type { HeaderInit, HeaderType } from './message/header.ts';
export { Parameters } from './message/parameters.ts';
export type { ParametersInit } from './message/parameters.ts';
export { UriHeaders } from './message/uri-headers.ts';
export { isSecure, OpaqueUri, parseUri, SipUri, TelUri } from './message/uri.ts';
export type { Uri } from './message/uri.ts';
export type { SipUriParts } from './message/sip-uri.ts';
export { NameAddr } from './message/name-addr.ts';
export type { NameAddrParts } from './message/name-addr.ts';
export {
  defaultLimits,
  MalformedMessage,
  parseMessage,
  SipMessage,
  SipRequest,
  SipResponse,
} from './message/message.ts';
export type { HeaderName, MessageLimits, RequestParts, ResponseOptions } from './message/message.ts';
export { MessageEdit } from './message/edit.ts';
export { knownMethods } from './message/methods.ts';
export { requestTargets } from './message/request-targets.ts';
export { reasonPhrase, reasonPhrases, understoodStatus } from './message/status-codes.ts';
export { Via } from './message/headers/via.ts';
export { From } from './message/headers/from.ts';
export { To } from './message/headers/to.ts';
export { Contact } from './message/headers/contact.ts';
export type { ContactValue } from './message/headers/contact.ts';
export { Route } from './message/headers/route.ts';
export { RecordRoute } from './message/headers/record-route.ts';
export { CSeq } from './message/headers/cseq.ts';
export { MaxForwards } from './message/headers/max-forwards.ts';
export { ContentLength } from './message/headers/content-length.ts';
export * from './message/header-types.ts';
export { checkRequest, proxyHeaderTypes, serverHeaderTypes } from './message/check.ts';
export { printable } from './message/printable.ts';
export { decodeUtf8, encodeUtf8 } from './message/utf8.ts';
export { BodyPart } from './message/body/body-part.ts';
export { HeaderFields } from './message/body/header-fields.ts';
export type { HeaderField } from './message/body/header-fields.ts';
export { leavesOf, partsOf, printMultipart } from './message/body/multipart.ts';
export { SipFragment } from './message/body/sipfrag.ts';
export type { FragmentStart } from './message/body/sipfrag.ts';
export { featureParameterOf, FeatureSet, featureTagOf } from './message/feature-tags.ts';
export type { FeatureFilter } from './message/feature-filter.ts';
export type * from './transport/contract.ts';
export type * from './transport/resolver.ts';
export { congestionSafe } from './transport/congestion.ts';
export { DatagramEndpoint } from './transport/datagram-endpoint.ts';
export type { DatagramEndpointOptions, DatagramSender } from './transport/datagram-endpoint.ts';
export { defaultPort } from './transport/default-port.ts';
export { canReach, hostPort, isIpv6Address, isLoopback, isUnspecified, sourceNetwork } from './transport/ip-address.ts';
export { StreamEndpoint } from './transport/stream-endpoint.ts';
export type { Connector, StreamEndpointOptions } from './transport/stream-endpoint.ts';
export { StreamFlow } from './transport/stream-flow.ts';
export type { BytePipe } from './transport/stream-flow.ts';
export { defaultStreamLimits } from './transport/stream-limits.ts';
export type { StreamLimits } from './transport/stream-limits.ts';
export { transportError } from './transport/transport-error.ts';
export { TransportLayer } from './transport/transport-layer.ts';
export type { TransportLayerOptions, TransportLayerStats, TransportUser } from './transport/transport-layer.ts';
export { portableHashes } from './auth/portable-hashes.ts';
export { digestAlgorithms, hashCredentials } from './auth/digest.ts';
export type { CredentialHashes } from './auth/digest.ts';
export type { Credentials, CredentialStore } from './auth/credential-store.ts';
export { DigestVerifier } from './auth/digest-verifier.ts';
export type {
  AuthenticationRole,
  Challenge,
  ChallengeReason,
  DigestVerifierOptions,
  Verification,
  VerificationResult,
  VerificationScope,
} from './auth/digest-verifier.ts';
export { FailureThrottle } from './auth/failure-throttle.ts';
export type { FailureThrottleOptions } from './auth/failure-throttle.ts';
export { DigestClient } from './auth/digest-client.ts';
export type { DigestClientOptions, DigestRefusal } from './auth/digest-client.ts';
export type { ServerProof, UserPassword } from './auth/digest-session.ts';
export type { Binding, ReceivedFrom } from './registrar/binding.ts';
export type { GruusOfBinding } from './registrar/gruu.ts';
export type { LocationChange, LocationChangeCause, LocationService } from './registrar/location-service.ts';
export { MemoryLocationService } from './registrar/memory-location-service.ts';
export { Registrar, registrarExtensions } from './registrar/registrar.ts';
export type { GruuResolution, RegistrarStats, RegistrarTransaction } from './registrar/registrar.ts';
export type { RegistrarFlow } from './registrar/flow-watch.ts';
export { defaultRegistrationLimits } from './registrar/registrar-options.ts';
export type { RegistrantIdentity, RegistrarOptions, RegistrationLimits } from './registrar/registrar-options.ts';
export { ClientTransaction } from './transaction/client-transaction.ts';
export type { ClientTransactionState } from './transaction/client-transaction.ts';
export type {
  ClientTransactionUser,
  ServerTransactionEnd,
  TransactionCounters,
  TransactionTransport,
  TransactionUser,
} from './transaction/contract.ts';
export { inviteClient } from './transaction/invite-client.ts';
export { inviteServer } from './transaction/invite-server.ts';
export type { Machine, Step } from './transaction/machine.ts';
export { nonInviteClient } from './transaction/non-invite-client.ts';
export { nonInviteServer } from './transaction/non-invite-server.ts';
export { ServerTransaction } from './transaction/server-transaction.ts';
export type { ServerTransactionState } from './transaction/server-transaction.ts';
export { defaultTimers } from './transaction/timers.ts';
export type { TimerValues } from './transaction/timers.ts';
export { TransactionLayer } from './transaction/transaction-layer.ts';
export type { TransactionLimits, TransactionOptions, TransactionStats } from './transaction/transaction-layer.ts';
export type {
  Acknowledgement,
  Caller,
  Capability,
  DialogEnd,
  DialogHost,
  DialogSetUser,
  DialogUsage,
  NewRequest,
  OutgoingRequest,
  RedirectPolicy,
  RequestFailure,
  RequestSender,
  RequestUser,
  SendOptions,
  UserAgentCore,
} from './dialog/contract.ts';
export { Dialog } from './dialog/dialog.ts';
export type { DialogRequestOptions, DialogResponseOptions, DialogState } from './dialog/dialog.ts';
export { DialogSet } from './dialog/dialog-set.ts';
export { DialogTable } from './dialog/dialog-table.ts';
export { responseEffect } from './dialog/response-effect.ts';
export type { ResponseEffect } from './dialog/response-effect.ts';
export { SequenceNumbers } from './dialog/sequence-numbers.ts';
export type * from './session/media.ts';
export { parseSessionDescription } from './session/session-description-parser.ts';
export { sessionDescriptionLimits } from './session/session-description.ts';
export type {
  MediaDescription,
  SessionDescription,
  SessionOrigin,
  SessionTiming,
} from './session/session-description.ts';
export { printSessionDescription } from './session/session-description-writer.ts';
export { PassedOnMedia } from './session/passed-on-media.ts';
export { StreamNegotiation } from './session/stream-negotiation.ts';
export { incomingInviteMachine } from './session/incoming-invite-machine.ts';
export { modificationMachine } from './session/modification-machine.ts';
export { outgoingInviteMachine } from './session/outgoing-invite-machine.ts';
export { sessionMachine } from './session/session-machine.ts';
export { silenceMachine } from './session/silence-machine.ts';
export { IncomingInvite } from './session/incoming-invite.ts';
export type { RejectParts } from './session/incoming-invite.ts';
export type { ProgressParts } from './session/initial-exchange.ts';
export { joinOf, replacesOf } from './session/dialog-claim.ts';
export type { AddressedConference, ClaimAuthority, DialogClaim } from './session/dialog-claim.ts';
export { endedDialogsKept } from './session/ended-dialogs.ts';
export { InviteSession } from './session/invite-session.ts';
export type { InfoParts } from './session/session-info.ts';
export { defaultSessionOptions, InviteSessions } from './session/invite-sessions.ts';
export type { InviteSessionsStats, InviteSessionsUser } from './session/invite-sessions.ts';
export { OutgoingInvite } from './session/outgoing-invite.ts';
export type { InviteParts } from './session/invite-parts.ts';
export { refusalCause } from './session/refusal-cause.ts';
export type {
  AcceptOutcome,
  IncomingInviteEnd,
  IncomingInviteEvent,
  InviteFailure,
  InviteOutcome,
  ModificationOutcome,
  OutgoingInviteEvent,
  RefusalCause,
  ReliableProvisionals,
  SessionEnd,
  SessionEvent,
  SessionInfo,
  SessionOptions,
} from './session/session-contract.ts';
export type * from './event/event-package.ts';
export { messageSummary, parseMessageSummary, printMessageSummary } from './event/packages/message-summary.ts';
export type { MessageCount, MessageSummary } from './event/packages/message-summary.ts';
export { dialogEvent } from './event/packages/dialog-event.ts';
export type { WatchedDialogs } from './event/packages/dialog-event.ts';
export { parseDialogInformation, printDialogInformation } from './event/packages/dialog-info.ts';
export type {
  DialogIdentity,
  DialogInformation,
  DialogParticipant,
  WatchedDialog,
} from './event/packages/dialog-info.ts';
export { conferenceEvent } from './event/packages/conference-event.ts';
export type { WatchedConference } from './event/packages/conference-event.ts';
export { parseConferenceInformation, printConferenceInformation } from './event/packages/conference-info.ts';
export type {
  ConferenceEndpoint,
  ConferenceInformation,
  ConferenceMedia,
  ConferenceUser,
  UserChange,
} from './event/packages/conference-info.ts';
export { registrationEvent } from './event/packages/registration-event.ts';
export { parseRegistrationInformation, printRegistrationInformation } from './event/packages/reginfo.ts';
export type {
  ContactEvent,
  RegisteredAddress,
  RegisteredContact,
  RegistrationInformation,
  TemporaryGruu,
} from './event/packages/reginfo.ts';
export { Subscriber } from './event/subscriber.ts';
export type { AnyPackage, SubscriberStats } from './event/subscriber.ts';
export { Subscription } from './event/subscription.ts';
export type { SubscribeOptions, SubscriptionStatus } from './event/subscription.ts';
export type { SubscriptionEnd } from './event/subscription-end.ts';
export { subscriberMachine } from './event/subscriber-machine.ts';
export { subscriptionMachine } from './event/subscription-machine.ts';
export { Notifier } from './event/notifier.ts';
export { defaultNotifierLimits } from './event/notifier-contract.ts';
export type {
  Authorization,
  NotifierLimits,
  NotifierOptions,
  NotifierStats,
  SubscriptionRequest,
} from './event/notifier-contract.ts';
export { NotifierSubscription } from './event/notifier-subscription.ts';
export type { SubscriptionParts, TerminationReason } from './event/notifier-subscription.ts';
export { notifierMachine } from './event/notifier-machine.ts';
export { notificationPace } from './event/notification-pace.ts';
export { dialogElementOf } from './agent/dialog-element.ts';
export type { DialogElement } from './agent/dialog-element.ts';
export { DialogStatePublisher } from './agent/dialog-state-publisher.ts';
export type { DialogStatePublisherOptions, WatcherRights } from './agent/dialog-state-publisher.ts';
export { dialogStateMachine } from './agent/dialog-state.ts';
export { referEvent, referredDialogOf } from './event/packages/refer.ts';
export type { ReferenceStatus, ReferredDialog } from './event/packages/refer.ts';
export { IncomingReferral } from './agent/incoming-referral.ts';
export type { RefusalParts } from './agent/incoming-referral.ts';
export { incomingReferralMachine } from './agent/incoming-referral-machine.ts';
export { OutgoingReferral } from './agent/outgoing-referral.ts';
export { outgoingReferralMachine } from './agent/outgoing-referral-machine.ts';
export { isUnrecognised, outsideOf, referenceOfUri, referTo, targetDialogOf } from './agent/reference.ts';
export type { OutsideReferral } from './agent/reference.ts';
export type * from './agent/referral-contract.ts';
export { Referrals } from './agent/referrals.ts';
export type { ReferralsOptions, ReferralsStats, ReferralsUser } from './agent/referrals.ts';
export { InstantMessages } from './agent/instant-messages.ts';
export type { InstantMessage, InstantMessagesOptions, MessageOptions } from './agent/instant-messages.ts';
export { Registration } from './agent/registration.ts';
export { defaultFlowRecoveryTimes } from './agent/registration-options.ts';
export type {
  FlowRecoveryTimes,
  RegistrationFailure,
  RegistrationOptions,
  RegistrationState,
} from './agent/registration-options.ts';
export { registrationFlow } from './agent/registration-machine.ts';
export { UserAgent } from './agent/user-agent.ts';
export type { UserAgentStats } from './agent/user-agent.ts';
export { defaultUserAgentLimits } from './agent/user-agent-options.ts';
export type { UserAgentLimits, UserAgentOptions } from './agent/user-agent-options.ts';
export { Proxy } from './proxy/proxy.ts';
export type { ProxyStats } from './proxy/proxy.ts';
export type { ProxyOptions } from './proxy/environment.ts';
export type * from './proxy/call-plan.ts';
export type * from './proxy/layers.ts';
