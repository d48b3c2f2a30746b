import { copyMutators, descriptionMutators, replacementMutators } from './copy-mutators.testing.ts';
import { documentMutators, schemeMutators, securityMutators } from './document-mutators.testing.ts';
import { eventMutators, referenceMutators } from './event-mutators.testing.ts';
import { contactMutators, dialogMutators, hopMutators, sessionMutators } from './expectation-mutators.testing.ts';
import type { Mutator } from './mutator.testing.ts';
import { requestMutators, transactionMutators } from './request-mutators.testing.ts';

/** Every way to break a rule of a single message. */
export const mutators: readonly Mutator[] = [
  ...requestMutators,
  ...transactionMutators,
  ...copyMutators,
  ...descriptionMutators,
  ...replacementMutators,
  ...hopMutators,
  ...dialogMutators,
  ...contactMutators,
  ...sessionMutators,
  ...referenceMutators,
  ...eventMutators,
  ...documentMutators,
  ...securityMutators,
  ...schemeMutators,
];
