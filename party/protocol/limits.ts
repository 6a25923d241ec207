/**
 * Every limit of the rooms and of the wire, with its unit and its reason. The docs print this table.
 * Sources: docs/architecture.md and the measurements behind docs/decisions/001-rooms-on-workerd.md.
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Version of the frames. A client of another version is closed with 4426. */
export const PROTOCOL_VERSION = 1;

export const LIMITS = {
  /** bytes; a larger frame of a client is answered with close 1009 */
  clientFrameBytes: 64 * KIB,
  /** bytes; feeder and link frames may carry tool output and journal entries */
  internalFrameBytes: 256 * KIB,
  /** frames; a client's burst above this within floodWindowMs is closed with 1008 */
  floodFrames: 600,
  floodWindowMs: 10 * SECOND,
  /** bytes of one batch of events in a frame */
  eventsFrameBytes: 100_000,
  /** bytes per turn of a catch-up; the client asks for the next page with `more` */
  catchUpPageBytes: 512 * KIB,
  /** bytes; a longer tail is answered with `reset` */
  catchUpMaxBytes: 8 * MIB,
  /** bytes a viewer has not read: live frames stop */
  lagLiveBytes: 1 * MIB,
  /** bytes a viewer has not read: closed with 4408 */
  lagCloseBytes: 8 * MIB,
  /** ms without progress while lagging: closed with 4408 */
  lagCloseMs: 10 * SECOND,
  /** bytes of one stored value; PartyKit's own limit is 128 KiB */
  valueBytes: 100_000,
  /** bytes of the open chunk of the log; small, because it is rewritten with each append */
  tailChunkBytes: 16_000,
  /** strings longer than this (UTF-8 bytes) in an event become {head, bytes, ref} */
  inlineStringBytes: 16_000,
  /** bytes of a tool's output shown inline */
  inlineOutputBytes: 8 * KIB,
  /** characters kept in the event in front of a reference */
  refHeadChars: 2_000,
  /** events and bytes a room keeps; older ones are in the archive */
  keepEvents: 10_000,
  keepMs: 24 * HOUR,
  keepBytes: 64 * MIB,
  /** bytes of log after the stored snapshot before a new snapshot is written */
  snapshotEveryBytes: 256 * KIB,
  /** ms; deltas of the model are merged into one frame per window */
  deltaWindowMs: 33,
  /** ms; presence diffs are merged */
  presenceWindowMs: 150,
  /** ms a person without any socket still counts as here: a reload is not a goodbye */
  presenceGraceMs: 2 * SECOND,
  /** ms; a command id answers the same for this long */
  commandDedupeMs: 24 * HOUR,
  /** ms; a ticket is used once within */
  ticketMs: 30 * SECOND,
  /** ms; three missed renewals */
  leaseTtlMs: 20 * SECOND,
  leaseRenewMs: 5 * SECOND,
  /** ms an alarm may be late on a busy machine; a lease overdue by more was not watched */
  alarmSlackMs: 10 * SECOND,
  /** ms without renewal after which the runner stops itself, below the TTL */
  leaseSelfStopMs: 15 * SECOND,
  /** attempts a run may lose before it ends as `interrupted` */
  runAttempts: 3,
  /** ms the room waits before it asks for a runner again */
  dispatchRetryMs: 1 * SECOND,
  /** ms after an unanswered dispatch before another one is made */
  dispatchTimeoutMs: 10 * SECOND,
  /** finished runs in a snapshot; the rest by REST */
  snapshotRuns: 50,
  /** messages in a snapshot */
  snapshotMessages: 200,
  /** files of one message; a person reads no more at a glance */
  attachments: 10,
  /** agents that may answer in one conversation */
  sessionAgents: 10,
  /** people a private conversation may name */
  sessionPeople: 50,
  /** what a wake tells of the conversation before it: messages, and bytes of their text */
  historyMessages: 40,
  historyBytes: 24 * KIB,
  /** entries of the activity strip a company room keeps */
  snapshotActivity: 100,
  /** settled approvals and questions a company room keeps beside the open ones */
  snapshotSettled: 50,
  /** ms between archive posts while events flow */
  archiveEveryMs: 200,
  archiveBatchEvents: 500,
  /** bytes of one archive post */
  archiveBatchBytes: 1 * MIB,
  /** ms; back-off of the outbox and the archive */
  retryMinMs: 250,
  retryMaxMs: 30 * SECOND,
  /** ms; shorter, so that a full disk that was freed is noticed within 10 s */
  archiveRetryMaxMs: 5 * SECOND,
  /** ms; default life of an approval that parks */
  approvalParkMs: 7 * 24 * HOUR,
  /** ms; approvals of risk spend and destroy */
  approvalShortMs: 15 * MINUTE,
  /** ms after an ask at which it is said again that it waits: the same half day, the next day, before a week is over */
  remindAfterMs: [4 * HOUR, 24 * HOUR, 72 * HOUR],
  /** ms before it expires, for the last time */
  remindBeforeExpiryMs: 1 * HOUR,
  /** ms a decision may wait before it counts, so that it can be taken back */
  decisionGraceMs: 10 * SECOND,
  /** days a remembered pattern may count; after a quarter of a year nobody remembers it */
  patternDays: 90,
  /** remembered patterns of a company: all of them are in every snapshot of its room */
  patterns: 100,
  /** bytes of one pattern as JSON */
  patternBytes: 4_000,
  /** wakes nobody made, same agent, subject and reason, within the window: parked */
  loopWakes: 5,
  loopWindowMs: 10 * MINUTE,
  /** identical tool calls in a row */
  loopCalls: 5,
  /** bytes of what a person may type into a wake, a steer or a message */
  textBytes: 48 * KIB,
  /** runs waiting in one agent's queue */
  queueLength: 200,
  /** turns, ms of running time, parallel tool calls of one run */
  runTurns: 100,
  runMs: 2 * HOUR,
  runParallelTools: 5,
} as const;

/** Close codes of a room's socket; 44xx are ours. */
export const CLOSE = {
  done: 1000,
  policy: 1008,
  tooBig: 1009,
  restarting: 1012,
  ticket: 4401,
  rights: 4403,
  lagging: 4408,
  upgrade: 4426,
} as const;
