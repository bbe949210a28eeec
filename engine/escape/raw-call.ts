/** Numbers of system calls on x86-64 and arm64 (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h). */
const NUMBERS = {
  add_key: [248, 217],
  bpf: [321, 280],
  clone: [56, 220],
  clone3: [435, 435],
  exit_group: [231, 94],
  finit_module: [313, 273],
  fsopen: [430, 430],
  inotify_init1: [294, 26],
  io_setup: [206, 0],
  io_uring_setup: [425, 425],
  kexec_load: [246, 104],
  modify_ldt: [154, -1],
  mount: [165, 40],
  mount_setattr: [442, 442],
  name_to_handle_at: [303, 264],
  open_tree: [428, 428],
  perf_event_open: [298, 241],
  pivot_root: [155, 41],
  ptrace: [101, 117],
  setns: [308, 268],
  settimeofday: [164, 170],
  sethostname: [170, 161],
  socket: [41, 198],
  socketpair: [53, 199],
  syslog: [103, 116],
  umount2: [166, 39],
  unshare: [272, 97],
  userfaultfd: [323, 282],
} satisfies Record<string, [number, number]>;

export type Call = keyof typeof NUMBERS;

export const numberOf = (name: Call): number => NUMBERS[name][process.arch === 'arm64' ? 1 : 0] ?? -1;

/** A Perl program as a shell command. It must hold no single quotes. Debian's base has Perl and no compiler. */
export const perl = (program: string): string => `perl -MPOSIX=_exit -MSocket -e '${program}'`;

/** Makes one system call with Perl expressions as arguments and fails with the kernel's reason. `before`: statements. */
export function raw(name: Call, args: (string | number)[], before = ''): string {
  const statements = [before];
  // Perl hands literals over only from variables: the kernel might write there.
  const list = args.map((argument, index) => {
    if (!String(argument).startsWith('"')) return argument;
    statements.push(`$v${index} = ${argument}`);
    return `$v${index}`;
  });
  const call = `$r = syscall(${[numberOf(name), ...list].join(', ')})`;
  return perl([...statements, call, '$r >= 0 or die "$!\\n"', `syscall(${numberOf('exit_group')}, 0)`].join('; '));
}
