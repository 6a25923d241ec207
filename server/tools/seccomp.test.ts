/** Runs the filter as the kernel would, for both processors; sandbox.test.ts proves that the kernel agrees. */
import { describe, expect, test } from "vitest";
import { seccompFilter } from "./seccomp.ts";

interface Call {
  arch: number;
  nr: number;
  arg0?: number;
}

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;

/** The few instructions of classic BPF that the filter uses, by their definition in linux/filter.h. */
function answer(filter: Buffer, call: Call): number {
  const words = new Map([
    [0, call.nr],
    [4, call.arch],
    [16, call.arg0 ?? 0],
  ]);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const code = filter.readUInt16LE(at * 8);
    const value = filter.readUInt32LE(at * 8 + 4);
    const jump = (taken: boolean): number => filter.readUInt8(at * 8 + (taken ? 2 : 3));
    if (code === 0x06) return value;
    if (code === 0x20) accumulator = words.get(value) ?? Number.NaN;
    else if (code === 0x15) at += jump(accumulator === value);
    else if (code === 0x35) at += jump(accumulator >= value);
    else if (code === 0x45) at += jump((accumulator & value) !== 0);
    else throw new Error(`unknown instruction ${code}`);
  }
  throw new Error("the program does not end with an answer");
}

const PROCESSORS = {
  x64: { arch: 0xc000003e, read: 0, execve: 59, unshare: 272, mount: 165, keyctl: 250, bpf: 321, clone: 56, socket: 41 },
  arm64: { arch: 0xc00000b7, read: 63, execve: 221, unshare: 97, mount: 40, keyctl: 219, bpf: 280, clone: 220, socket: 198 },
};

describe.each(["x64", "arm64"] as const)("%s", (name) => {
  const { arch, ...numbers } = PROCESSORS[name];
  const filter = seccompFilter(name) ?? Buffer.alloc(0);
  const asked = (nr: number, arg0?: number) => answer(filter, { arch, nr, arg0 });

  test("ordinary calls are allowed", () => {
    for (const nr of [numbers.read, numbers.execve]) expect(asked(nr)).toBe(ALLOW);
    expect(asked(numbers.clone, 0x01200011)).toBe(ALLOW); // fork
    expect(asked(numbers.clone, 0x003d0f00)).toBe(ALLOW); // a thread
    expect(asked(numbers.socket, 1)).toBe(ALLOW); // AF_UNIX
  });

  test("namespaces, mounts, key rings and vsock are refused", () => {
    for (const nr of [numbers.unshare, numbers.mount, numbers.keyctl, numbers.bpf]) expect(asked(nr)).toBe(EPERM);
    expect(asked(numbers.clone, 0x10000011)).toBe(EPERM); // CLONE_NEWUSER
    expect(asked(numbers.clone, 0x40000011)).toBe(EPERM); // CLONE_NEWNET
    expect(asked(numbers.socket, 40)).toBe(EPERM);
    expect(asked(435)).toBe(ENOSYS); // clone3: libraries then use clone
  });

  test("calls of another processor's kind are refused", () => {
    expect(answer(filter, { arch: 0x40000003, nr: numbers.read })).toBe(EPERM); // i386
    if (name === "x64") expect(asked(0x40000000 + numbers.read)).toBe(ENOSYS); // x32
  });
});

test("a processor whose numbers are unknown gets no filter rather than a wrong one", () => {
  expect(seccompFilter("riscv64")).toBeUndefined();
});
