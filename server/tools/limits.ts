/** Limits of the native tools, with unit and reason. The docs print this table. */

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const SECOND = 1_000;

export const TOOL_LIMITS = {
  /** characters of one tool's output that reach the model: about 12,000 tokens */
  outputChars: 50_000,
  /** bytes a command may write before it is killed: enough for a noisy build, far below what would hurt the runner */
  commandOutputBytes: 16 * MIB,
  /** ms a command may run when it does not say */
  commandMs: 60 * SECOND,
  /** ms a command may ask for */
  commandMaxMs: 600 * SECOND,
  /** ms a search may take; a pattern that backtracks for ever is cut here */
  searchMs: 20 * SECOND,
  /** bytes of one command: the kernel takes 128 KiB per argument */
  commandBytes: 96 * KIB,
  /** bytes of all variables of a run, for the same reason */
  environmentBytes: 96 * KIB,
  /** ms between two pieces of live output: ten a second is as fast as people read */
  progressMs: 100,
  /** characters of one piece of live output; the full text comes with the result */
  progressChars: 4_000,
  /** bytes of a file that read_file, edit_file and write_file handle */
  fileBytes: 2 * MIB,
  /** characters of a search pattern */
  patternChars: 500,
  /** lines search_files answers */
  searchMatches: 200,
  /** bytes of a matching line that are shown */
  searchLineBytes: 400,
  /** entries list_files answers */
  listEntries: 1_000,
  /** folders below the listed one */
  listDepth: 8,
  /** entries of a workspace that are looked at before and after a command, to see what it changed */
  watchedEntries: 20_000,
  /** bytes of a PDF that read_file opens */
  pdfBytes: 64 * MIB,
  /** ms reading a PDF may take */
  pdfMs: 30 * SECOND,
  /** bytes of memory reading a PDF may take: a 40 MB PDF needs a quarter */
  pdfMemoryBytes: 512 * MIB,
  /** bytes of one name and of a whole path: NAME_MAX and PATH_MAX of Linux */
  nameBytes: 255,
  pathBytes: 4_095,
} as const;

/** What one command may take from the machine, set with prlimit just before it starts. */
export const PROCESS_LIMITS = {
  /** processes and threads of the agent's user: a parallel build fits, a fork bomb does not */
  processes: 256,
  /** bytes of one file */
  fileBytes: 1 * GIB,
  /**
   * bytes of private writable memory of one process. Not the address space: V8, Go and Java
   * reserve tens of gigabytes they never touch.
   */
  dataBytes: 4 * GIB,
  /** seconds of processor time of one process: the longest command on one core */
  cpuSeconds: 600,
  /** open files of one process */
  openFiles: 1_024,
  /** bytes of each private tmpfs (/tmp, the home folder): they are memory */
  tmpBytes: 256 * MIB,
  /** bytes of /dev/shm */
  shmBytes: 64 * MIB,
  /** added to the niceness, so that rooms, api and runner stay quick while a command burns the processor */
  niceness: 10,
  /** the kernel's out-of-memory killer takes commands first */
  oomScore: 1_000,
} as const;
