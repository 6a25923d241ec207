/**
 * A system call filter for commands in the sandbox, as bytes of classic BPF.
 *
 * It closes what namespaces leave open: new user namespaces (where a command would be root again, with much more of the kernel
 * within reach), kernel key rings and logs (not separated by namespaces), and vsock, a network that the network namespace
 * does not separate. Refused calls answer an error instead of killing, so programs that merely try go on.
 */

type Architecture = "x64" | "arm64";

/** From the kernel's audit.h: the filter must know whose numbers it reads. */
const AUDIT_ARCH: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Refused with EPERM: [x64, arm64] numbers from the kernel's tables. */
const DENIED: Record<string, readonly [number, number]> = {
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  syslog: [103, 116],
  open_by_handle_at: [304, 265],
};

const CLONE: Record<Architecture, number> = { x64: 56, arm64: 220 };
const CLONE3 = 435;
const SOCKET: Record<Architecture, number> = { x64: 41, arm64: 198 };
const AF_VSOCK = 40;
/** CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET */
const CLONE_NAMESPACES = 0x7e020000;
/** Marks the x32 variant of a call on x86-64, which would slip past the numbers above. */
const X32_BIT = 0x40000000;

const EPERM = 1;
const ENOSYS = 38;

// struct seccomp_data { int nr; u32 arch; u64 instruction_pointer; u64 args[6]; }, little endian
const OFFSET_NR = 0;
const OFFSET_ARCH = 4;
const OFFSET_ARG0_LOW = 16;

const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_GREATER_EQUAL = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const JUMP_ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

const ALLOW = 0x7fff0000;
const errno = (code: number): number => 0x00050000 | code;

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, value: number];

/** The filter for a processor, undefined for one whose numbers are not known here. */
export function seccompFilter(architecture: string): Buffer | undefined {
  if (architecture !== "x64" && architecture !== "arm64") return undefined;
  const column = architecture === "x64" ? 0 : 1;
  const program: Instruction[] = [
    [LOAD, 0, 0, OFFSET_ARCH],
    ...unless(JUMP_EQUAL, AUDIT_ARCH[architecture], errno(EPERM)),
    [LOAD, 0, 0, OFFSET_NR],
    ...(architecture === "x64" ? when(JUMP_GREATER_EQUAL, X32_BIT, errno(ENOSYS)) : []),
    // The flags of clone3 are behind a pointer a filter cannot follow; libraries fall back to clone.
    ...when(JUMP_EQUAL, CLONE3, errno(ENOSYS)),
    ...Object.values(DENIED).flatMap((numbers) => when(JUMP_EQUAL, numbers[column], errno(EPERM))),
    ...whenArgument(CLONE[architecture], JUMP_ANY_BIT, CLONE_NAMESPACES),
    ...whenArgument(SOCKET[architecture], JUMP_EQUAL, AF_VSOCK),
    [RETURN, 0, 0, ALLOW],
  ];
  return assemble(program);
}

function when(jump: number, value: number, answer: number): Instruction[] {
  return [
    [jump, 0, 1, value],
    [RETURN, 0, 0, answer],
  ];
}

function unless(jump: number, value: number, answer: number): Instruction[] {
  return [
    [jump, 1, 0, value],
    [RETURN, 0, 0, answer],
  ];
}

/** For one call: refused when its first argument matches, allowed otherwise. */
function whenArgument(call: number, jump: number, value: number): Instruction[] {
  return [[JUMP_EQUAL, 0, 4, call], [LOAD, 0, 0, OFFSET_ARG0_LOW], ...when(jump, value, errno(EPERM)), [RETURN, 0, 0, ALLOW]];
}

function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, jumpTrue, jumpFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jumpTrue, index * 8 + 2);
    bytes.writeUInt8(jumpFalse, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  }
  return bytes;
}
